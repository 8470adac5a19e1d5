/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The state that a role shows. Paths go down from `state` of ferrule-control.yang, with predicates
 * for lists: "service[name='NAME']/pid". A node of another module takes its name as prefix:
 * "ferrule-example:example/greeting".
 */
#pragma once

#include <stdint.h>

struct fer_state;

void fer_state_text(struct fer_state *state, const char *value, const char *path, ...)
	__attribute__((format(printf, 3, 4)));
void fer_state_number(struct fer_state *state, uint64_t value, const char *path, ...)
	__attribute__((format(printf, 3, 4)));
