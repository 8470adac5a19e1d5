/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The output of a process, line by line, through a named pipe that both ends open for reading and
 * writing: it outlives the supervisor, so that a daemon never writes into nothing, and the next
 * supervisor reads on. The daemon's end does not block: lines are lost while nobody reads, and
 * nothing hangs.
 */
#pragma once

struct output;

/* line: called for each, with `arg`. NULL and errno where the pipe cannot be made. */
struct output *output_open(const char *path, void (*line)(void *arg, char *text), void *arg);

/* Another descriptor of the pipe, for the process; the caller closes it. */
int output_end(const struct output *output);

/* Reads what is left, and closes. NULL is fine. */
void output_close(struct output *output);
