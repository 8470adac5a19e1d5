// SPDX-License-Identifier: GPL-2.0-or-later
#include "trouble.h"

#include "core/api/model.h"
#include "core/api/state.h"
#include "core/config/commit.h"
#include "core/config/model.h"
#include "core/control/state.h"
#include "core/engine/backend.h"
#include "guests.h"
#include "port_watch.h"
#include "supervisor.h"
#include "wire.h"

static void add_wire(struct fer_state *state, const struct supervisor *s)
{
	static const char *const port[] = {"port optical", "port electrical"};

	if (fer_config_find(model_of(commit_running(s->commit)), "wire/optical") &&
	    !wire_forwarding(s->wire))
		fer_state_trouble(state, "wire", "wire", true,
				  "no frame crosses, or a port is "
				  "missing: 'ferrule status'");
	for (int i = PORT_OPTICAL; i <= PORT_ELECTRICAL; i++)
		if (*port_watch_why(s->port_watch, i))
			fer_state_trouble(state, "wire", port[i], false, "%s",
					  port_watch_why(s->port_watch, i));
	if (guests_problem(wire_guests(s->wire)))
		fer_state_trouble(state, "wire", "guests", true, "%s",
				  guests_problem(wire_guests(s->wire)));
}

static void add_commit(struct fer_state *state, const struct supervisor *s)
{
	struct commit_status status;

	commit_status(s->commit, &status);
	for (unsigned i = 0; i < status.omissions->count; i++)
		fer_state_trouble(state, "config", status.omissions->at[i].path, true,
				  "left out, tried again: %s", status.omissions->at[i].reason);
	if (status.unwritten)
		fer_state_trouble(state, "config", "disk", true, "not on disk yet: %s",
				  status.unwritten);
	if (status.rolled_back)
		fer_state_trouble(state, "config", "commit", false, "%s", status.rolled_back);
}

void trouble_add(struct fer_state *state)
{
	const struct supervisor *s = state->context;

	add_wire(state, s);
	add_commit(state, s);
}
