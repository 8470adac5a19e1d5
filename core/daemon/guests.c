// SPDX-License-Identifier: GPL-2.0-or-later
#include "guests.h"

#include <stdlib.h>
#include <string.h>

#include "core/api/log.h"
#include "core/base/mem.h"
#include "core/engine/compile.h"
#include "core/engine/engine.h"
#include "core/engine/rules.h"
#include "core/link/answers.h"
#include "core/link/guest.h"
#include "core/link/redirect.h"
#include "loans.h"

struct guests {
	struct engine *engine; /* NULL before the first commit */
	struct redirect *redirect;
	struct loans *loans;
	int err; /* of the routes */
};

/* New flows go in where they are redirected and answers find their way. */
static void tell(void *arg)
{
	struct guests *g = arg;

	if (g->engine)
		engine_guests(g->engine, redirect_in_force(g->redirect) && !g->err);
}

struct guests *guests_new(const char *run_dir)
{
	struct guests *g = mem_zalloc(sizeof(*g));

	g->redirect = redirect_new(run_dir, tell, g);
	g->loans = loans_new();
	return g;
}

void guests_free(struct guests *g)
{
	if (!g)
		return;
	redirect_free(g->redirect);
	loans_free(g->loans);
	free(g);
}

int guests_prepare(const char *interface, const struct rule_set *rules, unsigned mtu,
		   struct backend_ports *ports, bool *fresh)
{
	uint8_t mac[6];

	if (!rules_have_guests(rules))
		return 0;
	image_guest_mac(rules->host_mac, mac);
	return guest_make(interface, mac, mtu, ports, fresh);
}

void guests_stage(struct guests *g, struct engine *engine, const char *interface,
		  const struct backend_ports *ports, const struct rule_set *rules)
{
	char name[16];

	g->engine = engine;
	guest_name(interface, name);
	redirect_stage(g->redirect, ports->ifindex[LINK_GUEST] ? name : NULL, rules);
}

static int routes_enforce(const char *interface, const struct rule_set *rules)
{
	struct rule_ranges answers = answers_ports(rules);
	bool way_out[2] = {false, false};
	uint8_t mac[6];
	int err;

	for (unsigned i = 0; i < rules->loans; i++)
		if (rules->loan[i].first_port)
			way_out[rules->loan[i].family == 6] = true;
	image_guest_mac(rules->host_mac, mac);
	err = guest_enforce(interface, mac, way_out, &answers);
	free(answers.at);
	return err;
}

void guests_enforce(struct guests *g, const char *interface, const struct backend_ports *ports,
		    const struct rule_set *rules)
{
	int err = 0;

	if (ports->ifindex[LINK_GUEST]) {
		err = routes_enforce(interface, rules);
	} else {
		guest_rules_remove();
		guest_remove(interface);
	}
	if (err && err != g->err)
		fer_log_err("guest: its routes cannot be set: %s", strerror(-err));
	g->err = err;
	tell(g);
	redirect_enforce(g->redirect);
	loans_set(g->loans, g->engine, ports, rules);
}

bool guests_look(struct guests *g)
{
	redirect_look(g->redirect);
	return g->err;
}

const struct loans *guests_loans(const struct guests *g)
{
	return g->loans;
}

const char *guests_problem(const struct guests *g)
{
	return g->err ? "the routes of the guest interface cannot be set"
		      : redirect_problem(g->redirect);
}
