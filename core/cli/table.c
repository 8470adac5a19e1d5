// SPDX-License-Identifier: GPL-2.0-or-later
#include "table.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"

struct table {
	unsigned columns;
	char *head[TABLE_COLUMNS_MAX];
	bool right[TABLE_COLUMNS_MAX];
	char **cell; /* rows * columns */
	unsigned cells;
};

struct table *table_new(const char *columns)
{
	struct table *t = mem_zalloc(sizeof(*t));
	mem_auto char *copy = mem_strdup(columns);
	char *save = NULL;

	for (char *head = strtok_r(copy, "|", &save); head; head = strtok_r(NULL, "|", &save)) {
		t->right[t->columns] = *head == '>';
		t->head[t->columns++] = mem_strdup(head + (*head == '>'));
	}
	return t;
}

void table_free(struct table *t)
{
	for (unsigned i = 0; i < t->columns; i++)
		free(t->head[i]);
	for (unsigned i = 0; i < t->cells; i++)
		free(t->cell[i]);
	free(t->cell);
	free(t);
}

void table_cell(struct table *t, const char *value)
{
	t->cell = mem_grow(t->cell, t->cells, sizeof(*t->cell));
	t->cell[t->cells++] = mem_strdup(value && *value ? value : "-");
}

void table_add(struct table *t, ...)
{
	va_list args;

	va_start(args, t);
	for (unsigned i = 0; i < t->columns; i++)
		table_cell(t, va_arg(args, const char *));
	va_end(args);
}

static void row_print(const struct table *t, char *const *cell, const int *width)
{
	for (unsigned i = 0; i < t->columns; i++) {
		if (i + 1 == t->columns && !t->right[i])
			printf("%s", cell[i]);
		else
			printf("%*s%s", t->right[i] ? width[i] : -width[i], cell[i],
			       i + 1 == t->columns ? "" : "  ");
	}
	printf("\n");
}

void table_print(const struct table *t)
{
	int width[TABLE_COLUMNS_MAX];

	for (unsigned i = 0; i < t->columns; i++)
		width[i] = strlen(t->head[i]);
	for (unsigned i = 0; i < t->cells; i++)
		if ((int)strlen(t->cell[i]) > width[i % t->columns])
			width[i % t->columns] = strlen(t->cell[i]);
	printf("%s", colour_bold());
	row_print(t, t->head, width);
	printf("%s", colour_plain());
	for (unsigned i = 0; i < t->cells; i += t->columns)
		row_print(t, t->cell + i, width);
}

static const char *colour(const char *sequence)
{
	static int wanted = -1;

	if (wanted < 0)
		wanted = isatty(1) && !getenv("NO_COLOR");
	return wanted ? sequence : "";
}

const char *colour_bold(void)
{
	return colour("\033[1m");
}

const char *colour_good(void)
{
	return colour("\033[32m");
}

const char *colour_bad(void)
{
	return colour("\033[31m");
}

const char *colour_plain(void)
{
	return colour("\033[0m");
}
