/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Routes that BIRD took for withdrawn before any policy saw them: malformed attributes (RFC 7606)
 * and leaks (RFC 9234). They are in no table; its log says of each which and why. And routes that
 * it did not send though the policy lets them pass: an UPDATE has no room for them.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

struct withdrawn;

struct withdrawn_route {
	char protocol[72];
	char prefix[64];
	char why[128];
	time_t when;
	bool unsent; /* to that session; else not taken from it */
};

struct withdrawn *withdrawn_new(void);
void withdrawn_free(struct withdrawn *withdrawn);

/* A line of BIRD's log. */
void withdrawn_heard(struct withdrawn *withdrawn, const char *line);

/* Those not taken of a prefix (NULL: all), one by one: NULL behind the last. The last 256 are kept,
 * of each session 64. */
const struct withdrawn_route *withdrawn_at(const struct withdrawn *withdrawn, const char *prefix,
					   unsigned index);

/* Those not sent to a session; prefix NULL: all. */
const struct withdrawn_route *withdrawn_unsent(const struct withdrawn *withdrawn,
					       const char *protocol, const char *prefix,
					       unsigned index);
