/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A table for people: columns as wide as they must be, numbers to the right.
 */
#pragma once

#include <stdbool.h>

enum { TABLE_COLUMNS_MAX = 16 };

struct table;

/* columns: heads, separated by '|'; one that begins with '>' is set to the right. */
struct table *table_new(const char *columns);
void table_free(struct table *table);

/* One value for each column, each a const char *. */
void table_add(struct table *table, ...);

/* The next value of a row that is made value by value. */
void table_cell(struct table *table, const char *value);
void table_print(const struct table *table);

/* Escape sequences where stdout is a terminal that wants them (NO_COLOR), "" elsewhere. */
const char *colour_bold(void);
const char *colour_good(void);
const char *colour_bad(void);
const char *colour_plain(void);
