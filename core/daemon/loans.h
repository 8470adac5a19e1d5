/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Loans while they are in force: what passing frames show of their owners goes into the engine.
 */
#pragma once

#include <stdbool.h>

#include "core/link/owner.h"

struct engine;
struct fer_model;
struct fer_problems;
struct loans;
struct rule_set;

struct loans *loans_new(void);

/* The engine goes on as it was told. */
void loans_free(struct loans *loans);

/* After a commit: in the order of the rules. */
void loans_set(struct loans *loans, struct engine *engine, const struct backend_ports *ports,
	       const struct rule_set *rules);

/* A loan by its address, or NULL. *number is that of the rules. */
const struct owner *loans_get(const struct loans *loans, const char *address, unsigned *number);

/* A port that is newly lent, and that its owner was seen using. */
void loans_check(const struct loans *loans, const struct fer_model *config,
		 const struct rule_set *rules, struct fer_problems *problems);
