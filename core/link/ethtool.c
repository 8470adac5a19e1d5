// SPDX-License-Identifier: GPL-2.0-or-later
#include "ethtool.h"

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static int ethtool_value(const char *interface, uint32_t command, uint32_t *data)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ethtool_value value = {.cmd = command, .data = *data};
	struct ifreq request = {0};
	int err;

	if (fd < 0)
		return -1;
	strncpy(request.ifr_name, interface, sizeof(request.ifr_name) - 1);
	request.ifr_data = (void *)&value;
	err = ioctl(fd, SIOCETHTOOL, &request);
	close(fd);
	*data = value.data;
	return err;
}

static void value_set(const char *interface, uint32_t command, uint32_t data)
{
	ethtool_value(interface, command, &data);
}

static void flag_clear(const char *interface, uint32_t flag)
{
	uint32_t now = 0;

	if (!ethtool_value(interface, ETHTOOL_GFLAGS, &now) && now & flag)
		value_set(interface, ETHTOOL_SFLAGS, now & ~flag);
}

/* One at a time: the kernel refuses a change as a whole where one part of it is fixed. */
void ethtool_plain(const char *interface)
{
	flag_clear(interface, ETH_FLAG_RXVLAN);
	flag_clear(interface, ETH_FLAG_TXVLAN);
	flag_clear(interface, ETH_FLAG_LRO);
}

bool ethtool_strips_tags(const char *interface)
{
	uint32_t now = 0;

	return !ethtool_value(interface, ETHTOOL_GFLAGS, &now) && now & ETH_FLAG_RXVLAN;
}

unsigned ethtool_speed(const char *interface)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ethtool_cmd settings = {.cmd = ETHTOOL_GSET};
	struct ifreq request = {0};
	uint32_t speed = 0;

	if (fd < 0)
		return 0;
	strncpy(request.ifr_name, interface, sizeof(request.ifr_name) - 1);
	request.ifr_data = (void *)&settings;
	if (!ioctl(fd, SIOCETHTOOL, &request))
		speed = ethtool_cmd_speed(&settings);
	close(fd);
	return speed == (uint32_t)SPEED_UNKNOWN ? 0 : speed;
}

void ethtool_host(const char *interface)
{
	ethtool_plain(interface);
	value_set(interface, ETHTOOL_STSO, 0);
	value_set(interface, ETHTOOL_STXCSUM, 0);
	value_set(interface, ETHTOOL_SGRO, 1);
}
