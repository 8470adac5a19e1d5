/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Changes to a candidate, one node at a time. An error leaves it as it was.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct document;
struct problems;

/* Words name a node, the rest are its values. Makes what is above it. 0 or -EINVAL. */
int edit_set(struct document *document, const char *const *words, size_t count,
	     struct problems *problems);

/*
 * Words name an entry of a list whose order counts, a new one or one that is there; it goes before
 * or after the entry of the key `other` (NULL: to the first or last place). 0, -EINVAL, -ENOENT.
 */
int edit_insert(struct document *document, const char *const *words, size_t count, bool before,
		const char *other, struct problems *problems);

/* Words name a node; values behind a leaf-list are those to remove. 0, -EINVAL, -ENOENT. */
int edit_delete(struct document *document, const char *const *words, size_t count,
		struct problems *problems);
