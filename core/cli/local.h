/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the client does without a supervisor: it has the schema and the plugins' checks itself. */
#pragma once

struct schema;

/* Loaded once; NULL after a line on stderr. */
const struct schema *local_schema(void);
void local_free(void);

/* `ferrule check FILE`: an exit code, after a line for each problem. */
int local_check(const char *file);
