/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is registered for members comes from a file that somebody else writes, and that can be cut,
 * empty or gone. What was good last is kept beside: it serves at a start where the file cannot be
 * read, and a list that shrinks suddenly is held until somebody says that it is right.
 */
#pragma once

#include <stdbool.h>

#include <stdbool.h>
#include <stdint.h>

struct fer_problems;
struct rs_config;

/*
 * Reads it, and gives each client its set. 0 or a negative errno with problems and config->why.
 * first: nothing is in force yet; then what was kept will do.
 */
int registry_load(struct rs_config *config, const char *folder, bool first,
		  struct fer_problems *problems);

/* It is in force: the file is kept. */
void registry_keep(const struct rs_config *config, const char *folder);

/* When the file was written, ns since 1970; 0 where there is none. */
int64_t registry_time(const struct rs_config *config, const char *folder);

/* Its age in s, or -1 where there is none. */
long registry_age(const struct rs_config *config, const char *folder);

/* Something was read once, and is kept. */
bool registry_has_kept(const char *folder);
