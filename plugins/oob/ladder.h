/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What to do when no answer comes through the tunnel: another hub that answers, the names resolved
 * again, another uplink, the link taken down and up, the daemon started anew. Pure: it is told the
 * time and what works, and says which step to take.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum ladder_step {
	LADDER_NONE,
	LADDER_HUB,	/* another hub is in use: see `hub` */
	LADDER_RESOLVE, /* endpoints by name are asked for again */
	LADDER_UPLINK,	/* another uplink is in use: see `uplink` */
	LADDER_BOUNCE,
	LADDER_RESTART,
};

enum { LADDER_HUBS = 4, LADDER_UPLINKS = 4 };

struct ladder {
	unsigned hub, uplink;		/* in use */
	uint64_t failing;		/* ms; when it began; 0: it works */
	uint64_t stepped;		/* the last step of it */
	unsigned rung;			/* that comes next */
	unsigned tried;			/* uplinks since it began */
	uint64_t hub_good[LADDER_HUBS]; /* since when it works without a break; 0: it does not */
	uint64_t uplink_good[LADDER_UPLINKS];
	uint64_t hold;	   /* ms; of uplinks, grows with each return that was in vain */
	uint64_t moved;	   /* to another uplink, the last time */
	uint64_t returned; /* to a better uplink; 0: not lately */
	bool worked;	   /* through the uplink in use */
	/* somebody chose: no return to a better one, until it does not work any more */
	bool hub_chosen, uplink_chosen;
};

struct ladder_input {
	uint64_t now; /* ms, never 0 */
	unsigned hubs, uplinks;
	bool hub_works[LADDER_HUBS];
	bool uplink_usable[LADDER_UPLINKS]; /* carrier and an address */
	uint64_t hold;			    /* ms, as configured */
};

enum ladder_step ladder_next(struct ladder *ladder, const struct ladder_input *input);

/* On command. LADDER_NONE: it is in use already. */
enum ladder_step ladder_choose_hub(struct ladder *ladder, unsigned hub);
enum ladder_step ladder_choose_uplink(struct ladder *ladder, unsigned uplink, uint64_t now);

/* The better ones are used again, as they work. */
void ladder_choose_none(struct ladder *ladder);

const char *ladder_step_name(enum ladder_step step);
