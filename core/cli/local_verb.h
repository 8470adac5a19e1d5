/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A role's verb that the client runs itself, as it reads what somebody else wrote. */
#pragma once

#include <stddef.h>

struct fer_verb;
struct session;

/* An exit code. */
int local_verb_run(struct session *session, const struct fer_verb *verb, const char *const *words,
		   size_t count);
