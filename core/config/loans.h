/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The loans of a configuration.
 */
#pragma once

struct fer_config;
struct fer_problems;
struct rule_set;

/* Those that are enabled, into the set, in their order. */
void loans_load(const struct fer_config *config, struct rule_set *set,
		struct fer_problems *problems);
