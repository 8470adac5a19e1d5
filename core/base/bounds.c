// SPDX-License-Identifier: GPL-2.0-or-later
#include "bounds.h"

#include <string.h>

struct scan {
	const char *at, *end;
	unsigned items, depth;
	unsigned line;
	const char *line_start;
};

/* Behind the quote that ends what `at` begins. */
static void quoted_skip(struct scan *s)
{
	char quote = *s->at++;

	for (; s->at < s->end && *s->at != quote; s->at++) {
		if (*s->at == '\\' && quote == '"' && s->at + 1 < s->end)
			s->at++;
		if (*s->at == '\n') {
			s->line++;
			s->items++;
			s->line_start = s->at + 1;
		}
	}
}

/* A quote within a word is an apostrophe, and '#' within one is no comment. */
static bool word_begins(const struct scan *s, const char *start)
{
	return s->at == start || strchr(" \t\n,:[{-", s->at[-1]);
}

static void octet_take(struct scan *s, const char *start)
{
	switch (*s->at) {
	case '"':
	case '\'':
		if (word_begins(s, start))
			quoted_skip(s);
		return;
	case '#':
		if (word_begins(s, start))
			while (s->at + 1 < s->end && s->at[1] != '\n')
				s->at++;
		return;
	case '\n':
		s->line++;
		s->items++;
		s->line_start = s->at + 1;
		return;
	case '[':
	case '{':
		s->items++;
		s->depth++;
		return;
	case ']':
	case '}':
		s->depth -= s->depth > 0;
		return;
	case ',':
		s->items++;
		return;
	}
}

bool bounds_hold(const struct bounds *bounds, const char *text, size_t size,
		 struct bounds_excess *excess)
{
	struct scan s = {.at = text, .end = text + size, .line = 1, .line_start = text};

	for (; s.at < s.end; s.at++) {
		octet_take(&s, text);
		if (s.items <= bounds->items && s.depth <= bounds->depth)
			continue;
		*excess = (struct bounds_excess){
			.what = s.depth > bounds->depth ? "levels of brackets" : "values",
			.allowed = s.depth > bounds->depth ? bounds->depth : bounds->items,
			.line = s.line,
			.column = s.at - s.line_start + 1,
		};
		return false;
	}
	return true;
}
