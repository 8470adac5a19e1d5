/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What daemons say, by role: the last lines in memory, and on to syslog. A daemon that says too
 * much is cut short, and the number of lines left out is said instead.
 */
#pragma once

#include <stdint.h>

#include "core/base/log.h"

enum {
	RING_LINES = 400,
	RING_BURST = 500, /* lines that pass on to syslog at once */
	RING_RATE = 50,	  /* lines a second afterwards */
};

struct ring;

/* The ring of a role, made at its first use; for as long as the program runs. */
struct ring *ring_get(const char *role);

/* The same, or NULL where nobody wrote yet. */
const struct ring *ring_find(const char *role);

/* The roles that have one, by index from 0; NULL at the end. */
const char *ring_name(unsigned index);

/* A line of a daemon; whole in the ring, at a bounded rate to syslog. */
void ring_add(struct ring *ring, const char *daemon, const char *line);

/* The first line with a higher number, or NULL. */
const struct log_line *ring_after(const struct ring *ring, uint64_t number);

void ring_free_all(void);
