/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Listening to a capture: its stream of pcapng as it is, or a line a frame. */
#pragma once

#include "commands.h"

struct capture_request {
	const char *name;      /* of a capture, or of a filter; NULL: a match */
	const char *match[32]; /* PATH=VALUE, of that */
	size_t matches;
	const char *snap;     /* octets, of that; NULL: all */
	const char *file;     /* "-": standard output; NULL: lines */
	unsigned long frames; /* then it ends; 0: when somebody says so */
};

/* Not 0: wrong words. */
int capture_parse(const char *const *words, size_t count, struct capture_request *request);

/* An exit code. */
int capture_run(struct session *session, const struct capture_request *request);
