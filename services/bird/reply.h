/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What BIRD answers on its control socket (doc/reply_codes of BIRD 2.0): lines of a code of four
 * digits, '-' (more follow) or ' ' (the last one), and text; a line that begins with a blank has
 * the code of the one before. One that begins with '+' belongs to nothing: echoed log. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum {
	BIRD_LINE_MAX = 4096, /* octets; BIRD itself ends its lines at 512 */

	BIRD_OK = 0,
	BIRD_WELCOME = 1,
	BIRD_STATUS = 13,
	BIRD_RESTRICTED = 16,
	BIRD_VERSION = 1000,
	BIRD_PROTOCOL = 1002,
	BIRD_PROTOCOL_DETAIL = 1006,
	BIRD_ROUTE = 1007,
	BIRD_ROUTE_DETAIL = 1008,
	BIRD_UPTIME = 1011,
	BIRD_ATTRIBUTE = 1012,
	BIRD_MEMORY = 1018,
	BIRD_RUNTIME_ERROR = 8000, /* from here on it did not do what it was told */
	BIRD_NO_ROUTE = 8001,
	BIRD_NO_PROTOCOL = 8003,
	BIRD_RECONFIGURED = 8004, /* in the middle of an answer: ask again */
};

struct bird_line {
	unsigned code;
	bool last;
	const char *text; /* into the line that was parsed */
};

struct bird_parser {
	unsigned code; /* of the line before */
	char line[BIRD_LINE_MAX];
	size_t length;
};

/*
 * Takes octets as they come, and calls for each line; `line` says whether to go on. False where
 * that did not want to, or what came is no such answer.
 */
bool bird_parse(struct bird_parser *parser, const char *data, size_t size,
		bool (*line)(void *arg, const struct bird_line *line), void *arg);
