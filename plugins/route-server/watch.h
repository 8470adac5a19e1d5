/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sessions as BIRD saw them last, and those that ran into max-prefix: they are brought back
 * after a while, twice as long each time, IPv4 and IPv6 apart.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "services/bird/protocols.h"

struct route_server;
struct watch;

struct watched_routes {
	uint32_t imported, filtered, exported, preferred;
};

struct watched {
	char name[72];
	char type[8];
	char state[24]; /* Established, Active; or of what is no BGP: up */
	char since[32];
	char problem[160];
	bool up;
	bool connected; /* to a cache */
	bool down;	/* disabled: it does not try */
	bool shut;	/* by `shutdown`, which nothing but `enable` undoes */
	struct watched_routes all, channel[2]; /* IPv4, IPv6 */
	bool has[2];
	uint32_t full[2]; /* its max-prefix, where that is reached and the session stays; 0 else */
	bool limited;	  /* ended by max-prefix */
	bool cut;	  /* by us, for the same reason */
	unsigned tries;
	uint64_t again; /* ms of CLOCK_MONOTONIC; 0: nobody brings it back */
	uint64_t stable_since;
	uint64_t stale_since; /* ms: its routes are kept though it is away; 0: they are not */
	bool fresh;	      /* heard of for the first time */
	bool seen;
};

/*
 * How long it took until everybody had everything: from the session that came up to the first look
 * (every six seconds) in which the numbers stood still but for one in a thousand.
 */
struct convergence {
	bool now;	  /* it is under way */
	uint64_t took_ms; /* the last one; 0: none was seen */
};
const struct convergence *watch_convergence(const struct watch *watch);

struct watch *watch_new(struct route_server *rs);
void watch_free(struct watch *watch);

/* A protocol of the answer; NULL behind the last. */
void watch_heard(struct watch *watch, const struct bird_protocol *protocol);

/* One by one, NULL behind the last. */
const struct watched *watch_at(const struct watch *watch, unsigned index);
const struct watched *watch_find(const struct watch *watch, const char *name);

/* Somebody took it down by hand, or enabled it: then it starts with a clean slate. */
void watch_shut(struct watch *watch, const char *name, bool shut);

/* Ends it as max-prefix does, with these words. */
void watch_cut(struct watch *watch, const char *name, const char *why);

/* How long ago BIRD was asked, in ms. */
uint64_t watch_age(const struct watch *watch);

/* Until it is brought back, in ms. */
uint64_t watch_wait(const struct watched *watched);
