/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What answers for others, through a commit: the guest interface, the rules that redirect, loans.
 */
#pragma once

#include <stdbool.h>

struct backend_ports;
struct engine;
struct fer_problems;
struct guests;
struct loans;
struct rule_set;

struct guests *guests_new(const char *run_dir);
void guests_free(struct guests *guests);

/* In a plan: the interface, where the rules need one. *fresh: it is new. 0 or a negative errno. */
int guests_prepare(const char *interface, const struct rule_set *rules, unsigned mtu,
		   struct backend_ports *ports, bool *fresh);

/* Before the engine takes the rules, which are planned for these ports. */
void guests_stage(struct guests *guests, struct engine *engine, const char *interface,
		  const struct backend_ports *ports, const struct rule_set *rules);

/* After it. */
void guests_enforce(struct guests *guests, const char *interface, const struct backend_ports *ports,
		    const struct rule_set *rules);

/* Each second. Whether all is to be enforced again. */
bool guests_look(struct guests *guests);

const struct loans *guests_loans(const struct guests *guests);

/* Why nothing is answered, or NULL. */
const char *guests_problem(const struct guests *guests);
