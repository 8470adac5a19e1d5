/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One supervised process: started, watched, and tried again for ever, slower and slower. It
 * outlives the supervisor and is adopted by the next one.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct fer_process;

enum fer_process_state {
	FER_PROCESS_STOPPED,
	FER_PROCESS_STARTING,
	FER_PROCESS_READY,
	FER_PROCESS_STOPPING,
	FER_PROCESS_BACKOFF,
};

/* A folder or file that the process sees in place of another: it gets a mount namespace. */
struct fer_process_bind {
	const char *from;
	const char *to;
};

struct fer_process_spec {
	const char *name; /* unique; in logs, status and the run folder */
	const char *run_dir;
	char *const *argv;		     /* up to a NULL; argv[0] is a path */
	const struct fer_process_bind *bind; /* up to one without `to`; may be NULL */
	unsigned ready_after;		     /* ms that it must live to be ready; 0: at once */
	uint64_t memory_max;		     /* octets of address space, 0: no bound */
	/* An exit of its own: true to start it again later, false to leave it stopped. May be NULL.
	 */
	bool (*exited)(void *arg, int code, int signal);
	/* It was told to stop, and has. May be NULL. */
	void (*stopped)(void *arg);
	/* A line that it wrote. May be NULL; the line goes to the log all the same. */
	void (*line)(void *arg, const char *line);
	void *arg;
};

/* Copies the spec. A process of the same name that still runs from before is adopted by start. */
struct fer_process *fer_process_new(const struct fer_process_spec *spec);
void fer_process_start(struct fer_process *process);

/* TERM, and KILL after some time. */
void fer_process_stop(struct fer_process *process);

/* Frees the object; the process itself goes on. */
void fer_process_free(struct fer_process *process);

enum fer_process_state fer_process_state(const struct fer_process *process);
const char *fer_process_state_name(const struct fer_process *process);
pid_t fer_process_pid(const struct fer_process *process);
unsigned fer_process_restarts(const struct fer_process *process);

/* Found running at the start, not started by this supervisor. */
bool fer_process_adopted(const struct fer_process *process);

/* Why it is not serving, in words; "" where it is. */
const char *fer_process_reason(const struct fer_process *process);
