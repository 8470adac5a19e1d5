/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether what an RPKI cache says was heard to its end (RFC 8210 section 5.8, End of Data). BIRD
 * 2.0.12 asks for news only (Serial Query) after a connection broke within the first answer, takes
 * the rest for heard, and says Established. Its log tells of each change of state; a protocol that
 * is started anew asks for all (Reset Query).
 */
#pragma once

#include <stdbool.h>

struct loads;
struct route_server;

struct loads *loads_new(struct route_server *rs);
void loads_free(struct loads *loads);

/* A line of BIRD's log. */
void loads_heard(struct loads *loads, const char *line);

/* BIRD starts: all caches are asked for all. */
void loads_starting(struct loads *loads);

/* "r_1": the end of what it said has not been heard, since a connection broke. */
bool loads_broken(const struct loads *loads, const char *protocol);

/* How often that was so in a row. */
unsigned loads_breaks(const struct loads *loads, const char *protocol);
