// SPDX-License-Identifier: GPL-2.0-or-later
#include "path.h"

#include <errno.h>
#include <libyang/libyang.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "document.h"
#include "problem.h"
#include "schema.h"

char *path_print(const struct schema *schema, const char *const *words, size_t count)
{
	const struct lysc_node *node = NULL;
	struct text text = {0};
	bool key = false;

	for (size_t i = 0; i < count; i++) {
		if (key) {
			text_add(&text, "[%s]", words[i]);
			key = false;
			continue;
		}
		node = schema_child(schema, node, words[i]);
		text_add(&text, "%s%s", text.length ? "/" : "", words[i]);
		if (!node)
			break;
		key = schema_is_list(node);
	}
	return text_take(&text);
}

static void unknown_word(const struct schema *schema, const struct lysc_node *parent,
			 const char *const *words, size_t at, struct problems *problems)
{
	mem_auto char *path = path_print(schema, words, at + 1);
	const char *near = schema_nearest(schema, parent, words[at]);
	const struct lysc_node *child = NULL;
	struct text text_auto allowed = {0};

	while ((child = schema_next(schema, parent, child)))
		text_add(&allowed, "%s%s", allowed.length ? ", " : "", child->name);
	if (near)
		problems_add(problems, path, "unknown; did you mean '%s'?", near);
	else
		problems_add(problems, path, "unknown, allowed are %s", allowed.data);
}

int path_resolve(const struct schema *schema, const char *const *words, size_t count,
		 struct path *path, struct problems *problems)
{
	const struct lysc_node *child;

	*path = (struct path){0};
	while (path->used < count) {
		if (path->list) {
			path->list = NULL;
			path->used++;
			continue;
		}
		if (path->schema && path->schema->nodetype & (LYS_LEAF | LYS_LEAFLIST))
			return 0;
		/* names as they are shown: one with the prefix of a module would be a second name
		 */
		child = strchr(words[path->used], ':')
				? NULL
				: schema_child(schema, path->schema, words[path->used]);
		if (!child) {
			unknown_word(schema, path->schema, words, path->used, problems);
			return -EINVAL;
		}
		path->schema = child;
		path->list = schema_is_list(child) ? child : NULL;
		path->used++;
	}
	return 0;
}

static struct lyd_node *child_find(struct lyd_node *siblings, const char *name, const char *key)
{
	struct lyd_node *node;

	LY_LIST_FOR (siblings, node) {
		if (strcmp(LYD_NAME(node), name))
			continue;
		if (!key || !strcmp(lyd_get_value(lyd_child(node)), key))
			return node;
	}
	return NULL;
}

struct lyd_node *path_find(const struct document *document, const char *const *words, size_t count)
{
	struct lyd_node *siblings = document->tree, *node = NULL;
	size_t i = 0;

	while (i < count) {
		const char *name = words[i++], *key = NULL;

		node = child_find(siblings, name, NULL);
		if (node && node->schema->nodetype == LYS_LIST && i < count) {
			key = words[i++];
			node = child_find(siblings, name, key);
		}
		if (!node)
			return NULL;
		siblings = lyd_child(node);
	}
	return node;
}
