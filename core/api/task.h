/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A child that does one thing within a deadline: a daemon's own checker, a hook.
 */
#pragma once

#include <stdint.h>

struct fer_process_bind;
struct fer_task;

struct fer_task_spec {
	const char *name;		     /* for the log */
	char *const *argv;		     /* up to a NULL; argv[0] is a path */
	char *const *env;		     /* NAME=VALUE up to a NULL; may be NULL */
	const struct fer_process_bind *bind; /* of service.h; may be NULL */
	const char *user;		     /* NULL: root */
	uint64_t capabilities;
	const char *input; /* its standard input; NULL: none. At most 64 KiB */
	unsigned deadline; /* ms; then it is killed */
	/* code: its exit code, -ETIMEDOUT, -EINTR where a signal ended it, or why it could not be
	 * started. output: both streams, up to 64 KiB. The task is free afterwards. */
	void (*done)(void *arg, int code, const char *output);
	void *arg;
};

/* NULL where it cannot be started; `done` is not called then. */
struct fer_task *fer_task_start(const struct fer_task_spec *spec);

/* Kills it; `done` is not called any more. NULL is fine. */
void fer_task_cancel(struct fer_task *task);
