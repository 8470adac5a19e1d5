/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Addresses that somebody else has: noticed, reported, and forgotten when they were taken after
 * all.
 */
#pragma once

struct fer_state;

enum { CONFLICTS_MAX = 4 };

struct conflicts {
	char address[CONFLICTS_MAX][64];
	unsigned count;
};

void conflicts_add(struct conflicts *conflicts, const char *address);
void conflicts_state(const struct conflicts *conflicts, struct fer_state *state);
