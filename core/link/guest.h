/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guest interface: where frames for somebody else's address arrive that the module answers. A
 * pair as the host link's, "sfp0-g", with addresses that no cable sees:
 *
 *	192.0.0.2, 100:0:0:1::2   what services are redirected to, and answer from
 *	192.0.0.1, 100:0:0:1::1   a gateway that is nobody; the engine knows the way of each flow
 *
 * (RFC 7335: 192.0.0.0/29 is for use within a host; RFC 9780: 100:0:0:1::/64 is for dummies.)
 *
 * What has these sources leaves by it, and what no other route knows: a module without an address
 * of its own opens its connections from a loan.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/engine/backend.h"

struct rule_ranges;

#define GUEST_ADDRESS4 "192.0.0.2"
#define GUEST_ADDRESS6 "100:0:0:1::2"

enum {
	GUEST_TABLE = 5150,	 /* of routes */
	GUEST_RULE_FROM = 5150,	 /* priority: from its addresses */
	GUEST_RULE_LAST = 32768, /* behind the default table: what has no other way */
};

/* "sfp0-g" */
void guest_name(const char *interface, char name[16]);

/* Into ports->ifindex[LINK_GUEST]; changes nothing of one that there is. *fresh: it was not there
 * before. 0 or a negative errno. */
int guest_make(const char *interface, const uint8_t mac[6], unsigned mtu,
	       struct backend_ports *ports, bool *fresh);

/* Its MAC address, its own addresses, routes and rules. way_out: of IPv4 and IPv6, also for what
 * has no other route; answers: UDP ports for whose answers this holds. 0 or a negative errno. */
int guest_enforce(const char *interface, const uint8_t mac[6], const bool way_out[2],
		  const struct rule_ranges *answers);

/* The pair, and with it its routes. */
void guest_remove(const char *interface);

/* The rules that lead to its table, of whichever host link. */
void guest_rules_remove(void);
