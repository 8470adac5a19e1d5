// SPDX-License-Identifier: GPL-2.0-or-later
#include "trouble.h"

#include <stdio.h>

#include "core/api/model.h"
#include "core/api/state.h"
#include "core/config/commit.h"
#include "core/config/model.h"
#include "core/control/state.h"
#include "core/engine/backend.h"
#include "core/engine/engine.h"
#include "collectors.h"
#include "guests.h"
#include "loans.h"
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

/* Said as the address that is answered for, and who has it. */
static void add_rivals(struct fer_state *state, const struct supervisor *s)
{
	struct engine *engine = wire_engine(s->wire);
	struct backend_state now = {.rivals = 0};
	char what[48];

	if (engine)
		engine_state(engine, &now);
	for (unsigned i = 0; i < now.rivals; i++) {
		const uint8_t *a = now.rival[i].address, *mac = now.rival[i].mac;

		snprintf(what, sizeof(what), "arp for %u.%u.%u.%u", a[0], a[1], a[2], a[3]);
		fer_state_trouble(state, "wire", what, true,
				  "not answered: %02x:%02x:%02x:%02x:%02x:%02x has the address, "
				  "or says so",
				  mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
	}
}

/* What is learned in the first seconds of a loan is none. */
static void add_loans(struct fer_state *state, const struct supervisor *s)
{
	const struct fer_config *config = model_of(commit_running(s->commit));
	const struct fer_model *loan = fer_config_find(config, "loan");
	char what[64];

	for (; loan; loan = fer_model_next(loan)) {
		const char *address = fer_model_text(loan, "address");
		unsigned number;
		const struct owner *owner =
			loans_get(guests_loans(wire_guests(s->wire)), address, &number);

		if (!owner || owner->state != OWNER_SUSPENDED)
			continue;
		snprintf(what, sizeof(what), "loan %s", address);
		fer_state_trouble(state, "wire", what, true, "suspended: %s", owner->reason);
	}
}

/* Those that some filter mirrors to. */
static void add_collectors(struct fer_state *state, const struct supervisor *s)
{
	const char *name, *why;
	char what[80];

	for (unsigned i = 0; i < SESSIONS_MAX; i++) {
		name = collectors_missed(wire_collectors(s->wire), i, &why);
		if (!name)
			continue;
		snprintf(what, sizeof(what), "erspan %.60s", name);
		fer_state_trouble(state, "wire", what, false, "unreachable: %s", why);
	}
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
	add_rivals(state, s);
	add_loans(state, s);
	add_collectors(state, s);
	add_commit(state, s);
}
