/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What can stand next on a line, with a word of help each; for TAB, `?` and bash.
 */
#pragma once

#include <stddef.h>

struct session;

typedef void complete_fn(const char *word, const char *help, void *arg);

/* words: those before the one that is completed, of which `begun` is typed already. */
void complete(struct session *session, const char *const *words, size_t count, const char *begun,
	      complete_fn *each, void *arg);
