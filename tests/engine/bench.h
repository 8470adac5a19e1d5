/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The XDP programs in the kernel, run on single frames by BPF_PROG_TEST_RUN.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/engine/xdp/maps.h"
#include "core/engine/rules.h"

struct bench {
	struct wire_bpf *bpf;
	struct image *banks;
	struct engine_control *control;
	uint32_t slot[FILTERS_MAX];
};

/* Exits with a TAP line where it cannot; skips everything without root. */
void bench_open(struct bench *bench);
void bench_close(struct bench *bench);

/* The set into force, its counters at zero, with the supervisor alive or dead. */
void bench_rules(struct bench *bench, const struct rule_set *set, bool alive);

/* The decision has resets in it. */
bool bench_resets(const struct engine_decision *decision);

/* Where the frame goes. A copy of a long one is left out as the engine leaves it out. */
struct engine_decision bench_frame(struct bench *bench, enum engine_port port, void *frame,
				   size_t length);

/* Counts of filter i of the set in force. */
struct filter_counters bench_count(struct bench *bench, unsigned i);
