/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The clock of a board without a battery. A handshake has a stamp, and the hub takes none that is
 * older than the last (WireGuard, section 5.4.2): a board that is back in 1970, or only a little
 * before its last handshake, stays out until its clock has passed that.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct clock {
	char path[256];	    /* where the time is saved */
	char restored[256]; /* there once it was looked at in this boot; 1: put back */
	uint64_t kept;	    /* when it was saved last, ms of echo_now(); 0: not since we began */
	uint64_t seen;	    /* the handshake that is in it, s since 1970 */
	bool ours;	    /* what the machine has for the time comes from there */
};

void clock_begin(struct clock *clock, const char *folder, const char *run_dir);

/* Before the first handshake; once a boot. */
void clock_put_back(struct clock *clock);

/* handshake: the latest with a hub, s since 1970, 0: none. Before the first one a time is saved
 * only where it was put back: that of a clock chip may be years ahead. */
void clock_keep(struct clock *clock, uint64_t handshake, uint64_t now);

/* The supervisor ends. */
void clock_end(const struct clock *clock, uint64_t handshake);

/* It is to be saved now, and counts as saved from then on. Pure. */
bool clock_is_due(struct clock *clock, uint64_t handshake, uint64_t now);
