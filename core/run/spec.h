/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A spec of our own, and what makes two of them the same process. */
#pragma once

#include "core/api/service.h"

struct fer_process_spec *spec_copy(const struct fer_process_spec *spec);
void spec_free(struct fer_process_spec *spec);

/* A hash of all that a running process cannot change: arguments, user, bounds, version. */
uint64_t spec_version(const struct fer_process_spec *spec);

/* Its arguments, and what this one start is told beside: a new array of borrowed texts. */
char **spec_argv(const struct fer_process_spec *spec);

/* argv and the like: a new array of new texts, NULL for NULL. */
char **texts_copy(char *const *texts);
void texts_free(char *const *texts);
