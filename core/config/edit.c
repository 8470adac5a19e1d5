// SPDX-License-Identifier: GPL-2.0-or-later
#include "edit.h"

#include <errno.h>
#include <libyang/libyang.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "document.h"
#include "path.h"
#include "problem.h"
#include "schema.h"

struct edit {
	struct document *document;
	const char *const *words;
	size_t count;
	struct path path;
	struct problems *problems;
};

static int refuse(struct edit *e, size_t words, const struct lysc_node *leaf, const char *found)
{
	mem_auto char *path = path_print(e->document->schema, e->words, words);
	struct text text_auto allowed = {0};

	schema_describe(leaf, found, &allowed);
	if (found)
		problems_add(e->problems, path, "found '%s', allowed is %s", found, allowed.data);
	else
		problems_add(e->problems, path, "a value is missing: %s", allowed.data);
	return -EINVAL;
}

static int begin(struct edit *e)
{
	mem_auto char *path = path_print(e->document->schema, e->words, e->count);
	int err = path_resolve(e->document->schema, e->words, e->count, &e->path, e->problems);

	if (err)
		return err;
	if (!e->path.schema) {
		problems_add(e->problems, NULL, "a path is missing, such as 'filter NAME action'");
		return -EINVAL;
	}
	if (e->path.list) {
		problems_add(e->problems, path, "the %s is missing",
			     schema_key(e->path.list)->name);
		return -EINVAL;
	}
	return 0;
}

static int node_new(struct edit *e, struct lyd_node *parent, const struct lysc_node *schema,
		    const char *key, size_t words, struct lyd_node **node)
{
	LY_ERR err;

	ly_err_clean(e->document->schema->ctx, NULL);
	if (schema_is_list(schema))
		err = lyd_new_list(parent, schema->module, schema->name, 0, node, key);
	else
		err = lyd_new_inner(parent, schema->module, schema->name, 0, node);
	if (err)
		return refuse(e, words, schema_key(schema), key);
	if (!parent)
		lyd_insert_sibling(e->document->tree, *node, &e->document->tree);
	return 0;
}

/* The node that holds the last named one, with all above it made. */
static int parents_make(struct edit *e, struct lyd_node **parent)
{
	const struct lysc_node *schema = NULL;
	size_t i = 0;
	int err;

	*parent = NULL;
	while (i < e->path.used) {
		size_t step;
		struct lyd_node *node;

		schema = schema_child(e->document->schema, schema, e->words[i]);
		if (schema->nodetype & (LYS_LEAF | LYS_LEAFLIST))
			return 0;
		step = i + (schema_is_list(schema) ? 2 : 1);
		node = path_find(e->document, e->words, step);
		if (!node) {
			err = node_new(e, *parent, schema, e->words[step - 1], step, &node);
			if (err)
				return err;
		}
		*parent = node;
		i = step;
	}
	return 0;
}

static struct lyd_node *value_find(struct lyd_node *parent, const struct lysc_node *schema,
				   const char *value)
{
	struct lyd_node *node;

	LY_LIST_FOR (lyd_child(parent), node)
		if (node->schema == schema && (!value || !strcmp(lyd_get_value(node), value)))
			return node;
	return NULL;
}

static int value_set(struct edit *e, struct lyd_node *parent, const char *value)
{
	const struct lysc_node *schema = e->path.schema;
	struct lyd_node *node =
		value_find(parent, schema, schema_is_leaf_list(schema) ? value : NULL);
	LY_ERR err;

	if (node && schema_is_leaf_list(schema))
		return 0;
	if (node) {
		err = lyd_change_term(node, value);
		node->flags &= ~LYD_DEFAULT;
		if (err == LY_EEXIST || err == LY_ENOT)
			err = LY_SUCCESS;
	} else {
		err = lyd_new_term(parent, schema->module, schema->name, value, 0, NULL);
	}
	return err ? refuse(e, e->path.used, schema, value) : 0;
}

static int set_words(struct edit *e)
{
	bool leaf, leaf_list;
	struct lyd_node *parent;
	int err = begin(e);

	if (err)
		return err;
	leaf = schema_is_leaf(e->path.schema);
	leaf_list = schema_is_leaf_list(e->path.schema);
	if ((leaf || leaf_list) && e->count == e->path.used)
		return refuse(e, e->path.used, e->path.schema, NULL);
	if (leaf && e->count > e->path.used + 1)
		return refuse(e, e->path.used, e->path.schema, e->words[e->path.used + 1]);
	if (leaf && lysc_is_key(e->path.schema)) {
		problems_add(e->problems, e->words[0], "'%s' is the key and stands in the path",
			     e->path.schema->name);
		return -EINVAL;
	}
	err = parents_make(e, &parent);
	for (size_t i = e->path.used; !err && i < e->count; i++)
		err = value_set(e, parent, e->words[i]);
	return err;
}

/* Takes what the copy has become, unless there was an error, and frees the rest. */
static int copy_end(struct document *document, struct document *copy, int err)
{
	struct lyd_node *old = document->tree;

	if (!err) {
		document->tree = copy->tree;
		copy->tree = old;
	}
	document_free(copy);
	return err;
}

int edit_set(struct document *document, const char *const *words, size_t count,
	     struct problems *problems)
{
	/* on a copy, so that half of a change never stays */
	struct document *copy = document_copy(document);
	struct edit e = {copy, words, count, {0}, problems};
	int err = set_words(&e);

	return copy_end(document, copy, err);
}

static void node_remove(struct document *document, struct lyd_node *node)
{
	if (node == document->tree)
		document->tree = node->next;
	lyd_free_tree(node);
}

static int missing(const struct edit *e, size_t words, const char *value)
{
	mem_auto char *path = path_print(e->document->schema, e->words, words);

	if (value)
		problems_add(e->problems, path, "'%s' is not configured", value);
	else
		problems_add(e->problems, path, "not configured");
	return -ENOENT;
}

static int delete_values(struct edit *e, struct lyd_node *first)
{
	struct lyd_node *parent = lyd_parent(first);

	for (size_t i = e->path.used; i < e->count; i++)
		if (!value_find(parent, e->path.schema, e->words[i]))
			return missing(e, e->path.used, e->words[i]);
	for (size_t i = e->path.used; i < e->count; i++)
		node_remove(e->document, value_find(parent, e->path.schema, e->words[i]));
	return 0;
}

int edit_delete(struct document *document, const char *const *words, size_t count,
		struct problems *problems)
{
	struct edit e = {document, words, count, {0}, problems};
	int err = path_resolve(document->schema, words, count, &e.path, problems);
	struct lyd_node *node;

	if (err)
		return err;
	if (!count) {
		problems_add(problems, NULL, "a path is missing, such as 'filter NAME'");
		return -EINVAL;
	}
	if (lysc_is_key(e.path.schema)) {
		problems_add(problems, NULL, "'%s' is what the entry is found by: delete the entry",
			     e.path.schema->name);
		return -EINVAL;
	}
	node = path_find(document, words, e.path.used);
	if (!node || (node->flags & LYD_DEFAULT && e.path.schema->nodetype == LYS_LEAF))
		return missing(&e, e.path.used, NULL);
	if (schema_is_leaf_list(e.path.schema) && count > e.path.used)
		return delete_values(&e, node);
	/* a list without key, and a leaf-list: all of them */
	do
		node_remove(document, node);
	while (e.path.schema->nodetype & (LYS_LIST | LYS_LEAFLIST) &&
	       (node = path_find(document, words, e.path.used)));
	return 0;
}

/* ---- order ---- */

static struct lyd_node *entry_edge(struct lyd_node *entry, bool first)
{
	struct lyd_node *found = NULL, *node;

	LY_LIST_FOR (lyd_first_sibling(entry), node) {
		if (node->schema != entry->schema || node == entry)
			continue;
		found = node;
		if (first)
			break;
	}
	return found;
}

static struct lyd_node *entry_find(struct lyd_node *entry, const char *key)
{
	struct lyd_node *node;

	LY_LIST_FOR (lyd_first_sibling(entry), node)
		if (node->schema == entry->schema && !strcmp(lyd_get_value(lyd_child(node)), key))
			return node;
	return NULL;
}

static int place(struct document *document, struct lyd_node *entry, bool before, const char *other,
		 struct problems *problems)
{
	struct lyd_node *near = other ? entry_find(entry, other) : entry_edge(entry, before);

	if (near == entry || (!near && !other))
		return 0;
	if (!near) {
		problems_add(problems, LYD_NAME(entry), "there is no %s '%s'", LYD_NAME(entry),
			     other);
		return -ENOENT;
	}
	if (before ? lyd_insert_before(near, entry) : lyd_insert_after(near, entry))
		return -EINVAL;
	document->tree = lyd_first_sibling(document->tree);
	return 0;
}

/* The words end with the key of an entry of such a list. */
static int order_check(const struct edit *e)
{
	struct path path;
	int err = path_resolve(e->document->schema, e->words, e->count, &path, e->problems);

	if (err)
		return err;
	if (path.schema && !path.list && path.used == e->count && schema_is_list(path.schema) &&
	    lysc_is_userordered(path.schema))
		return 0;
	problems_add(e->problems, NULL,
		     "allowed is an entry of a list whose order counts, such as 'filter NAME'");
	return -EINVAL;
}

int edit_insert(struct document *document, const char *const *words, size_t count, bool before,
		const char *other, struct problems *problems)
{
	struct document *copy = document_copy(document);
	struct edit e = {copy, words, count, {0}, problems};
	int err = order_check(&e);

	if (!err)
		err = set_words(&e);
	if (!err)
		err = place(copy, path_find(copy, words, count), before, other, problems);
	return copy_end(document, copy, err);
}
