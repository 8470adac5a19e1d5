/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One configuration: a tree by the schema, and where in a file each node came from.
 */
#pragma once

#include <stdbool.h>

struct lyd_node;
struct lysc_node;
struct problem;
struct problems;
struct schema;

struct document {
	const struct schema *schema;
	struct lyd_node *tree; /* the first top-level node, or NULL */
	char *file;	       /* that it was loaded from, for messages; or NULL */
	unsigned holders;      /* beside who made it */
};

struct document *document_new(const struct schema *schema);

/* One holder more, who frees it as well. */
struct document *document_hold(struct document *document);
void document_free(struct document *document);
struct document *document_copy(const struct document *document);
bool document_equal(const struct document *a, const struct document *b);

/* The same subtrees under a top-level node of that name? */
bool document_equal_below(const struct document *a, const struct document *b, const char *name);

/* Checks against the schema and fills in the defaults. 0, or -EINVAL with problems. */
int document_validate(struct document *document, struct problems *problems);

/* Remembers where the node stands in the file, and gives a problem that place. */
void document_mark(struct lyd_node *node, unsigned line, unsigned column);
void document_place(const struct document *document, const struct lyd_node *node,
		    struct problem *problem);

/* "filter[dns-watch]/match/action"; the caller frees it. */
char *document_path(const struct lyd_node *node);

/* The node at a path of that form, or the deepest one above it that there is. */
const struct lyd_node *document_find(const struct document *document, const char *path);
