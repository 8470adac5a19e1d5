/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When a process that ended is tried again: pure, so that an hour of crashes takes no time to test.
 */
#pragma once

#include "core/api/service.h"

enum {
	BACKOFF_FIRST = 500,	 /* ms */
	BACKOFF_MAX = 60000,	 /* ms; it never gives up, only slower */
	BACKOFF_SOON_MAX = 8000, /* ms; what waits for something outside */
	BACKOFF_FAILED = 300000, /* ms; what waits for the user */
	STABLE_AFTER = 60000,	 /* ms of serving that let it begin anew */
	SOON_AFTER = 2000,	 /* ms, where an exit says that it is to be tried soon */
	KILL_AFTER = 5000,	 /* ms between TERM and KILL */
	PROBE_STARTING = 200,	 /* ms between probes of one that starts */
	PROBE_EVERY = 2000,	 /* ms between probes of one that serves */
	PROBE_FAILURES = 3,	 /* in a row, and it is hung: found within 8 s */
	READY_WITHIN = 10000,	 /* ms that a start may take */
	STARTS_AT_ONCE = 2,	 /* processes that start at a time */
};

struct policy {
	unsigned failures; /* in a row */
};

/*
 * The wait in ms before the next start of one that served so long (0: it never did).
 * random: any number.
 */
unsigned policy_delay(struct policy *policy, enum fer_exit exit, unsigned long served_ms,
		      unsigned random);
