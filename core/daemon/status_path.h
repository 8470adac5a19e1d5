/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A path into the state: "filter NAME packets". */
#pragma once

#include <stddef.h>

struct lyd_node;
struct plugins;
struct problems;

/* Leaves of the tree only what the words name. 0, or -ENOENT with a problem that says what there
 * is. */
int status_cut(struct lyd_node *root, const char *const *words, size_t count,
	       const struct plugins *plugins, struct problems *problems);
