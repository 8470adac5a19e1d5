/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a pluggable module says of itself: SFF-8472 (SFP) and SFF-8636 (QSFP). The decoding is pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MODULE_LANES = 4 };

struct module_lane {
	double rx_power; /* mW */
	double tx_power; /* mW */
	double bias;	 /* mA */
};

struct module {
	char vendor[17], part[17], serial[17];
	bool diagnostics;   /* the numbers below are there */
	double temperature; /* degrees Celsius */
	double voltage;	    /* V */
	unsigned lanes;
	struct module_lane lane[MODULE_LANES];
};

/* kind: ETH_MODULE_SFF_* of linux/ethtool.h. 0, or -EINVAL for what is none of them, or too short.
 */
int module_decode(unsigned kind, const uint8_t *data, size_t size, struct module *module);

/* 0, or a negative errno: -EOPNOTSUPP where there is no such thing. */
int module_read(const char *interface, struct module *module);
