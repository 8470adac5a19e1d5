/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Asks IRR databases (RFC 2622) for what is registered for an as-set, by bgpq4: its AS numbers, its
 * IPv4 and its IPv6 prefixes, each in a run of its own.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct bgpq4;

struct bgpq4_question {
	const char *server;    /* HOST[:PORT] that speaks IRRd's protocol */
	const char *databases; /* "RIPE,ARIN": in this order; NULL: what the server has */
	const char *name;      /* AS-EXAMPLE, AS64501 */
	const char *folder;    /* of a file that is written meanwhile; the user `nobody` owns it */
	void (*asn)(void *arg, uint32_t asn);
	void (*prefix)(void *arg, const char *prefix);
	/* 0, or a negative errno and what it says. The question is gone afterwards. */
	void (*done)(void *arg, int err, const char *why);
	void *arg;
};

bool bgpq4_available(void);

/* NULL where it cannot be started; `done` is not called then. Texts are copied. */
struct bgpq4 *bgpq4_ask(const struct bgpq4_question *question);

/* `done` is not called any more. NULL is fine. */
void bgpq4_cancel(struct bgpq4 *bgpq4);
