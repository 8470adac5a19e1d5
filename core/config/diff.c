// SPDX-License-Identifier: GPL-2.0-or-later
#include "diff.h"

#include <libyang/libyang.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "document.h"

static void quote(struct text *text, const char *word)
{
	if (*word && !strpbrk(word, " \t\"'\\#"))
		text_add(text, " %s", word);
	else
		text_add(text, " \"%s\"", word);
}

static unsigned flatten(const struct lyd_node *first, const char *prefix, struct text *text);

/* A container whose being there is what it says: with nothing in it, it is a line by itself. */
static unsigned flatten_below(const struct lyd_node *node, const char *prefix, struct text *text)
{
	unsigned lines = flatten(lyd_child(node), prefix, text);

	if (lines || node->schema->nodetype != LYS_CONTAINER || lysc_is_np_cont(node->schema))
		return lines;
	text_add(text, "%s\n", prefix);
	return 1;
}

/* How many lines. */
static unsigned flatten(const struct lyd_node *first, const char *prefix, struct text *text)
{
	const struct lyd_node *node;
	unsigned lines = 0;

	LY_LIST_FOR (first, node) {
		struct text text_auto line = {0};

		if (node->flags & LYD_DEFAULT || lysc_is_key(node->schema))
			continue;
		text_add(&line, "%s%s%s", prefix, *prefix ? " " : "", LYD_NAME(node));
		if (node->schema->nodetype & (LYS_LEAF | LYS_LEAFLIST)) {
			quote(&line, lyd_get_value(node));
			text_add(text, "%s\n", line.data);
			lines++;
			continue;
		}
		if (node->schema->nodetype == LYS_LIST) {
			quote(&line, lyd_get_value(lyd_child(node)));
			text_add(text, "%s\n", line.data);
			lines++;
		}
		lines += flatten_below(node, line.data, text);
	}
	return lines;
}

char *diff_flatten(const struct document *document)
{
	struct text text = {0};

	flatten(document->tree, "", &text);
	return text_take(&text);
}

struct lines {
	char *text;
	const char **at;
	const char **sorted;
	unsigned count;
};

static int line_compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static struct lines lines_make(const struct document *document)
{
	struct lines l = {.text = diff_flatten(document)};
	char *save = NULL;

	for (char *line = strtok_r(l.text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		l.at = mem_grow(l.at, l.count, sizeof(*l.at));
		l.at[l.count++] = line;
	}
	l.sorted = mem_zalloc((l.count + 1) * sizeof(*l.sorted));
	if (l.count) {
		memcpy(l.sorted, l.at, l.count * sizeof(*l.sorted));
		qsort(l.sorted, l.count, sizeof(*l.sorted), line_compare);
	}
	return l;
}

static void lines_free(struct lines *l)
{
	free(l->text);
	free(l->at);
	free(l->sorted);
}

static bool lines_have(const struct lines *l, const char *line)
{
	return bsearch(&line, l->sorted, l->count, sizeof(*l->sorted), line_compare);
}

/* The order of what is in both: filters decide by it. */
static void print_order(const struct lines *from, const struct lines *to, struct text *text)
{
	unsigned i = 0, k = 0;

	for (;;) {
		while (i < from->count && !lines_have(to, from->at[i]))
			i++;
		while (k < to->count && !lines_have(from, to->at[k]))
			k++;
		if (i == from->count || k == to->count)
			return;
		if (strcmp(from->at[i++], to->at[k++])) {
			text_add(text, "~ the order differs from '%s' on\n", to->at[k - 1]);
			return;
		}
	}
}

char *diff_print(const struct document *from, const struct document *to)
{
	struct lines old = lines_make(from), new = lines_make(to);
	struct text text = {0};

	for (unsigned i = 0; i < old.count; i++)
		if (!lines_have(&new, old.at[i]))
			text_add(&text, "- set %s\n", old.at[i]);
	for (unsigned i = 0; i < new.count; i++)
		if (!lines_have(&old, new.at[i]))
			text_add(&text, "+ set %s\n", new.at[i]);
	print_order(&old, &new, &text);
	lines_free(&old);
	lines_free(&new);
	return text_take(&text);
}
