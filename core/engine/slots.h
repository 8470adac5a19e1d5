/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which slot in the engine's maps belongs to which object, for sets of a few: one keeps its slot by
 * its name, a new one gets a slot that is not in use before or after the commit.
 */
#pragma once

#include <stdint.h>

#include "image.h"

struct named_slots {
	char name[SESSIONS_MAX][FILTER_NAME_SIZE];
	uint32_t slot[SESSIONS_MAX];
	unsigned count;
};

/* slots has names and their count; it gets the numbers, below `limit`. `fresh` is called for each
 * that was not in `old`. */
void slots_give(struct named_slots *slots, const struct named_slots *old, uint32_t limit,
		void (*fresh)(void *arg, uint32_t slot), void *arg);
