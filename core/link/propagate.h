/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Link fault propagation: a side without carrier has the other one held down. Pure: it is told the
 * time and the carriers, and says what is to be done.
 *
 *	           no carrier for the hold time            carrier for the hold time
 *	passing  ------------------------------>  holding  ------------------------>  passing
 *
 * What a side says is no fault while it settles: after the start, and after it was held, until it
 * has carrier or the grace is over. The side with the fault stays up and offers its link, so that
 * two such modules never wait for each other.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum propagate_step { PROPAGATE_NOTHING, PROPAGATE_HOLD, PROPAGATE_RELEASE };

struct propagate {
	uint32_t hold;	/* ms */
	uint32_t grace; /* ms */
	int held;	/* side, or -1 */
	bool carrier[2];
	uint64_t since[2];   /* ms: when its carrier came or went */
	uint64_t settles[2]; /* ms: until when; 0: it has */
};

/* held: the side that an earlier supervisor holds, or -1. */
void propagate_start(struct propagate *p, uint64_t now, const bool carrier[2], int held);

/* *side is the one to hold or to release; it is taken for done. *wait: ms until the next look, 0:
 * only when a carrier changes. */
enum propagate_step propagate_look(struct propagate *p, uint64_t now, const bool carrier[2],
				   int *side, uint64_t *wait);
