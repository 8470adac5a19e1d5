/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An address with its length, IPv4 or IPv6 (RFC 4632, RFC 4291). Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { PREFIX_TEXT = 52 };

struct prefix {
	int family; /* AF_INET, AF_INET6 */
	uint8_t octets[16];
	unsigned length; /* bits */
};

/* "10.66.0.0/24"; host bits stay. */
bool prefix_parse(const char *text, struct prefix *to);
void prefix_print(const struct prefix *prefix, char text[PREFIX_TEXT]);
bool prefix_overlap(const struct prefix *a, const struct prefix *b);

/* A single address. */
bool prefix_is_host(const struct prefix *prefix);

/* Host bits become zero. */
void prefix_network(struct prefix *prefix);

/* Address `number` (1 is the first) of a network; false where it has no such host. */
bool prefix_host(const struct prefix *network, unsigned number, struct prefix *host);
