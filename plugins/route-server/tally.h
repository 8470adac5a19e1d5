/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How many routes each cause has refused. Nothing is stored for it: where the number of a session's
 * refused routes has changed, they are looked through again, a session at a time, each of them once
 * a minute at most.
 */
#pragma once

#include "causes.h"

struct route_server;
struct tally;

struct tallied {
	char name[72];
	uint32_t filtered; /* the number that was looked through */
	uint32_t count[CAUSES];
	uint64_t again; /* ms of CLOCK_MONOTONIC */
};

struct tally *tally_new(struct route_server *rs);
void tally_free(struct tally *tally);

/* All sessions have been heard of: is there one to be looked through? */
void tally_turn(struct tally *tally);

/* What is known of a session; NULL: nothing is refused, or nothing is known yet. */
const struct tallied *tally_find(const struct tally *tally, const char *session);
