// SPDX-License-Identifier: GPL-2.0-or-later
#include "trouble.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "core/api/model.h"
#include "core/api/state.h"
#include "echo.h"
#include "oob.h"
#include "tunnel.h"

enum { SILENT_MS = 30000 };

/* Through none of them: nobody comes in. Through another one than the best: it is worth a look. */
static void hubs(const struct oob *oob, struct fer_state *state)
{
	uint64_t silent = oob->ladder.failing ? echo_now() - oob->ladder.failing : 0;
	bool none = silent > SILENT_MS;
	char what[48];

	if (oob->now.hubs && none)
		fer_state_trouble(state, "oob", "tunnel", true,
				  "no hub has answered for %" PRIu64 " s", silent / 1000);
	for (unsigned i = 0; i < oob->now.hubs && !none && oob->waited; i++) {
		if (!oob->tunnel[i] || tunnel_works(oob->tunnel[i], SILENT_MS))
			continue;
		snprintf(what, sizeof(what), "hub %s", oob->now.hub[i].name);
		fer_state_trouble(state, "oob", what, false, "it does not answer");
	}
}

static void uplinks(const struct oob *oob, struct fer_state *state)
{
	const struct ladder *ladder = &oob->ladder;

	if (ladder->uplink && ladder->uplink < oob->now.uplinks && !ladder->uplink_chosen)
		fer_state_trouble(state, "oob", "uplink", false,
				  "%s is in use, as %s does not work",
				  oob->now.uplink[ladder->uplink], oob->now.uplink[0]);
}

static void consoles(const struct oob *oob, struct fer_state *state)
{
	const struct fer_model *console = fer_model_find(oob->now.at, "console");
	struct stat st;
	char what[48];

	for (; console; console = fer_model_next(console)) {
		const char *device = fer_model_text(console, "device");

		if (!stat(device, &st))
			continue;
		snprintf(what, sizeof(what), "console %s", fer_model_text(console, "name"));
		fer_state_trouble(state, "oob", what, true, "%s: %s", device, strerror(errno));
	}
}

void trouble_show(const struct oob *oob, struct fer_state *state)
{
	hubs(oob, state);
	uplinks(oob, state);
	consoles(oob, state);
}
