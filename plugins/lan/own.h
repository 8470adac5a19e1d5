/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The module's own addresses at the site. */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>

struct fer_config;

struct own {
	bool known;
	struct in_addr address;
	unsigned length; /* of the prefix */
	bool known6;
	struct in6_addr address6; /* not a link-local one */
};

/* As configured, where it is static; else as it is on the interface now. */
void own_find(const struct fer_config *config, const char *interface, struct own *own);

bool own_equal(const struct own *a, const struct own *b);

bool own_network_has(const struct own *own, struct in_addr address);

/* An address, IPv4 or IPv6, of this machine or that it is about to have. */
bool own_is(const struct fer_config *config, const char *text);
