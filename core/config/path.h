/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Places in the configuration as people type them: names and list keys, word by word.
 * "filter dns-watch match protocol"
 */
#pragma once

#include <stddef.h>

struct document;
struct lyd_node;
struct lysc_node;
struct problems;
struct schema;

struct path {
	const struct lysc_node *schema; /* NULL: the top */
	const struct lysc_node *list;	/* a list whose key is still to come, or NULL */
	size_t used;			/* words; the rest are values */
};

/* As far as words name nodes. 0; -EINVAL with a problem when a word is unknown. */
int path_resolve(const struct schema *schema, const char *const *words, size_t count,
		 struct path *path, struct problems *problems);

/* The node of the words in the document, or NULL. Of a list without key its first entry. */
struct lyd_node *path_find(const struct document *document, const char *const *words, size_t count);

/* "filter[dns-watch]/match"; the caller frees it. */
char *path_print(const struct schema *schema, const char *const *words, size_t count);
