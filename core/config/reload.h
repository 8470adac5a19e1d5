/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files that a configuration names (keys, certificates, lists): a plan says which it was made of,
 * and is made again of the same configuration when one of them changes, or when somebody asks.
 */
#pragma once

struct commit;
struct commit_part;

/* Of a part whose plan begins: what it was made of before is forgotten. */
void reload_plan_begin(const struct commit_part *part);
void reload_plan_end(void);

/* Looks at all files, every few seconds. */
void reload_start(struct commit *commit);
void reload_stop(void);
