// SPDX-License-Identifier: GPL-2.0-or-later
#include "steps.h"

#include <limits.h>
#include <time.h>

#include "core/api/log.h"
#include "echo.h"
#include "oob.h"
#include "paths.h"
#include "tunnel.h"

enum {
	SILENT_MS = 2500, /* two questions without an answer, and half a second */
	REKEY_S = 180,	  /* that the keys of a handshake live (WireGuard, 6.1) */
};

void steps_paths(struct oob *oob)
{
	paths_apply(oob->paths, &oob->now, oob->ladder.uplink, oob->ladder.hub);
}

void steps_ask(struct oob *oob)
{
	for (unsigned i = 0; i < oob_tunnels(&oob->now); i++)
		if (oob->tunnel[i])
			tunnel_ask(oob->tunnel[i]);
	oob->asked = echo_now();
}

/* It hears us and we hear it, and nobody behind it has ever answered: what is wrong is no name, and
 * no way. */
static bool is_taken(const struct oob *oob)
{
	const struct tunnel *tunnel = oob->tunnel[oob->ladder.hub];
	uint64_t last = tunnel ? tunnel_handshake(tunnel) : 0;

	return last && (uint64_t)time(NULL) - last < REKEY_S && !tunnel_works(tunnel, UINT_MAX);
}

static void say(struct oob *oob, enum ladder_step step)
{
	const char *hub = oob->now.hub[oob->ladder.hub].name;
	const char *uplink = oob->now.uplinks ? oob->now.uplink[oob->ladder.uplink] : "";

	oob->step = step;
	oob->stepped = echo_now();
	if (step == LADDER_HUB)
		fer_log_notice("oob: hub %s is in use now", hub);
	else if (step == LADDER_UPLINK)
		fer_log_notice("oob: uplink %s is in use now", uplink);
	else if (is_taken(oob))
		fer_log_warn("oob: hub %s shakes hands and does not let our packets through: is "
			     "our address what it allows for our key? There: 'ferrule oob invite "
			     "NAME --module --key KEY'",
			     hub);
	else
		fer_log_warn("oob: no answer through the tunnel: %s", ladder_step_name(step));
}

void steps_take(struct oob *oob, enum ladder_step step)
{
	struct tunnel *active = oob->tunnel[oob->ladder.hub];

	if (step == LADDER_NONE || !active)
		return;
	say(oob, step);
	switch (step) {
	case LADDER_HUB:
		steps_paths(oob);
		break;
	case LADDER_UPLINK:
		steps_paths(oob);
		for (unsigned i = 0; i < oob_tunnels(&oob->now); i++)
			if (oob->tunnel[i])
				tunnel_move(oob->tunnel[i]);
		break;
	case LADDER_RESOLVE:
		for (unsigned i = 0; i < oob->now.hubs; i++)
			if (oob->tunnel[i])
				tunnel_resolve(oob->tunnel[i]);
		break;
	case LADDER_BOUNCE:
		tunnel_bounce(active);
		break;
	case LADDER_RESTART:
		tunnel_restart(active);
		break;
	case LADDER_NONE:
		break;
	}
	steps_ask(oob);
}

void steps_climb(struct oob *oob)
{
	struct ladder_input in = {
		.now = echo_now(),
		.hubs = oob->now.hubs,
		.uplinks = oob->now.uplinks,
		.hold = oob->now.hold * 1000ULL,
	};

	for (unsigned i = 0; i < in.hubs; i++) {
		in.hub_works[i] = oob->tunnel[i] && tunnel_works(oob->tunnel[i], SILENT_MS);
		oob->waited = oob->waited || in.hub_works[i];
	}
	for (unsigned i = 0; i < in.uplinks; i++)
		in.uplink_usable[i] = paths_usable(oob->paths, i);
	/* a daemon that was just started has a moment for its first handshake */
	if (!oob->waited && in.now - oob->began < 2ULL * SILENT_MS)
		return;
	steps_take(oob, ladder_next(&oob->ladder, &in));
}
