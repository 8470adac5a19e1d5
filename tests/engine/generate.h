/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random rule sets and frames from few values, so that they meet. Same seed, same sequence.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct rule_set;

enum { FRAME_MAX = 4096 };

struct generator {
	uint64_t state;
};

uint32_t generate_number(struct generator *g, uint32_t below);
struct rule_set *generate_rules(struct generator *g, unsigned count);

/* The frame's length, 14 or more (what the test run of the kernel takes). */
size_t generate_frame(struct generator *g, const struct rule_set *set, uint8_t *frame);

/* Into the set, for a table of flows of its own (lender.h). */
void generate_loans(struct generator *g, struct rule_set *set);

/* Of a set with loans: a frame of an owner or to it. */
size_t generate_loan_frame(struct generator *g, const struct rule_set *set, uint8_t *frame);
