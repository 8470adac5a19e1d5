/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How many processes start at a time: a site that comes up with one slow core starts all of its
 * daemons sooner one after another. Who waits is called when it is its turn.
 */
#pragma once

#include <stdbool.h>

struct turn {
	struct turn *next;
	void (*granted)(void *arg);
	void *arg;
	bool waits;
	bool held;
};

/* Calls granted: at once, or when somebody is done. */
void turn_take(struct turn *turn);

/* The start is over, or given up. Harmless where no turn was taken. */
void turn_done(struct turn *turn);
