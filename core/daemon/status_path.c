// SPDX-License-Identifier: GPL-2.0-or-later
#include "status_path.h"

#include <errno.h>
#include <libyang/libyang.h>
#include <stdbool.h>
#include <string.h>

#include "core/api/plugin.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/config/plugins.h"
#include "core/config/problem.h"

enum { NAMES_MAX = 64 };

/* Of the children only those that the word names stay; the last one of them, or NULL. */
static struct lyd_node *children_keep(struct lyd_node *parent, const char *name, const char *key)
{
	struct lyd_node *child, *next, *found = NULL;

	for (child = lyd_child_no_keys(parent); child; child = next) {
		next = child->next;
		if (!strcmp(LYD_NAME(child), name) &&
		    (!key || !strcmp(lyd_get_value(lyd_child(child)), key)))
			found = child;
		else
			lyd_free_tree(child);
	}
	return found;
}

/* Lists have entries by name, with a key; others are there once. */
static const struct lysc_node *child_schema(const struct lyd_node *parent, const char *name)
{
	const struct lysc_node *node = NULL;
	const struct lyd_node *child;

	LY_LIST_FOR (lyd_child(parent), child)
		if (!strcmp(LYD_NAME(child), name))
			return child->schema;
	/* none of it now, and yet a part of it */
	while ((node = lys_getnext(node, parent->schema, NULL, 0)))
		if (!strcmp(node->name, name))
			return node;
	return NULL;
}

static bool has_entry(const struct lyd_node *parent, const char *name, const char *key)
{
	const struct lyd_node *child;

	LY_LIST_FOR (lyd_child(parent), child)
		if (!strcmp(LYD_NAME(child), name) && !strcmp(lyd_get_value(lyd_child(child)), key))
			return true;
	return false;
}

static void names_add(const char **names, size_t *count, const char *name)
{
	for (size_t i = 0; i < *count; i++)
		if (!strcmp(names[i], name))
			return;
	if (*count < NAMES_MAX)
		names[(*count)++] = name;
}

static void say_names(const char *found, const char **names, size_t count, struct problems *list,
		      const char *what)
{
	const char *near = text_nearest(found, names, count);
	struct text text_auto all = {0};

	for (size_t i = 0; i < count; i++)
		text_add(&all, "%s%s", !i ? "" : i + 1 == count ? " and " : ", ", names[i]);
	if (near)
		problems_add(list, NULL, "%s; did you mean '%s'?", what, near);
	else if (count)
		problems_add(list, NULL, "%s; there is %s", what, all.data);
	else
		problems_add(list, NULL, "%s; there is none", what);
}

static void say_no_entry(const struct lyd_node *parent, const char *name, const char *key,
			 struct problems *problems)
{
	mem_auto char *what = mem_printf("there is no %s '%s'", name, key);
	const char *names[NAMES_MAX];
	const struct lyd_node *child;
	size_t count = 0;

	LY_LIST_FOR (lyd_child(parent), child)
		if (!strcmp(LYD_NAME(child), name))
			names_add(names, &count, lyd_get_value(lyd_child(child)));
	say_names(key, names, count, problems, what);
}

static void say_no_part(const struct lyd_node *parent, const char *path, const char *name,
			const struct plugins *plugins, struct problems *problems)
{
	mem_auto char *what = mem_printf("no state '%s'", path);
	const struct lysc_node *node = NULL;
	const char *names[NAMES_MAX];
	size_t count = 0;

	while ((node = lys_getnext(node, parent->schema, NULL, 0)))
		names_add(names, &count, node->name);
	for (unsigned i = 0; !lyd_parent(parent) && i < plugins->count; i++)
		names_add(names, &count, plugins->at[i].plugin->name);
	say_names(name, names, count, problems, what);
}

static bool is_role(const struct plugins *plugins, const char *name)
{
	for (unsigned i = 0; i < plugins->count; i++)
		if (!strcmp(plugins->at[i].plugin->name, name))
			return true;
	return false;
}

int status_cut(struct lyd_node *root, const char *const *words, size_t count,
	       const struct plugins *plugins, struct problems *problems)
{
	struct lyd_node *node = root, *parent;
	struct text text_auto path = {0};

	for (size_t i = 0; i < count; i++) {
		const char *name = words[i];
		const struct lysc_node *schema = child_schema(node, name);
		bool list = schema && schema->nodetype == LYS_LIST;
		const char *key = list && i + 1 < count ? words[++i] : NULL;

		text_add(&path, "%s%s", path.length ? " " : "", name);
		parent = node;
		if (key && !has_entry(parent, name, key)) {
			say_no_entry(parent, name, key, problems);
			return -ENOENT;
		}
		node = children_keep(parent, name, key);
		if (key)
			text_add(&path, " %s", key);
		if (node)
			continue;
		if (!lyd_parent(parent) && is_role(plugins, name))
			problems_add(problems, NULL, "%s is not configured, or shows no state",
				     name);
		else if (schema) /* there is nothing of it, and that is no error */
			return 0;
		else
			say_no_part(parent, path.data, name, plugins, problems);
		return -ENOENT;
	}
	return 0;
}
