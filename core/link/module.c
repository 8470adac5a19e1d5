// SPDX-License-Identifier: GPL-2.0-or-later
#include "module.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/text.h"

/* SFF-8472 tables 4-1, 9-1, 9-5, 9-11; the second 256 octets are page A2h */
enum {
	SFP_VENDOR = 20,
	SFP_PART = 40,
	SFP_SERIAL = 68,
	SFP_DIAGNOSTICS = 92, /* bit 6: there; bit 4: calibrated by us */
	A2 = 256,
	SFP_RX_CALIBRATION = A2 + 56,
	SFP_BIAS_SLOPE = A2 + 76,
	SFP_TX_SLOPE = A2 + 80,
	SFP_TEMPERATURE_SLOPE = A2 + 84,
	SFP_VOLTAGE_SLOPE = A2 + 88,
	SFP_TEMPERATURE = A2 + 96,
	SFP_VOLTAGE = A2 + 98,
	SFP_BIAS = A2 + 100,
	SFP_TX_POWER = A2 + 102,
	SFP_RX_POWER = A2 + 104,
};

/* SFF-8636 tables 6-6 to 6-9 and 6-14 */
enum {
	QSFP_TEMPERATURE = 22,
	QSFP_VOLTAGE = 26,
	QSFP_RX_POWER = 34,
	QSFP_BIAS = 42,
	QSFP_TX_POWER = 50,
	QSFP_VENDOR = 148,
	QSFP_PART = 168,
	QSFP_SERIAL = 196,
};

static uint16_t get16(const uint8_t *at)
{
	return at[0] << 8 | at[1];
}

static float get_float(const uint8_t *at)
{
	uint32_t bits = (uint32_t)get16(at) << 16 | get16(at + 2);
	float value;

	memcpy(&value, &bits, sizeof(value));
	return value;
}

/* 16 characters, padded with blanks */
static void text_get(char to[17], const uint8_t *from)
{
	memcpy(to, from, 16);
	to[16] = '\0';
	for (int i = 15; i >= 0 && (to[i] == ' ' || !to[i]); i--)
		to[i] = '\0';
	text_clean(to);
}

/* SFF-8472 9.3: slope in 1/256, and an offset in the value's own units */
static double calibrated(const uint8_t *data, unsigned slope, double raw)
{
	return get16(data + slope) / 256.0 * raw + (int16_t)get16(data + slope + 2);
}

static double rx_calibrated(const uint8_t *data, double raw)
{
	double value = 0;

	for (int i = 0; i < 5; i++) /* Rx_PWR(4) first */
		value = value * raw + get_float(data + SFP_RX_CALIBRATION + 4 * i);
	return value;
}

static void sfp_diagnostics(const uint8_t *data, struct module *m)
{
	bool ours = data[SFP_DIAGNOSTICS] & 0x10;
	double temperature = (int16_t)get16(data + SFP_TEMPERATURE);
	double voltage = get16(data + SFP_VOLTAGE), bias = get16(data + SFP_BIAS);
	double tx = get16(data + SFP_TX_POWER), rx = get16(data + SFP_RX_POWER);

	if (ours) {
		temperature = calibrated(data, SFP_TEMPERATURE_SLOPE, temperature);
		voltage = calibrated(data, SFP_VOLTAGE_SLOPE, voltage);
		bias = calibrated(data, SFP_BIAS_SLOPE, bias);
		tx = calibrated(data, SFP_TX_SLOPE, tx);
		rx = rx_calibrated(data, rx);
	}
	m->diagnostics = true;
	m->temperature = temperature / 256;
	m->voltage = voltage / 10000; /* 100 uV */
	m->lanes = 1;
	m->lane[0] =
		(struct module_lane){rx / 10000, tx / 10000, bias * 2 / 1000}; /* 0.1 uW, 2 uA */
}

static int sfp_decode(const uint8_t *data, size_t size, struct module *m)
{
	if (size < 128)
		return -EINVAL;
	text_get(m->vendor, data + SFP_VENDOR);
	text_get(m->part, data + SFP_PART);
	text_get(m->serial, data + SFP_SERIAL);
	if (data[SFP_DIAGNOSTICS] & 0x40 && size >= SFP_RX_POWER + 2)
		sfp_diagnostics(data, m);
	return 0;
}

static int qsfp_decode(const uint8_t *data, size_t size, struct module *m)
{
	if (size < 256)
		return -EINVAL;
	text_get(m->vendor, data + QSFP_VENDOR);
	text_get(m->part, data + QSFP_PART);
	text_get(m->serial, data + QSFP_SERIAL);
	m->diagnostics = true;
	m->temperature = (int16_t)get16(data + QSFP_TEMPERATURE) / 256.0;
	m->voltage = get16(data + QSFP_VOLTAGE) / 10000.0;
	m->lanes = MODULE_LANES;
	for (int i = 0; i < MODULE_LANES; i++)
		m->lane[i] = (struct module_lane){
			get16(data + QSFP_RX_POWER + 2 * i) / 10000.0,
			get16(data + QSFP_TX_POWER + 2 * i) / 10000.0,
			get16(data + QSFP_BIAS + 2 * i) * 2 / 1000.0,
		};
	return 0;
}

int module_decode(unsigned kind, const uint8_t *data, size_t size, struct module *module)
{
	*module = (struct module){0};
	if (kind == ETH_MODULE_SFF_8079 || kind == ETH_MODULE_SFF_8472)
		return sfp_decode(data, size, module);
	if (kind == ETH_MODULE_SFF_8436 || kind == ETH_MODULE_SFF_8636)
		return qsfp_decode(data, size, module);
	return -EINVAL;
}

static int ask(int fd, const char *interface, void *command)
{
	struct ifreq request = {0};

	strncpy(request.ifr_name, interface, sizeof(request.ifr_name) - 1);
	request.ifr_data = command;
	return ioctl(fd, SIOCETHTOOL, &request) ? -errno : 0;
}

int module_read(const char *interface, struct module *module)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), err;
	struct ethtool_modinfo info = {.cmd = ETHTOOL_GMODULEINFO};
	mem_auto struct ethtool_eeprom *eeprom = NULL;

	if (fd < 0)
		return -errno;
	err = ask(fd, interface, &info);
	if (!err && info.eeprom_len > 4096)
		err = -EINVAL;
	if (!err) {
		eeprom = mem_zalloc(sizeof(*eeprom) + info.eeprom_len);
		eeprom->cmd = ETHTOOL_GMODULEEEPROM;
		eeprom->len = info.eeprom_len;
		err = ask(fd, interface, eeprom);
	}
	close(fd);
	return err ? err : module_decode(info.type, eeprom->data, eeprom->len, module);
}
