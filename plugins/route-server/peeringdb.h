/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What members say in PeeringDB of how many prefixes they announce (info_prefixes4 and 6 of
 * /api/net), as bounds of their sessions: a file that somebody fetches.
 */
#pragma once

struct fer_problems;
struct rs_config;

/* Sets the limits of clients that have none of their own. 0 or a negative errno with a problem. */
int peeringdb_load(struct rs_config *config, const char *folder, struct fer_problems *problems);
