/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What was left out of a configuration that had to come into force as far as it can: at a start,
 * and on the way back. A node that a module marks with `fer:separable` can be left out alone; where
 * none is marked, its whole part (role) is.
 */
#pragma once

#include <stdbool.h>

struct document;
struct problems;

struct omission {
	const char *part; /* whose it is, borrowed; "": the schema's */
	char *path;	  /* "filter[no-telnet]" */
	char *reason;
};

/* A zeroed struct is an empty list. */
struct omissions {
	struct omission *at;
	unsigned count;
};

/* One for each path: the first reason counts. */
void omissions_add(struct omissions *list, const char *part, const char *path, const char *reason);

/* Takes all of one part out of `list`. */
void omissions_forget(struct omissions *list, const char *part);
bool omissions_have(const struct omissions *list, const char *part);

/* Whether the node at that path, or one around it, is left out. */
bool omissions_cover(const struct omissions *list, const char *path);

/* Of that part the same paths, in the same order? Reasons may differ. */
bool omissions_equal(const struct omissions *a, const struct omissions *b, const char *part);

/* The entries of b behind those of a; b is empty afterwards. */
void omissions_move(struct omissions *a, struct omissions *b);
void omissions_clear(struct omissions *list);

#define omissions_auto __attribute__((cleanup(omissions_clear)))

/*
 * Takes the smallest separable nodes that hold what the problems blame out of the document, and
 * says so in `list`. owns: top-level nodes that may be touched, up to a NULL; NULL: any. How many
 * were taken out.
 */
unsigned omissions_take_out(struct omissions *list, const char *part, const char *const *owns,
			    struct document *document, const struct problems *problems);
