/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The commands: the same ones on the command line and in the shell.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum exit_code {
	EXIT_DONE = 0,
	EXIT_REFUSED = 1, /* the supervisor, or a check, said no */
	EXIT_USAGE = 2,	  /* wrong words */
	EXIT_NO_PEER = 3, /* no supervisor to talk to */
};

struct client;

struct session {
	const char *run_dir;
	bool json;
	struct client *client;	    /* opened when first needed */
	const char *const *context; /* words in front of every path; the shell's */
	size_t depth;
};

enum command_argument {
	ARGUMENT_NONE,
	ARGUMENT_STATE,	 /* a path of the state */
	ARGUMENT_CONFIG, /* a path of the configuration, and a value */
	ARGUMENT_FILE,
	ARGUMENT_CAPTURE, /* the name of one */
	ARGUMENT_CLEAR,	  /* "filter", and the name of one */
};

struct command {
	const char *name;
	const char *usage; /* of what follows the name */
	const char *help;
	enum command_argument argument;
	int (*run)(struct session *session, const char *const *words, size_t count);
};

extern const struct command commands[]; /* up to one without a name */

const struct command *command_find(const char *name);

/* Runs a command; words[0] is its name. An exit code. */
int command_run(struct session *session, const char *const *words, size_t count);

/* The connection, or NULL after a line on stderr. */
struct client *session_client(struct session *session);
