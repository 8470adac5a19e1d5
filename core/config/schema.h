/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The YANG modules of core and of the plugins, and what people need to know of them.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct ly_ctx;
struct lysc_node;
struct lys_module;
struct text;

struct schema {
	struct ly_ctx *ctx;
	const struct lys_module *control;
};

/* dirs: folders with modules, separated by ':'. NULL and *error (to be freed) when one is broken.
 */
struct schema *schema_new(const char *dirs, char **error);
void schema_free(struct schema *schema);

/* A plugin's module. 0 or -EINVAL with *error. */
int schema_load(struct schema *schema, const char *module, char **error);

/* The configuration nodes below parent (NULL: at the top), one after the other. */
const struct lysc_node *schema_next(const struct schema *schema, const struct lysc_node *parent,
				    const struct lysc_node *last);
const struct lysc_node *schema_child(const struct schema *schema, const struct lysc_node *parent,
				     const char *name);

/* The child that somebody may have meant, or NULL. */
const char *schema_nearest(const struct schema *schema, const struct lysc_node *parent,
			   const char *found);

/* The values that a leaf takes: "one of pass, drop", "a number 0..63". found is the value that was
 * refused (NULL: none was given). */
void schema_describe(const struct lysc_node *leaf, const char *found, struct text *text);

/* The same as a list of words to complete with: enumeration members, true and false. */
void schema_values(const struct lysc_node *leaf, void (*each)(const char *value, void *arg),
		   void *arg);

bool schema_is_list(const struct lysc_node *node);
bool schema_is_leaf_list(const struct lysc_node *node);
bool schema_is_leaf(const struct lysc_node *node);
bool schema_is_container(const struct lysc_node *node);

/* Marked by its module as one that can be left out without changing what the rest means. */
bool schema_is_separable(const struct lysc_node *node);

/* The (only) key leaf of a list. */
const struct lysc_node *schema_key(const struct lysc_node *list);
