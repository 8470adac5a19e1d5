/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How much may be sent into a tunnel so that queues behind it stay short: what got through when the
 * answers began to take longer, less an eighth, or less a third where they are very late; and more
 * again, slowly, while they are not. Lower still, three times, where the queue stays, as not all
 * that was sent gets through. Answers that are late all the same wait for something else, and it
 * lets go. Pure: it is told the time, what was sent, and how long an answer took.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { SHAPE_WINDOW = 4, SHAPE_SAMPLES = 5 };

struct shape {
	uint64_t limit; /* bit/s; 0: none */
	struct {
		uint64_t at, octets, received;
	} sent[SHAPE_WINDOW]; /* the last looks */
	unsigned looks;
	uint64_t rate, back;	       /* bit/s over that window, sent and received */
	int64_t excess[SHAPE_SAMPLES]; /* us over what an answer takes without load */
	int64_t worst;		       /* that, at its worst since there was no limit */
	uint64_t worst_at;	       /* ms */
	unsigned step;		       /* percent doubled, of the last step up */
	unsigned samples;	       /* since the last change */
	unsigned base, base_now;       /* us; the shortest answers of this minute and the last */
	uint64_t base_began, changed, used; /* ms */
	uint64_t peak, peaked;		    /* bit/s that got through, and when, ms */
	uint64_t floored;		    /* ms, since when it may not be less; 0: it may */
	int64_t floored_excess;		    /* us, then */
	unsigned floors;		    /* that were too high, one after the other */
	uint64_t rests;			    /* ms, until when it does nothing */
};

struct shape_input {
	uint64_t now;		   /* ms, never 0 */
	uint64_t octets, received; /* so far */
	unsigned round_trip;	   /* us, of an answer that is new; 0: none is */
	unsigned backlog;	   /* octets that wait in the shaper itself */
};

/* true: `limit` is another one. */
bool shape_next(struct shape *shape, const struct shape_input *input);

/* So much is sent that answers are worth asking for often. */
bool shape_is_busy(const struct shape *shape);
