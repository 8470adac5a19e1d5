/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The note in the run folder by which the next supervisor finds a process again: its pid with its
 * start time, so that a recycled pid is never taken for it, what it was started as, and whether it
 * served.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct note {
	pid_t pid;
	uint64_t started; /* field 22 of /proc/PID/stat (proc(5)), clock ticks after the boot */
	uint64_t version; /* of its spec */
	bool ready;
	char cgroup[192]; /* "" for none */
};

void note_write(const char *path, const struct note *note);

/* 0, or -ESRCH where the process of the note is gone, or is another one by now. */
int note_read(const char *path, struct note *note);

/* The file that a process runs is not the one of that name any more. */
bool note_program_is_gone(pid_t pid);

/* Field 22; 0 where there is no such process, or one that has ended. */
uint64_t note_start_time(pid_t pid);
