/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a commit does to those who are served: each role says so in lines, before it happens. What
 * is severe is asked for: by a way back that is automatic (`--confirm`), or by a word.
 */
#pragma once

#include <stdbool.h>

#include "transaction.h"

struct fer_disturbances {
	const char *part; /* of the next line; borrowed */
	struct disturbance {
		char *text; /* "NAME OF THE PART: resets 3 of 10 sessions: ..." */
		bool severe;
	} * at;
	unsigned count;
};

/* Of all parts that differ. */
void disturbances_find(const struct commit_parts *parts, const struct document *from,
		       const struct document *to, struct fer_disturbances *list);

/* 0, or -EPERM with a problem for each that is severe. */
int disturbances_ask(const struct fer_disturbances *list, struct problems *problems);

void disturbances_clear(struct fer_disturbances *list);

#define disturbances_auto __attribute__((cleanup(disturbances_clear)))
