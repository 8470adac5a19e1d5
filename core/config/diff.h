/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What differs, as the commands that would make it so: "- set ..." was, "+ set ..." will be.
 */
#pragma once

#include <stddef.h>

struct document;

/* The document as `set` commands without the word, one a line. The caller frees it. */
char *diff_flatten(const struct document *document);

/* Empty when they are equal. The caller frees it. */
char *diff_print(const struct document *from, const struct document *to);
