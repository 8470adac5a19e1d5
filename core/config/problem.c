// SPDX-License-Identifier: GPL-2.0-or-later
#include "problem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/base/text.h"

struct problem *problems_add(struct problems *list, const char *path, const char *format, ...)
{
	static struct problem left_out;
	struct problem *p;
	va_list args;
	char *message;

	if (list->count == PROBLEMS_MAX) {
		left_out = (struct problem){0};
		return &left_out;
	}
	va_start(args, format);
	if (vasprintf(&message, format, args) < 0)
		abort();
	va_end(args);
	text_clean(message);
	list->at = mem_grow(list->at, list->count, sizeof(*list->at));
	p = &list->at[list->count++];
	*p = (struct problem){.path = path && *path ? mem_strdup(path) : NULL, .message = message};
	if (p->path)
		text_clean(p->path);
	return p;
}

void problem_place(struct problem *problem, const char *file, unsigned line, unsigned column)
{
	if (!problem->message) /* one that was left out */
		return;
	free(problem->file);
	problem->file = file ? mem_strdup(file) : NULL;
	problem->line = line;
	problem->column = column;
}

void problems_clear(struct problems *list)
{
	for (unsigned i = 0; i < list->count; i++) {
		free(list->at[i].file);
		free(list->at[i].path);
		free(list->at[i].message);
	}
	free(list->at);
	*list = (struct problems){0};
}

char *problem_print(const struct problem *problem)
{
	struct text line = {0};

	if (problem->file && problem->line)
		text_add(&line, "%s:%u:%u: ", problem->file, problem->line, problem->column);
	else if (problem->file)
		text_add(&line, "%s: ", problem->file);
	if (problem->path)
		text_add(&line, "%s: ", problem->path);
	text_add(&line, "%s", problem->message);
	return text_take(&line);
}
