// SPDX-License-Identifier: GPL-2.0-or-later
#include "ladder.h"

enum {
	FIRST = 0,	/* ms from the failure to the first rung */
	AGAIN = 5000,	/* between two rungs that cost nothing */
	GRACE = 1000,	/* for the hub in use to answer over another uplink, before another is */
	BOUNCE = 15000, /* and before those that do */
	HOLD_MAX = 3600000,
};

static const enum ladder_step rungs[] = {
	LADDER_RESOLVE, LADDER_UPLINK,	LADDER_RESOLVE, LADDER_UPLINK,
	LADDER_BOUNCE,	LADDER_RESOLVE, LADDER_UPLINK,	LADDER_RESTART,
};

enum { RUNGS = sizeof(rungs) / sizeof(*rungs) };

const char *ladder_step_name(enum ladder_step step)
{
	static const char *const names[] = {
		[LADDER_NONE] = "none",
		[LADDER_HUB] = "another hub",
		[LADDER_RESOLVE] = "names resolved again",
		[LADDER_UPLINK] = "another uplink",
		[LADDER_BOUNCE] = "link down and up",
		[LADDER_RESTART] = "daemon started anew",
	};

	return names[step];
}

static void remember(struct ladder *l, const struct ladder_input *in)
{
	for (unsigned i = 0; i < in->hubs; i++)
		l->hub_good[i] = !in->hub_works[i] ? 0 : l->hub_good[i] ? l->hub_good[i] : in->now;
	for (unsigned i = 0; i < in->uplinks; i++)
		l->uplink_good[i] = !in->uplink_usable[i] ? 0
				    : l->uplink_good[i]	  ? l->uplink_good[i]
							  : in->now;
}

/* The next usable one after the one in use, round; or the one in use. */
static unsigned next_uplink(const struct ladder *l, const struct ladder_input *in)
{
	for (unsigned i = 1; i < in->uplinks; i++) {
		unsigned at = (l->uplink + i) % in->uplinks;

		if (in->uplink_usable[at])
			return at;
	}
	return l->uplink;
}

static enum ladder_step to_uplink(struct ladder *l, const struct ladder_input *in, unsigned uplink)
{
	l->uplink = uplink;
	l->stepped = l->moved = in->now;
	l->worked = l->uplink_chosen = false;
	return LADDER_UPLINK;
}

static enum ladder_step to_hub(struct ladder *l, unsigned hub)
{
	l->hub = hub;
	l->hub_chosen = false;
	return LADDER_HUB;
}

enum ladder_step ladder_choose_hub(struct ladder *l, unsigned hub)
{
	bool same = l->hub == hub;

	to_hub(l, hub);
	l->hub_chosen = true;
	return same ? LADDER_NONE : LADDER_HUB;
}

enum ladder_step ladder_choose_uplink(struct ladder *l, unsigned uplink, uint64_t now)
{
	const struct ladder_input in = {.now = now};
	bool same = l->uplink == uplink;

	if (!same)
		to_uplink(l, &in, uplink);
	l->uplink_chosen = true;
	return same ? LADDER_NONE : LADDER_UPLINK;
}

void ladder_choose_none(struct ladder *l)
{
	l->hub_chosen = l->uplink_chosen = false;
}

static enum ladder_step works(struct ladder *l, const struct ladder_input *in)
{
	l->failing = 0;
	l->rung = 0;
	l->worked = true;
	if (!l->hold)
		l->hold = in->hold;
	/* the better uplink held: what was learnt of it is forgotten */
	if (l->returned && in->now - l->returned > l->hold) {
		l->returned = 0;
		l->hold = in->hold;
	}
	for (unsigned i = 0; i < l->hub && !l->hub_chosen; i++)
		if (l->hub_good[i] && in->now - l->hub_good[i] >= in->hold)
			return to_hub(l, i);
	for (unsigned i = 0; i < l->uplink && !l->uplink_chosen; i++)
		if (l->uplink_good[i] && in->now - l->uplink_good[i] >= l->hold &&
		    in->now - l->stepped >= l->hold) {
			l->returned = in->now;
			return to_uplink(l, in, i);
		}
	return LADDER_NONE;
}

/* A return to a better uplink that led nowhere: the next one waits twice as long. */
static void regret(struct ladder *l)
{
	if (!l->returned || l->worked)
		return;
	l->returned = 0;
	l->hold = l->hold * 2 > HOLD_MAX ? HOLD_MAX : l->hold * 2;
}

static enum ladder_step climb(struct ladder *l, const struct ladder_input *in)
{
	enum ladder_step step = rungs[l->rung % RUNGS];
	uint64_t wait = step == LADDER_UPLINK	? FIRST
			: step >= LADDER_BOUNCE ? BOUNCE
			: l->rung		? AGAIN
						: FIRST;
	unsigned uplink;

	if (in->now - l->stepped < wait && l->rung)
		return LADDER_NONE;
	l->rung++;
	uplink = next_uplink(l, in);
	if (step == LADDER_UPLINK && uplink == l->uplink)
		return LADDER_NONE;
	if (step == LADDER_UPLINK) {
		regret(l);
		return to_uplink(l, in, uplink);
	}
	l->stepped = in->now;
	return step;
}

enum ladder_step ladder_next(struct ladder *l, const struct ladder_input *in)
{
	remember(l, in);
	if (!in->hubs)
		return LADDER_NONE;
	if (l->hub >= in->hubs)
		l->hub = 0;
	if (l->uplink >= in->uplinks)
		l->uplink = 0;
	if (in->uplinks && !in->uplink_usable[l->uplink] && next_uplink(l, in) != l->uplink) {
		regret(l);
		return to_uplink(l, in, next_uplink(l, in));
	}
	if (in->hub_works[l->hub])
		return works(l, in);
	if (l->moved && in->now - l->moved < GRACE)
		return LADDER_NONE;
	for (unsigned i = 0; i < in->hubs; i++)
		if (in->hub_works[i])
			return to_hub(l, i);
	if (!l->failing)
		l->failing = in->now;
	return climb(l, in);
}
