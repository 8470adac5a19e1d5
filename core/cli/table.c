// SPDX-License-Identifier: GPL-2.0-or-later
#include "table.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "core/base/mem.h"

enum { NARROW = 16 /* columns, that a cell keeps */ };

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

/* Columns of a terminal that it takes: a character of UTF-8 is one. */
static int width_of(const char *text)
{
	int width = 0;

	for (; *text; text++)
		width += (*text & 0xc0) != 0x80;
	return width;
}

static void cell_print(const char *text, int width, bool right, bool last)
{
	int pad = width - width_of(text);

	if (right)
		printf("%*s", pad > 0 ? pad : 0, "");
	for (int at = 0; *text; text++) {
		at += (*text & 0xc0) != 0x80;
		if (pad < 0 && at == width) {
			printf("\u2026");
			break;
		}
		putchar(*text);
	}
	if (!right && !last)
		printf("%*s", pad > 0 ? pad : 0, "");
	printf("%s", last ? "\n" : "  ");
}

static void row_print(const struct table *t, char *const *cell, const int *width)
{
	for (unsigned i = 0; i < t->columns; i++)
		cell_print(cell[i], width[i], t->right[i], i + 1 == t->columns);
}

/* On a terminal the widest column gives way; what goes into a file or a pipe is whole. */
static void fit(const struct table *t, int *width)
{
	struct winsize window = {0};
	int all = 2 * ((int)t->columns - 1);

	if (!isatty(1) || ioctl(1, TIOCGWINSZ, &window) || !window.ws_col)
		return;
	for (unsigned i = 0; i < t->columns; i++)
		all += width[i];
	while (all > window.ws_col) {
		unsigned widest = 0;

		for (unsigned i = 1; i < t->columns; i++)
			if (width[i] > width[widest])
				widest = i;
		if (width[widest] <= NARROW)
			return;
		width[widest]--;
		all--;
	}
}

void table_print(const struct table *t)
{
	int width[TABLE_COLUMNS_MAX];

	for (unsigned i = 0; i < t->columns; i++)
		width[i] = width_of(t->head[i]);
	for (unsigned i = 0; i < t->cells; i++)
		if (width_of(t->cell[i]) > width[i % t->columns])
			width[i % t->columns] = width_of(t->cell[i]);
	fit(t, width);
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
