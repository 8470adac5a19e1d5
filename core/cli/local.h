/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the client does without a supervisor: it has the schema and the plugins' checks itself. */
#pragma once

#include <stdbool.h>

struct fer_verb;
struct schema;

/* Loaded once; NULL after a line on stderr. */
const struct schema *local_schema(void);
void local_free(void);

/* The verbs of a role, up to one without a name; NULL where it has none. */
const struct fer_verb *local_verbs(const char *role);

/* The roles that have verbs, by index from 0; NULL at the end. */
const char *local_role(unsigned index);

/* `ferrule check FILE`: an exit code, after a line for each problem. */
int local_check(const char *file, bool json);

/* What is wrong with this YAML within a subtree, as `ferrule check` has it: lines in new memory. */
char *local_verify(const char *yaml, const char *path);
