/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Asks BIRD over its control socket: a connection for each question, a few at a time, bounded in
 * time and size, and nobody waits for it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "reply.h"

struct bird_asker;
struct bird_query;

enum { BIRD_COMMAND_MAX = 4094 };

struct bird_question {
	const char *command; /* a line, without its end */
	bool may_change;     /* else the connection is restricted to looking */
	unsigned deadline;   /* ms; 0: 10 s */
	size_t octets_max;   /* of the answer; 0: 4 MiB */
	/* A line of the answer; false: no more is wanted, and `done` comes with -ECANCELED. */
	bool (*line)(void *arg, const struct bird_line *line);
	/*
	 * 0; -EREMOTEIO with what BIRD says is wrong; -ETIMEDOUT, -EMSGSIZE, -ECANCELED, -EPROTO,
	 * or why there is no connection. Called once, never from within bird_ask().
	 */
	void (*done)(void *arg, int err, const char *message);
	void *arg;
};

/* at_once: connections; further questions wait, which has no bound. */
struct bird_asker *bird_asker_new(const char *socket, unsigned at_once);
void bird_asker_free(struct bird_asker *asker);

/* Never NULL; of use for the two functions below, and gone with `done`. */
struct bird_query *bird_ask(struct bird_asker *asker, const struct bird_question *question);

/* Nothing is read meanwhile: BIRD waits. What was read is still passed on. NULL is fine. */
void bird_query_hold(struct bird_query *query, bool hold);

/* `done` is not called any more. NULL is fine. */
void bird_query_cancel(struct bird_query *query);
