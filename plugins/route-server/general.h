/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The policy of arouteserver's general.yml, and what its clients have of their own, as ours. What
 * it does by default is written out where ours is another default; what has no equal here is said
 * in a remark.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

struct fy_node;
struct member;

/* Lines of the container policy. */
void general_write(struct fy_node *cfg, FILE *file);

/* Into member->more: own is `cfg` of the client. */
void general_of_client(struct fy_node *cfg, struct fy_node *own, struct member *member);

/* The leaf, or one around it, is used or remarked on: of cfg, and of a client. */
bool general_takes(const char *path);
bool general_takes_of_client(const char *path);
