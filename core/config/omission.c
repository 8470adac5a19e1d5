// SPDX-License-Identifier: GPL-2.0-or-later
#include "omission.h"

#include <libyang/libyang.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "document.h"
#include "problem.h"
#include "schema.h"

void omissions_add(struct omissions *list, const char *part, const char *path, const char *reason)
{
	for (unsigned i = 0; i < list->count; i++)
		if (!strcmp(list->at[i].part, part) && !strcmp(list->at[i].path, path))
			return;
	list->at = mem_grow(list->at, list->count, sizeof(*list->at));
	list->at[list->count++] =
		(struct omission){part, mem_strdup(path), mem_strdup(reason ? reason : "")};
}

static void omission_free(struct omission *omission)
{
	free(omission->path);
	free(omission->reason);
}

void omissions_forget(struct omissions *list, const char *part)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < list->count; i++) {
		if (strcmp(list->at[i].part, part))
			list->at[kept++] = list->at[i];
		else
			omission_free(&list->at[i]);
	}
	list->count = kept;
}

bool omissions_have(const struct omissions *list, const char *part)
{
	for (unsigned i = 0; i < list->count; i++)
		if (!strcmp(list->at[i].part, part))
			return true;
	return false;
}

static bool is_within(const char *path, const char *around)
{
	size_t length = strlen(around);

	return !strncmp(path, around, length) && (!path[length] || path[length] == '/');
}

bool omissions_cover(const struct omissions *list, const char *path)
{
	for (unsigned i = 0; path && i < list->count; i++)
		if (is_within(path, list->at[i].path))
			return true;
	return false;
}

static const struct omission *omission_next(const struct omissions *list, const char *part,
					    unsigned *index)
{
	while (*index < list->count && strcmp(list->at[*index].part, part))
		++*index;
	return *index < list->count ? &list->at[(*index)++] : NULL;
}

bool omissions_equal(const struct omissions *a, const struct omissions *b, const char *part)
{
	unsigned i = 0, j = 0;
	const struct omission *x, *y;

	do {
		x = omission_next(a, part, &i);
		y = omission_next(b, part, &j);
		if (!x != !y || (x && strcmp(x->path, y->path)))
			return false;
	} while (x);
	return true;
}

void omissions_move(struct omissions *a, struct omissions *b)
{
	for (unsigned i = 0; i < b->count; i++) {
		a->at = mem_grow(a->at, a->count, sizeof(*a->at));
		a->at[a->count++] = b->at[i];
	}
	free(b->at);
	*b = (struct omissions){0};
}

void omissions_clear(struct omissions *list)
{
	for (unsigned i = 0; i < list->count; i++)
		omission_free(&list->at[i]);
	free(list->at);
	*list = (struct omissions){0};
}

/* ---- out of a document ---- */

static const struct lyd_node *top_of(const struct lyd_node *node)
{
	while (lyd_parent(node))
		node = lyd_parent(node);
	return node;
}

static bool is_owned(const char *const *owns, const struct lyd_node *node)
{
	const char *name = LYD_NAME(top_of(node));

	for (; owns && *owns; owns++)
		if (!strcmp(*owns, name))
			return true;
	return !owns;
}

/* Entries of a leaf-list have no key to tell them apart. */
static char *path_make(const struct lyd_node *node)
{
	mem_auto char *path = document_path(node);

	if (node->schema->nodetype != LYS_LEAFLIST)
		return mem_strdup(path);
	return mem_printf("%s[%s]", path, lyd_get_value(node));
}

/* The same node in a copy of its document. */
static const struct lyd_node *node_copied(const struct document *document,
					  const struct lyd_node *node)
{
	mem_auto char *path = lyd_path(node, LYD_PATH_STD, NULL, 0);
	struct lyd_node *found = NULL;

	if (!document->tree || !path || lyd_find_path(document->tree, path, 0, &found))
		return NULL;
	return found;
}

/* What the problem blames. By its path alone "filter" blames no entry of it. */
static const struct lyd_node *blamed_find(const struct document *document,
					  const struct problem *problem)
{
	const struct lyd_node *node;
	mem_auto char *path = NULL;

	if (problem->node)
		return node_copied(document, problem->node);
	node = problem->path ? document_find(document, problem->path) : NULL;
	path = node ? document_path(node) : NULL;
	return path && is_within(problem->path, path) ? node : NULL;
}

/* The node itself, or the nearest one around it, that can be left out alone. */
static struct lyd_node *separable_find(const struct document *document, const char *const *owns,
				       const struct problem *problem)
{
	const struct lyd_node *node = blamed_find(document, problem);

	while (node && !schema_is_separable(node->schema))
		node = lyd_parent(node);
	return node && is_owned(owns, node) ? (struct lyd_node *)node : NULL;
}

static bool is_in(const struct lyd_node *node, struct lyd_node *const *nodes, unsigned count)
{
	for (; node; node = lyd_parent(node))
		for (unsigned i = 0; i < count; i++)
			if (nodes[i] == node)
				return true;
	return false;
}

static void take_out(struct document *document, struct lyd_node *node)
{
	if (document->tree == node)
		document->tree = node->next;
	lyd_free_tree(node);
}

static void omission_of(struct omissions *list, const char *part, const struct lyd_node *node,
			const struct problem *problem)
{
	mem_auto char *path = path_make(node);
	mem_auto char *reason =
		!problem->path || strncmp(path, problem->path, strlen(problem->path))
			? mem_printf("%s: %s", problem->path, problem->message)
			: mem_strdup(problem->message);

	omissions_add(list, part, path, reason);
}

unsigned omissions_take_out(struct omissions *list, const char *part, const char *const *owns,
			    struct document *document, const struct problems *problems)
{
	struct lyd_node *taken[PROBLEMS_MAX];
	unsigned count = 0;

	/* all are found before the first one goes */
	for (unsigned i = 0; i < problems->count && count < PROBLEMS_MAX; i++) {
		struct lyd_node *node = separable_find(document, owns, &problems->at[i]);

		if (!node || is_in(node, taken, count))
			continue;
		omission_of(list, part, node, &problems->at[i]);
		taken[count++] = node;
	}
	/* one that is within another would go with it, and be gone when its own turn comes */
	for (unsigned i = 0; i < count; i++)
		if (lyd_parent(taken[i]))
			lyd_unlink_tree(taken[i]);
	for (unsigned i = 0; i < count; i++)
		take_out(document, taken[i]);
	return count;
}
