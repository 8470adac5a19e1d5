// SPDX-License-Identifier: GPL-2.0-or-later
#include "propagate.h"

void propagate_start(struct propagate *p, uint64_t now, const bool carrier[2], int held)
{
	p->held = held;
	for (int side = 0; side < 2; side++) {
		p->carrier[side] = carrier[side];
		p->since[side] = now;
		p->settles[side] = carrier[side] ? 0 : now + p->grace;
	}
	/* what it is held for was a fault before, and is no news */
	if (held >= 0)
		p->settles[held ^ 1] = 0;
}

static void hear(struct propagate *p, uint64_t now, const bool carrier[2])
{
	for (int side = 0; side < 2; side++) {
		if (side == p->held || carrier[side] == p->carrier[side])
			continue;
		p->carrier[side] = carrier[side];
		p->since[side] = now;
		if (carrier[side])
			p->settles[side] = 0;
	}
}

/* ms until the side has been as it is for long enough; 0: it has */
static uint64_t remains(const struct propagate *p, uint64_t now, int side)
{
	uint64_t until = p->since[side] + p->hold;

	if (p->settles[side] > until)
		until = p->settles[side];
	return until > now ? until - now : 0;
}

static enum propagate_step hold_look(struct propagate *p, uint64_t now, int *side, uint64_t *wait)
{
	for (int fault = 0; fault < 2; fault++) {
		uint64_t left = remains(p, now, fault);

		if (p->carrier[fault])
			continue;
		if (!left) {
			*side = p->held = fault ^ 1;
			*wait = 0;
			return PROPAGATE_HOLD;
		}
		if (!*wait || left < *wait)
			*wait = left;
	}
	return PROPAGATE_NOTHING;
}

enum propagate_step propagate_look(struct propagate *p, uint64_t now, const bool carrier[2],
				   int *side, uint64_t *wait)
{
	int held = p->held;

	*wait = 0;
	hear(p, now, carrier);
	if (held < 0)
		return hold_look(p, now, side, wait);
	if (!p->carrier[held ^ 1])
		return PROPAGATE_NOTHING;
	*wait = remains(p, now, held ^ 1);
	if (*wait)
		return PROPAGATE_NOTHING;
	*side = held;
	p->held = -1;
	p->carrier[held] = false;
	p->since[held] = now;
	p->settles[held] = now + p->grace;
	*wait = p->grace;
	return PROPAGATE_RELEASE;
}
