// SPDX-License-Identifier: GPL-2.0-or-later
#include "shape.h"

#include <stdlib.h>
#include <string.h>

enum {
	MINUTE = 60000,	       /* ms; of the shortest answer */
	FORGET = 600000,       /* ms without load, and the limit is forgotten */
	RAISE_MOST = 16,       /* percent of a step up; the first after a late answer is one */
	SETTLE = 1500,	       /* ms between a change and the next */
	LATE = 15000,	       /* us more than without load: a queue somewhere */
	FLOOD = 10,	       /* times as late as that: straight to the floor */
	GOOD = 6000,	       /* us */
	RATE_MIN = 200 * 1000, /* bit/s; less is not what makes a queue */
	IN_VAIN = 4000,	       /* ms at the floor, and not a quarter less late */
	FLOORS = 4,	       /* are tried, each below the last, before it lets go */
	REST = 120000,	       /* ms */
	AGAIN = 300000,	       /* ms that what a limit helps against is remembered */
};

/* of what got through: queues that are there empty again */
static const double cut = 0.88, floor_of_peak = 0.7;

/* 0 where the counter is that of another device by the same name */
static uint64_t rate_of(uint64_t now, uint64_t before, uint64_t ms)
{
	return now < before || !ms ? 0 : (now - before) * 8000 / ms;
}

static void measure(struct shape *s, const struct shape_input *in)
{
	unsigned oldest = s->looks < SHAPE_WINDOW ? 0 : s->looks % SHAPE_WINDOW;
	unsigned newest = s->looks % SHAPE_WINDOW;

	if (s->looks) {
		uint64_t ms = in->now - s->sent[oldest].at;

		s->rate = rate_of(in->octets, s->sent[oldest].octets, ms);
		s->back = rate_of(in->received, s->sent[oldest].received, ms);
	}
	s->sent[newest].at = in->now;
	s->sent[newest].octets = in->octets;
	s->sent[newest].received = in->received;
	s->looks++;
	if (s->looks == 2 * SHAPE_WINDOW)
		s->looks = SHAPE_WINDOW;
}

bool shape_is_busy(const struct shape *s)
{
	return s->rate > RATE_MIN || s->back > RATE_MIN;
}

/* An answer has gone both ways: who sends mere acknowledgements did not make it late. */
static bool is_sender(const struct shape *s)
{
	return s->rate > RATE_MIN && s->rate > s->back / 3;
}

/* Under load answers tell nothing of the path alone. */
static void learn_base(struct shape *s, const struct shape_input *in)
{
	if (shape_is_busy(s) && s->base)
		return;
	if (!s->base_now || in->round_trip < s->base_now)
		s->base_now = in->round_trip;
	if (!s->base || s->base_now < s->base)
		s->base = s->base_now;
	if (in->now - s->base_began < MINUTE)
		return;
	s->base_began = in->now;
	s->base = s->base_now;
	s->base_now = 0;
}

static void take_sample(struct shape *s, const struct shape_input *in)
{
	int64_t own = s->limit ? in->backlog * 8000000LL / (int64_t)s->limit : 0;

	learn_base(s, in);
	s->excess[s->samples++ % SHAPE_SAMPLES] = (int64_t)in->round_trip - s->base - own;
	if (s->samples == 2 * SHAPE_SAMPLES)
		s->samples = SHAPE_SAMPLES;
}

static int compare(const void *a, const void *b)
{
	int64_t one = *(const int64_t *)a, other = *(const int64_t *)b;

	return one < other ? -1 : one > other;
}

/* The median of the last samples: one alone says little where programs wait for their share of a
 * CPU. */
static int64_t excess(const struct shape *s)
{
	int64_t sorted[SHAPE_SAMPLES];

	memcpy(sorted, s->excess, sizeof(sorted));
	qsort(sorted, SHAPE_SAMPLES, sizeof(*sorted), compare);
	return sorted[SHAPE_SAMPLES / 2];
}

static void learn_peak(struct shape *s, const struct shape_input *in)
{
	if (s->rate < s->peak && in->now - s->peaked < MINUTE)
		return;
	s->peak = s->rate;
	s->peaked = in->now;
}

static bool change(struct shape *s, const struct shape_input *in, uint64_t limit)
{
	if (!limit) {
		s->worst = 0;
		s->floors = 0;
	}
	s->limit = limit;
	s->changed = in->now;
	s->floored = 0;
	s->samples = 0;
	return true;
}

static int64_t allowed(const struct shape *s)
{
	return LATE + s->base / 4;
}

static bool is_flood(const struct shape *s)
{
	return excess(s) > FLOOD * allowed(s);
}

/* A queue that becomes shorter is being sent off. */
static bool wait_at_floor(struct shape *s, const struct shape_input *in)
{
	int64_t now = excess(s);

	if (!s->floored || now < s->floored_excess * 3 / 4) {
		s->floored = in->now;
		s->floored_excess = now;
	}
	return in->now - s->floored < IN_VAIN;
}

/* What was sent need not have got through: the far end drops what it has no time for. */
static bool lower_floor(struct shape *s, const struct shape_input *in)
{
	if (!is_flood(s) || s->limit * cut * floor_of_peak < RATE_MIN || ++s->floors >= FLOORS) {
		s->rests = in->now + REST;
		return change(s, in, 0);
	}
	s->peak = s->limit;
	return change(s, in, s->limit * cut);
}

/* A slow CPU is late under any load, and later under more: a limit that took half of that away is
 * none in vain, and is done without now and then, to see. */
static bool leave_floor(struct shape *s, const struct shape_input *in)
{
	bool helps = !is_flood(s) && excess(s) < s->worst / 2;

	s->floored = 0;
	if (!helps)
		return lower_floor(s, in);
	return in->now - s->worst_at < AGAIN ? false : change(s, in, 0);
}

static bool late(struct shape *s, const struct shape_input *in)
{
	uint64_t least = s->peak * floor_of_peak;
	uint64_t limit = is_flood(s) ? least : s->rate * cut;

	s->step = 1;
	if (excess(s) > s->worst) {
		s->worst = excess(s);
		s->worst_at = in->now;
	}
	if (!s->limit || s->limit > least)
		return change(s, in, limit > least ? limit : least);
	s->peaked = in->now; /* as long as it counts */
	return wait_at_floor(s, in) ? false : leave_floor(s, in);
}

bool shape_next(struct shape *s, const struct shape_input *in)
{
	measure(s, in);
	learn_peak(s, in);
	if (in->round_trip)
		take_sample(s, in);
	if (s->rate > s->limit / 2)
		s->used = in->now;
	if (s->limit && in->now - s->used > FORGET)
		return change(s, in, 0);
	/* time alone tells nothing */
	if (!in->round_trip || in->now < s->rests || in->now - s->changed < SETTLE ||
	    s->samples < SHAPE_SAMPLES)
		return false;
	if (is_sender(s) && excess(s) > allowed(s))
		return late(s, in);
	s->floored = 0;
	if (!s->limit || s->rate < s->limit * 0.8 || excess(s) > GOOD + s->base / 8)
		return false;
	s->floors = 0;
	s->step = !s->step ? 1 : s->step * 2 > RAISE_MOST ? RAISE_MOST : s->step * 2;
	return change(s, in, s->limit + s->limit * s->step / 200);
}
