/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When a process that ended is tried again: pure, so that an hour of crashes takes no time to test.
 */
#pragma once

enum {
	BACKOFF_FIRST = 500,  /* ms */
	BACKOFF_MAX = 60000,  /* ms; it never gives up, only slower */
	STABLE_AFTER = 60000, /* ms of running that let it begin anew */
	KILL_AFTER = 5000,    /* ms between TERM and KILL */
};

struct policy {
	unsigned failures; /* in a row */
};

/* The wait in ms before the next start, after it ran so long. random: any number. */
unsigned policy_delay(struct policy *policy, unsigned long ran_ms, unsigned random);
