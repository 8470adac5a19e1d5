/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The Ethernet and IP header in front of an ERSPAN packet, as far as it is the same for all of a
 * session. Length, identification and checksum are zero: the engine fills them in.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "backend.h"

struct outer {
	uint8_t family;			     /* 4, 6 */
	uint8_t source[16], destination[16]; /* network byte order; IPv4: the first four */
	uint8_t source_mac[6], destination_mac[6];
	uint8_t dscp;	    /* RFC 2474 */
	uint8_t ttl;	    /* or hop limit */
	bool dont_fragment; /* IPv4 */
};

void outer_make(const struct outer *outer, uint8_t header[OUTER_MAX]);

/* Octets in front of the mirrored frame that count for the path's MTU. */
unsigned outer_overhead(unsigned version, unsigned family, bool precise);
