/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where log lines go: stderr, syslog, and a ring in memory that `ferrule log` reads.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

enum { LOG_RING = 512 };

struct log_line {
	uint64_t number; /* from 1 on, without gaps */
	time_t time;
	int priority;
	char text[256];
};

/* level: highest syslog priority that is shown */
void log_start(const char *name, bool use_syslog, int level);
void log_stop(void);

/* The first line in the ring with a higher number, or NULL. */
const struct log_line *log_after(uint64_t number);

/* A line that has a ring elsewhere: to stderr and syslog only. */
void log_forward(int priority, const char *text);

const char *log_priority_name(int priority);
