/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Changes to a candidate, one node at a time. An error leaves it as it was.
 */
#pragma once

#include <stddef.h>

struct document;
struct problems;

/* Words name a node, the rest are its values. Makes what is above it. 0 or -EINVAL. */
int edit_set(struct document *document, const char *const *words, size_t count,
	     struct problems *problems);

/* Words name a node; values behind a leaf-list are those to remove. 0, -EINVAL, -ENOENT. */
int edit_delete(struct document *document, const char *const *words, size_t count,
		struct problems *problems);
