/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why a route is refused, or not sent. The numbers of RS:1101:x below 100 are those of the Euro-IX
 * list that large exchanges use; what it lacks is above.
 */
#pragma once

#include <stdint.h>
#include <stdio.h>

enum cause {
	CAUSE_LONG = 1,
	CAUSE_SHORT = 2,
	CAUSE_BOGON = 3,
	CAUSE_BOGON_AS = 4,
	CAUSE_PATH_LONG = 5,
	CAUSE_PATH_EMPTY = 6,
	CAUSE_FIRST_AS = 7,
	CAUSE_NEXT_HOP = 8,
	CAUSE_IRR_PREFIX = 9,
	CAUSE_IRR_ORIGIN = 10,
	CAUSE_RPKI = 13,
	CAUSE_TRANSIT = 14,
	CAUSE_AS_SET = 101,
	CAUSE_NEVER_VIA = 102,
	CAUSE_BLACKHOLE = 103,
	CAUSE_LAN = 104,
	CAUSE_ASPA = 105,
	CAUSE_DENIED = 106,

	/* RS:1102:x, not sent to a client */
	CAUSE_OPT_OUT = 1,
	CAUSE_NOT_TO = 2,
	CAUSE_NOT_NAMED = 3,
	CAUSE_NEXT_HOP_6 = 4,
};

enum { CAUSES_IN = 1101, CAUSES_OUT = 1102 };

/* RS:1103:x, of ours alone: has control communities, an IPv6 next hop of an IPv4 route, passed as a
 * blackhole. */
enum { MARKS = 1103, MARK_CONTROL = 1, MARK_NEXT_HOP_6 = 6, MARK_BLACKHOLE = 666 };

/* Those of RS:1101:x, by an index from 0 on. */
enum { CAUSES = 18 };
unsigned cause_code(unsigned index);
const char *cause_words(unsigned index);

/* Counts each cause in BIRD's text of large communities. */
void causes_count(const char *large, uint32_t asn, uint32_t count[CAUSES]);

/*
 * The causes in BIRD's text of large communities, in words, separated by "; ", each with its
 * community in brackets; "" where there are none.
 */
void causes_print(const char *large, uint32_t asn, unsigned kind, char *to, size_t size);
