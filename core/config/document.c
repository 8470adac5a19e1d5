// SPDX-License-Identifier: GPL-2.0-or-later
#include "document.h"

#include <errno.h>
#include <libyang/libyang.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "problem.h"
#include "schema.h"

struct document *document_new(const struct schema *schema)
{
	struct document *document = mem_zalloc(sizeof(*document));

	document->schema = schema;
	return document;
}

struct document *document_hold(struct document *document)
{
	document->holders++;
	return document;
}

void document_free(struct document *document)
{
	if (!document || document->holders) {
		if (document)
			document->holders--;
		return;
	}
	lyd_free_all(document->tree);
	free(document->file);
	free(document);
}

struct document *document_copy(const struct document *document)
{
	struct document *copy = document_new(document->schema);

	if (document->tree && lyd_dup_siblings(document->tree, NULL,
					       LYD_DUP_RECURSIVE | LYD_DUP_WITH_FLAGS, &copy->tree))
		abort();
	return copy;
}

bool document_equal(const struct document *a, const struct document *b)
{
	return !lyd_compare_siblings(a->tree, b->tree, LYD_COMPARE_FULL_RECURSION);
}

static const struct lyd_node *top_find(const struct lyd_node *node, const char *name)
{
	while (node && strcmp(LYD_NAME(node), name))
		node = node->next;
	return node;
}

bool document_equal_below(const struct document *a, const struct document *b, const char *name)
{
	const struct lyd_node *x = top_find(a->tree, name), *y = top_find(b->tree, name);

	/* a list has one top-level node an entry; they stand together */
	while (x && y && !lyd_compare_single(x, y, LYD_COMPARE_FULL_RECURSION)) {
		x = top_find(x->next, name);
		y = top_find(y->next, name);
	}
	return !x && !y;
}

/* ---- places ---- */

enum { COLUMN_BITS = 11 };

void document_mark(struct lyd_node *node, unsigned line, unsigned column)
{
	unsigned widest = (1u << COLUMN_BITS) - 1;

	node->priv = (void *)((uintptr_t)line << COLUMN_BITS | (column < widest ? column : widest));
}

void document_place(const struct document *document, const struct lyd_node *node,
		    struct problem *problem)
{
	uintptr_t mark = 0;

	/* a default has no place: its parent has */
	for (; node && !mark; node = lyd_parent(node))
		mark = (uintptr_t)node->priv;
	if (document->file)
		problem_place(problem, document->file, mark >> COLUMN_BITS,
			      mark & ((1u << COLUMN_BITS) - 1));
}

static void path_add(const struct lyd_node *node, struct text *text)
{
	if (lyd_parent(node)) {
		path_add(lyd_parent(node), text);
		text_add(text, "/");
	}
	text_add(text, "%s", LYD_NAME(node));
	if (node->schema->nodetype == LYS_LIST && lyd_child(node))
		text_add(text, "[%s]", lyd_get_value(lyd_child(node)));
}

char *document_path(const struct lyd_node *node)
{
	struct text text = {0};

	path_add(node, &text);
	return text_take(&text);
}

static const struct lyd_node *step_find(const struct lyd_node *siblings, const char *name,
					const char *key)
{
	const struct lyd_node *node;

	LY_LIST_FOR (siblings, node) {
		if (strcmp(LYD_NAME(node), name))
			continue;
		if (!key || (lyd_child(node) && !strcmp(lyd_get_value(lyd_child(node)), key)))
			return node;
	}
	return NULL;
}

const struct lyd_node *document_find(const struct document *document, const char *path)
{
	mem_auto char *copy = mem_strdup(path);
	const struct lyd_node *found = NULL, *siblings = document->tree, *node;
	char *at = copy;

	while (at && *at) {
		char *name = at, *key = NULL, *end;

		at = strpbrk(at, "[/");
		if (at && *at == '[') { /* a key may have a slash in it */
			*at = '\0';
			key = at + 1;
			end = strchr(key, ']');
			if (!end)
				return found;
			*end = '\0';
			at = end[1] ? end + 2 : NULL;
		} else if (at) {
			*at++ = '\0';
		}
		node = step_find(siblings, name, key);
		if (!node)
			return found;
		found = node;
		siblings = lyd_child(node);
	}
	return found;
}

/* ---- validation ---- */

/* libyang's 'Data location "/ferrule:filter[name='x']/action".' to our "filter[x]/action" */
static char *path_plain(const char *location)
{
	const char *path = location ? strchr(location, '/') : NULL;
	struct text text = {0};

	for (; path && *path && *path != '"'; path++) {
		if (*path == '/') {
			const char *colon = strchr(path + 1, ':');

			if (text.length)
				text_add(&text, "/");
			if (colon && !memchr(path + 1, '/', colon - path - 1))
				path = colon;
		} else if (*path == '[') {
			const char *open = strpbrk(path, "'\""), *close;

			close = open ? strchr(open + 1, *open) : NULL;
			if (!close)
				break;
			text_add(&text, "[%.*s]", (int)(close - open - 1), open + 1);
			path = close + 1;
		} else {
			text_add_octets(&text, path, 1);
		}
	}
	return text_take(&text);
}

static char *message_plain(const struct ly_err_item *item)
{
	char name[64];

	if (sscanf(item->msg, "Mandatory node \"%63[^\"]\" instance does not exist.", name) == 1)
		return mem_printf("%s is missing", name);
	if (sscanf(item->msg, "Too few \"%63[^\"]\" instances.", name) == 1)
		return mem_printf("%s is missing", name);
	if (sscanf(item->msg, "Too many \"%63[^\"]\" instances.", name) == 1)
		return mem_printf("too many of %s", name);
	return mem_strdup(item->msg);
}

/* The first node along the names of the path that has nothing for the last one: libyang says what
 * is missing by the path in the schema, without the entry of a list. */
static const struct lyd_node *lacking(const struct lyd_node *siblings, const char *path)
{
	size_t length = strcspn(path, "/");
	const char *rest = path[length] ? path + length + 1 : NULL;
	const struct lyd_node *node, *found;

	LY_LIST_FOR (siblings, node) {
		if (!rest || strncmp(node->schema->name, path, length) ||
		    node->schema->name[length])
			continue;
		if (!strchr(rest, '/') &&
		    lyd_find_sibling_val(
			    lyd_child(node),
			    lys_find_child(node->schema, node->schema->module, rest, 0, 0, 0), NULL,
			    0, NULL))
			return node;
		found = lacking(lyd_child(node), rest);
		if (found)
			return found;
	}
	return NULL;
}

static void missing_problem(struct document *document, const char *path, const char *message,
			    struct problems *problems)
{
	const struct lyd_node *parent = lacking(document->tree, path);
	mem_auto char *above = parent ? document_path(parent) : NULL;
	const char *name = strrchr(path, '/');
	mem_auto char *whole = above ? mem_printf("%s%s", above, name) : mem_strdup(path);
	struct problem *problem = problems_add(problems, whole, "%s", message);

	document_place(document, parent ? parent : document_find(document, path), problem);
}

static void validation_problem(struct document *document, const struct ly_err_item *item,
			       struct problems *problems)
{
	mem_auto char *path = path_plain(item->path);
	mem_auto char *message = message_plain(item);
	struct problem *problem;

	if (strstr(message, " is missing")) {
		missing_problem(document, path, message, problems);
		return;
	}
	problem = problems_add(problems, path, "%s", message);
	document_place(document, document_find(document, path), problem);
}

int document_validate(struct document *document, struct problems *problems)
{
	struct ly_ctx *ctx = document->schema->ctx;
	const struct ly_err_item *item;

	ly_err_clean(ctx, NULL);
	if (!lyd_validate_all(&document->tree, ctx, LYD_VALIDATE_NO_STATE, NULL))
		return 0;
	for (item = ly_err_first(ctx); item; item = item->next)
		if (item->level == LY_LLERR)
			validation_problem(document, item, problems);
	ly_err_clean(ctx, NULL);
	if (!problems->count)
		problems_add(problems, NULL, "the configuration is not valid");
	return -EINVAL;
}
