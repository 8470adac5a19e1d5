/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses, routes and rules (rtnetlink). Texts are addresses and prefixes of either family. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Exactly these ("10.66.0.2/32"), up to a NULL, are on the interface afterwards; link-local ones
 * stay. 0 or a negative errno. */
int route_addresses(const char *interface, const char *const *addresses);

struct route {
	char to[52];  /* a prefix, or "" for the default route of `family` */
	int family;   /* 4 or 6; of `to` where that is not empty */
	char via[48]; /* gateway, or "" */
	char interface[16];
	uint32_t metric; /* 0: none */
};

/* Makes a table hold exactly these. Those that stay are not touched. 0 or the first error. */
int route_table(uint32_t table, const struct route *routes, unsigned count);

struct route_rule {
	int family; /* 4 or 6 */
	uint32_t priority;
	uint32_t mark;	       /* 0: any */
	char from[52], to[52]; /* "": any */
	uint32_t table;
};

/* Makes the rules of these priorities (first..last) exactly these. */
int route_rules(uint32_t first, uint32_t last, const struct route_rule *rules, unsigned count);

/* The main table's default gateway over an interface; "" where there is none. */
void route_gateway(const char *interface, int family, char via[48]);

/* The prefixes that are on the link of an interface; how many. */
unsigned route_onlink(const char *interface, struct route *to, unsigned room);
