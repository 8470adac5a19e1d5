// SPDX-License-Identifier: GPL-2.0-or-later
/* Pure parts of links and copies: fault propagation, outer headers, pcapng, modules. */
#include "unit.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <stdlib.h>
#include <string.h>

#include "core/capture/pcapng.h"
#include "core/engine/outer.h"
#include "core/link/module.h"
#include "core/link/propagate.h"

/* ---- fault propagation ---- */

static const bool both[2] = {true, true}, first_lost[2] = {false, true}, none[2] = {false, false};

static void step_is(struct propagate *p, uint64_t now, const bool carrier[2],
		    enum propagate_step want, int side, uint64_t wait)
{
	int got_side = -1;
	uint64_t got_wait;

	assert_int_equal(propagate_look(p, now, carrier, &got_side, &got_wait), want);
	if (want != PROPAGATE_NOTHING)
		assert_int_equal(got_side, side);
	assert_int_equal(got_wait, wait);
}

static void test_propagate_holds_and_releases(void **state)
{
	struct propagate p = {.hold = 100, .grace = 5000};

	(void)state;
	propagate_start(&p, 1000, both, -1);
	step_is(&p, 2000, both, PROPAGATE_NOTHING, 0, 0);
	step_is(&p, 3000, first_lost, PROPAGATE_NOTHING, 0, 100);
	step_is(&p, 3050, first_lost, PROPAGATE_NOTHING, 0, 50);
	step_is(&p, 3100, first_lost, PROPAGATE_HOLD, 1, 0);
	/* the held side has no carrier either, and that is no news */
	step_is(&p, 3200, none, PROPAGATE_NOTHING, 0, 0);
	step_is(&p, 9000, (bool[2]){true, false}, PROPAGATE_NOTHING, 0, 100);
	step_is(&p, 9100, (bool[2]){true, false}, PROPAGATE_RELEASE, 1, 5000);
	/* it settles: without carrier it is no fault before the grace is over */
	step_is(&p, 9200, (bool[2]){true, false}, PROPAGATE_NOTHING, 0, 4900);
	step_is(&p, 9300, both, PROPAGATE_NOTHING, 0, 0);
}

static void test_propagate_short_fault(void **state)
{
	struct propagate p = {.hold = 100, .grace = 0};

	(void)state;
	propagate_start(&p, 0, both, -1);
	step_is(&p, 1000, first_lost, PROPAGATE_NOTHING, 0, 100);
	step_is(&p, 1090, both, PROPAGATE_NOTHING, 0, 0);
	step_is(&p, 1100, first_lost, PROPAGATE_NOTHING, 0, 100);
	step_is(&p, 1199, first_lost, PROPAGATE_NOTHING, 0, 1);
	step_is(&p, 1200, first_lost, PROPAGATE_HOLD, 1, 0);
}

static void test_propagate_start(void **state)
{
	struct propagate p = {.hold = 0, .grace = 5000};

	(void)state;
	/* no carrier at the start: the grace first */
	propagate_start(&p, 1000, first_lost, -1);
	step_is(&p, 1000, first_lost, PROPAGATE_NOTHING, 0, 5000);
	step_is(&p, 6000, first_lost, PROPAGATE_HOLD, 1, 0);
	/* an earlier supervisor held it: it stays held, and comes back at once */
	propagate_start(&p, 1000, none, 1);
	step_is(&p, 1000, none, PROPAGATE_NOTHING, 0, 0);
	step_is(&p, 1500, (bool[2]){true, false}, PROPAGATE_RELEASE, 1, 5000);
	/* both sides have a fault after the grace: one is held, the other offers its link */
	propagate_start(&p, 1000, none, -1);
	step_is(&p, 9000, none, PROPAGATE_HOLD, 1, 0);
}

/* ---- outer headers ---- */

static void test_outer(void **state)
{
	struct outer outer = {
		.family = 4,
		.source = {192, 0, 2, 1},
		.destination = {192, 0, 2, 2},
		.source_mac = {2, 0, 0, 0, 0, 1},
		.destination_mac = {2, 0, 0, 0, 0, 2},
		.dscp = 46,
		.ttl = 9,
		.dont_fragment = true,
	};
	static const uint8_t want4[34] = {2, 0, 0,    0,    0, 2, 2,   0, 0,	0, 0, 1,
					  8, 0, 0x45, 0xb8, 0, 0, 0,   0, 0x40, 0, 9, 47,
					  0, 0, 192,  0,    2, 1, 192, 0, 2,	2};
	uint8_t header[OUTER_MAX];

	(void)state;
	outer_make(&outer, header);
	assert_memory_equal(header, want4, sizeof(want4));
	outer.family = 6;
	outer_make(&outer, header);
	assert_int_equal(header[12] << 8 | header[13], 0x86dd);
	assert_int_equal(header[14], 0x6b); /* 6, upper half of DSCP 46 */
	assert_int_equal(header[15], 0x80);
	assert_int_equal(header[20], 47);
	assert_int_equal(header[21], 9);
	assert_memory_equal(header + 22, outer.source, 16);
	assert_memory_equal(header + 38, outer.destination, 16);
}

/* ---- pcapng ---- */

static uint32_t word_at(const uint8_t *block, size_t at)
{
	uint32_t value;

	memcpy(&value, block + at, sizeof(value));
	return value;
}

/* The blocks fill it exactly, each with its size at both ends. */
static unsigned blocks_count(const uint8_t *data, size_t size)
{
	unsigned count = 0;

	for (size_t at = 0; at < size; count++) {
		uint32_t length = word_at(data, at + 4);

		assert_true(length >= 12 && length % 4 == 0 && at + length <= size);
		assert_int_equal(word_at(data, at + length - 4), length);
		at += length;
	}
	return count;
}

static void test_pcapng(void **state)
{
	static uint8_t block[PCAPNG_ROOM], data[PCAPNG_FRAME_MAX];
	const char *const interface[2] = {"eth0", "a-name-of-15-oct"};
	char name[64];

	(void)state;
	memset(name, 'n', sizeof(name));
	name[63] = '\0';
	assert_int_equal(blocks_count(block, pcapng_head(block, name, interface, 100)), 3);
	for (unsigned captured = 0; captured <= sizeof(data);
	     captured += captured < 64 ? 1 : 4080) {
		struct pcapng_frame frame = {1, 0x123456789abcULL, 20000, captured, data};
		size_t size = pcapng_frame(block, &frame);

		assert_true(size <= sizeof(block));
		assert_int_equal(blocks_count(block, size), 1);
		assert_int_equal(word_at(block, 8), 1);
		assert_int_equal(word_at(block, 12), 0x1234);
		assert_int_equal(word_at(block, 16), 0x56789abc);
		assert_int_equal(word_at(block, 20), captured);
		assert_int_equal(word_at(block, 24), 20000);
	}
	assert_int_equal(blocks_count(block, pcapng_statistics(block, 0, 1, 2, 3)), 1);
}

/* ---- modules ---- */

static void set16(uint8_t *at, uint16_t value)
{
	at[0] = value >> 8;
	at[1] = value;
}

static void near_to(double value, double want)
{
	assert_true(value > want - 0.0001 && value < want + 0.0001);
}

/* SFF-8472: 25 degrees, 3.3 V, 0.5 mW out, 0.1 mW in, 20 mA */
static void sfp_make(uint8_t data[512], uint8_t diagnostics)
{
	memset(data, 0, 512);
	memcpy(data + 20, "EXAMPLE         ", 16);
	memcpy(data + 40, "SFP-1G-LX       ", 16);
	memcpy(data + 68, "A1\x07\xff            ", 16);
	data[92] = diagnostics;
	set16(data + 256 + 96, 25 * 256);
	set16(data + 256 + 98, 33000);
	set16(data + 256 + 100, 10000);
	set16(data + 256 + 102, 5000);
	set16(data + 256 + 104, 1000);
}

static void test_module_sfp(void **state)
{
	uint8_t data[512];
	struct module m;

	(void)state;
	sfp_make(data, 0x68);
	assert_int_equal(module_decode(ETH_MODULE_SFF_8472, data, sizeof(data), &m), 0);
	assert_string_equal(m.vendor, "EXAMPLE");
	assert_string_equal(m.part, "SFP-1G-LX");
	assert_string_equal(m.serial, "A1??");
	assert_true(m.diagnostics);
	assert_int_equal(m.lanes, 1);
	near_to(m.temperature, 25);
	near_to(m.voltage, 3.3);
	near_to(m.lane[0].tx_power, 0.5);
	near_to(m.lane[0].rx_power, 0.1);
	near_to(m.lane[0].bias, 20);
	set16(data + 256 + 96, (uint16_t)(-10 * 256));
	module_decode(ETH_MODULE_SFF_8472, data, sizeof(data), &m);
	near_to(m.temperature, -10);
	/* none, or a page that is not there */
	sfp_make(data, 0);
	assert_int_equal(module_decode(ETH_MODULE_SFF_8472, data, sizeof(data), &m), 0);
	assert_false(m.diagnostics);
	sfp_make(data, 0x68);
	assert_int_equal(module_decode(ETH_MODULE_SFF_8079, data, 256, &m), 0);
	assert_false(m.diagnostics);
	assert_int_equal(module_decode(ETH_MODULE_SFF_8472, data, 64, &m), -EINVAL);
	assert_int_equal(module_decode(99, data, sizeof(data), &m), -EINVAL);
}

static void test_module_sfp_calibrated(void **state)
{
	uint8_t data[512];
	struct module m;

	(void)state;
	sfp_make(data, 0x58);
	set16(data + 256 + 84, 0x0200); /* temperature: twice, and 1 degree */
	set16(data + 256 + 86, 256);
	set16(data + 256 + 88, 0x0100); /* voltage: less 0.1 V */
	set16(data + 256 + 90, (uint16_t)-1000);
	set16(data + 256 + 76, 0x0080);			/* bias: half */
	set16(data + 256 + 80, 0x0100);			/* out: as it is */
	memcpy(data + 256 + 68, "\x3f\x00\x00\x00", 4); /* in: half, and 10 */
	memcpy(data + 256 + 72, "\x41\x20\x00\x00", 4);
	assert_int_equal(module_decode(ETH_MODULE_SFF_8472, data, sizeof(data), &m), 0);
	near_to(m.temperature, 51);
	near_to(m.voltage, 3.2);
	near_to(m.lane[0].bias, 10);
	near_to(m.lane[0].tx_power, 0.5);
	near_to(m.lane[0].rx_power, 0.051);
}

static void test_module_qsfp(void **state)
{
	uint8_t data[256] = {0};
	struct module m;

	(void)state;
	memcpy(data + 148, "EXAMPLE         ", 16);
	set16(data + 22, 40 * 256);
	set16(data + 26, 33000);
	for (int i = 0; i < 4; i++) {
		set16(data + 34 + 2 * i, 1000 * (i + 1));
		set16(data + 42 + 2 * i, 3000);
		set16(data + 50 + 2 * i, 7000);
	}
	assert_int_equal(module_decode(ETH_MODULE_SFF_8636, data, sizeof(data), &m), 0);
	assert_int_equal(m.lanes, 4);
	near_to(m.temperature, 40);
	near_to(m.lane[3].rx_power, 0.4);
	near_to(m.lane[3].tx_power, 0.7);
	near_to(m.lane[0].bias, 6);
	assert_int_equal(module_decode(ETH_MODULE_SFF_8636, data, 128, &m), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_propagate_holds_and_releases),
		cmocka_unit_test(test_propagate_short_fault),
		cmocka_unit_test(test_propagate_start),
		cmocka_unit_test(test_outer),
		cmocka_unit_test(test_pcapng),
		cmocka_unit_test(test_module_sfp),
		cmocka_unit_test(test_module_sfp_calibrated),
		cmocka_unit_test(test_module_qsfp),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
