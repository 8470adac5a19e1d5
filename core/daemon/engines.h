/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The engine in force, and beside it, from a plan to its commit, the one that leaves: where a wire
 * comes to a machine that had none, or goes from it. Under a wire that stays the engine stays.
 */
#pragma once

#include <stdbool.h>

struct backend_ops;
struct document;
struct engine;
struct fer_problems;

struct engines {
	struct engine *now;
	char name[16]; /* of its backend */
	struct engine *leaving;
	char leaving_name[16];
};

/* The configuration names ports. */
bool has_wire(const struct document *document);

/* The backend for it: without a wire one that moves nothing. NULL where it is not built in. */
const struct backend_ops *engines_wanted(const struct document *document);

/* The one in force moves frames. */
bool engines_move(const struct engines *engines);

/* For a plan. 0, or a negative errno with a problem. */
int engines_open(struct engines *engines, const char *run_dir, const struct document *to,
		 struct fer_problems *list);

/* The plan is given up: what was opened for it goes. */
void engines_keep(struct engines *engines);

/* The plan is in force: what leaves is stopped. Whether that was a wire. */
bool engines_leave(struct engines *engines);
