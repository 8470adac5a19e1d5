/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The interactive shell: the commands, completion and `?` from the schema, and places to be in:
 * `sfp1(filter dns-watch)#`.
 */
#pragma once

struct session;

int shell_run(struct session *session);

/* Words of a line, with "quotes" and # comments; the caller frees the array, not the words. */
const char **shell_split(char *line, unsigned long *count);
