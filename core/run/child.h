/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fork, and what a child does before it becomes a program: a session of its own, no descriptor and
 * no signal of ours, its user, its capabilities, its bounds.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct fer_process_bind;

struct child {
	char *const *argv;
	char *const *env; /* added to PATH and LANG; may be NULL */
	const struct fer_process_bind *bind;
	const char *folder; /* to work in, as the child sees it; NULL: / */
	const char *user;
	const char *group; /* NULL: the user's own */
	bool privileged;
	uint64_t capabilities;
	uint64_t memory_max; /* octets, RLIMIT_DATA; 0: no bound */
	int nice;
	bool batch;	    /* SCHED_BATCH */
	const char *cgroup; /* entered; NULL or "": none */
	int input;	    /* -1: nothing */
	int output;
	int extra; /* kept as descriptor 3; -1: none */
};

/* The pid, or a negative errno. A child that cannot run its program says why to `output`. */
pid_t child_start(const struct child *child);

/* Another bound of its memory, octets of RLIMIT_DATA. 0 or a negative errno. */
int child_bound(pid_t pid, uint64_t memory_max);
