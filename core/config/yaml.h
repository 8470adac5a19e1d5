/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * YAML to a document and back: the RFC 7951 encoding node for node, without prefixes. JSON is read
 * too, as it is a subset.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct document;
struct lyd_node;
struct omissions;
struct problems;
struct schema;

enum {
	YAML_SIZE_MAX = 4 * 1024 * 1024, /* octets */
	YAML_ITEMS_MAX = 100000,	 /* values: 50 MB while they are read */
	YAML_DEPTH_MAX = 64,		 /* of brackets */
};

/* Nothing but blanks and comments: a configuration in which nothing is said. */
bool yaml_is_empty(const char *text);

/* A document that is not validated yet; NULL with problems. `file` is for messages, or NULL. */
struct document *yaml_load(const struct schema *schema, const char *text, size_t size,
			   const char *file, struct problems *problems);

/* The same of a file. */
struct document *yaml_load_file(const struct schema *schema, const char *path,
				struct problems *problems);

/* The same, without what this program does not know or take, as of a file that a newer one wrote:
 * that stands in `omissions`. NULL with problems where it is no configuration at all. */
struct document *yaml_load_known(const struct schema *schema, const char *path,
				 struct omissions *omissions, struct problems *problems);

enum yaml_flag {
	YAML_JSON = 1 << 0,
	YAML_DEFAULTS = 1 << 1, /* also what was not set */
	YAML_MASK = 1 << 2,	/* secrets as stars */
};

/* The tree from `node` on with its siblings, or (single) without. The caller frees the text. */
char *yaml_print(const struct lyd_node *node, bool single, unsigned flags);

/* All entries of the list or leaf-list that `node` is the first of. */
char *yaml_print_list(const struct lyd_node *node, unsigned flags);
