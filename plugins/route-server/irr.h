/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is registered for whom: a JSON file of as-sets, each with its AS numbers and prefixes, as
 * `bgpq4` finds them in the databases (RFC 2622). Of a large file only what clients name is kept.
 *
 *	{"AS-EXAMPLE": {"asn": [64501, 64502], "prefix": ["192.0.2.0/24", "2001:db8::/32"]}}
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "services/netdev/prefix.h"

struct irr;
struct rs_client;

/* Of one or more as-sets together; sorted, each once. */
struct irr_set {
	char name[20]; /* by what is in it: "fs_0123456789abcdef" */
	uint32_t *asn;
	size_t asns;
	struct prefix *prefix[2]; /* IPv4, IPv6 */
	size_t prefixes[2];
};

struct irr *irr_new(void);
void irr_free(struct irr *irr);

/* The as-sets of a client, its own AS (printed into `own`) where it names none; NULL behind the
 * last. */
const char *irr_name_at(const struct rs_client *client, unsigned index, char own[16]);

/* Its as-sets are to be kept. */
void irr_want(struct irr *irr, const struct rs_client *client);

/* 0, or -EINVAL or why it cannot be read, with words. */
int irr_read(struct irr *irr, const char *path, char *why, size_t size);

/* What the client may announce; NULL, with words, where that is nothing: an empty list never
 * becomes one that takes all. Clients with the same as-sets share it. */
const struct irr_set *irr_set_of(struct irr *irr, const struct rs_client *client, char *why,
				 size_t size);

/* The sets that were made, one by one; NULL behind the last. */
const struct irr_set *irr_set_at(const struct irr *irr, size_t index);

/* Octets that BIRD needs for them (measured, doc/design.md). irr may be NULL. */
uint64_t irr_octets(const struct irr *irr);
