// SPDX-License-Identifier: GPL-2.0-or-later
#include "verbs.h"

#include <errno.h>
#include <string.h>

#include "core/api/state.h"
#include "echo.h"
#include "invite.h"
#include "oob.h"
#include "rotate.h"
#include "steps.h"

static void run_peers(void *instance, struct fer_action *action)
{
	const struct oob *oob = instance;
	int err = fer_action_check(action, 0);

	if (!err && !oob->now.on) {
		fer_action_problem(action, "'oob' is not configured");
		err = -ENOENT;
	}
	if (!err)
		oob_show_ends(oob, fer_action_state(action));
	fer_action_done(action, err);
}

/* A hub or an uplink of that name; false where there is none. */
static bool use(struct oob *oob, const char *name)
{
	for (unsigned i = 0; i < oob->now.hubs; i++)
		if (!strcmp(oob->now.hub[i].name, name)) {
			steps_take(oob, ladder_choose_hub(&oob->ladder, i));
			return true;
		}
	for (unsigned i = 0; i < oob->now.uplinks; i++)
		if (!strcmp(oob->now.uplink[i], name)) {
			steps_take(oob, ladder_choose_uplink(&oob->ladder, i, echo_now()));
			return true;
		}
	return false;
}

static void run_use(void *instance, struct fer_action *action)
{
	struct oob *oob = instance;
	const char *name = fer_action_word(action, 0);
	int err = fer_action_check(action, 1);

	if (!err && name && !strcmp(name, "auto")) {
		ladder_choose_none(&oob->ladder);
		fer_action_print(action, "the best one that works is used\n");
	} else if (!err && (!name || !use(oob, name))) {
		fer_action_problem(action,
				   "found '%s', allowed is the name of a hub or an uplink, "
				   "or auto",
				   name ? name : "");
		err = -EINVAL;
	} else if (!err) {
		fer_action_print(action,
				 "%s is used for as long as it works, or until 'ferrule "
				 "oob use auto'\n",
				 name);
	}
	fer_action_done(action, err);
}

const struct fer_verb oob_verbs[] = {
	{"invite", "NAME [--endpoint NAME:PORT] [--key KEY] [--allowed NETS] [--module] | --hub",
	 "a peer for the candidate, and its wg-quick file (--module: YAML); --hub: the hub's side",
	 invite_run, FER_VERB_CHANGES},
	{"peers", "", "who is at the other end, and how well", run_peers, FER_VERB_LOOKS},
	{"rotate", "[--finish | --cancel | PEER]",
	 "a new key in two steps; a peer's that has changed its own", rotate_run, FER_VERB_CHANGES},
	{"use", "NAME|auto", "a hub or an uplink, instead of the best one that works", run_use,
	 FER_VERB_CHANGES},
	FER_VERB_RELOAD,
	{0},
};
