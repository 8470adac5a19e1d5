/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ERSPAN sessions and captures of a configuration.
 */
#pragma once

#include <stdint.h>

struct fer_config;
struct fer_model;
struct fer_problems;
struct rule_set;

/* Into the set, in their order; before its filters. */
void sessions_load(const struct fer_config *config, struct rule_set *set,
		   struct fer_problems *problems);

void captures_load(const struct fer_config *config, struct rule_set *set);

/* Bit: the session of that number is among the names, of which `name` is the first. */
uint16_t sessions_named(const struct fer_model *name, const struct rule_set *set,
			struct fer_problems *problems);
uint8_t captures_named(const struct fer_model *name, const struct rule_set *set,
		       struct fer_problems *problems);
