/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Communities of the exchange's own beside the standard ones (doc/route-server.md): what members'
 * routers are full of since another route server. "64999:peer" stands for each client's AS.
 */
#pragma once

#include <stdio.h>

struct fer_problems;
struct rs_config;

/* " || CONDITION" for each that means that; the client is f_to. means: as in the model. */
void communities_conditions(const struct rs_config *config, const char *means, FILE *file);

/* ", (64999, *)" for each, where the standard sets have it not already; parts: 2, or 3 for large
 * ones. */
void communities_ours(const struct rs_config *config, unsigned parts, FILE *file);

/* 0 or -EINVAL with problems. */
int communities_check(const struct rs_config *config, struct fer_problems *problems);
