/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `ferrule ROLE VERB [WORD...]`: what a role does when it is told to. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct session;

/* Whether the words begin with a role that has verbs, and one of them where there are two. */
bool role_has(const char *const *words, size_t count);

/* An exit code. One word: lists its verbs. */
int role_run(struct session *session, const char *const *words, size_t count);

/* The verbs of all roles, or of that one. False: there is none. */
bool role_help(const char *only);
