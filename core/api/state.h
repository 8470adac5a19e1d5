/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The state that a role shows. Paths go down from `state` of ferrule-control.yang, with predicates
 * for lists: "service[name='NAME']/pid". A node of another module takes its name as prefix:
 * "ferrule-example:example/greeting".
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct fer_state;

void fer_state_text(struct fer_state *state, const char *value, const char *path, ...)
	__attribute__((format(printf, 3, 4)));
void fer_state_number(struct fer_state *state, uint64_t value, const char *path, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * What somebody should look at, for `ferrule health` and monitoring: of a role, one line for each
 * thing ("upstream 192.0.2.53"). critical: users feel it.
 */
void fer_state_trouble(struct fer_state *state, const char *role, const char *what, bool critical,
		       const char *why, ...) __attribute__((format(printf, 5, 6)));
