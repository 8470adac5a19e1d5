/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is wrong with a configuration: a line for people, the parts for scripts.
 */
#pragma once

#include <stddef.h>

struct lyd_node;

struct problem {
	char *file;	       /* or NULL */
	unsigned line, column; /* from 1, 0: unknown */
	char *path;	       /* in the configuration, "filter[dns-watch]/action"; or NULL */
	char *message;
	/* What is wrong, while its document lives; or NULL. */
	const struct lyd_node *node;
};

/* A zeroed struct is an empty list. */
struct problems {
	struct problem *at;
	unsigned count;
};

enum { PROBLEMS_MAX = 50 }; /* what follows is left out */

struct problem *problems_add(struct problems *list, const char *path, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void problem_place(struct problem *problem, const char *file, unsigned line, unsigned column);
void problems_clear(struct problems *list);

/* "FILE:LINE:COLUMN: PATH: MESSAGE" as far as known; the caller frees it. */
char *problem_print(const struct problem *problem);

#define problems_auto __attribute__((cleanup(problems_clear)))
