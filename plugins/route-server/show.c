// SPDX-License-Identifier: GPL-2.0-or-later
#include "show.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/api/state.h"
#include "fetch.h"
#include "irr.h"
#include "kept.h"
#include "loads.h"
#include "registry.h"
#include "route-server.h"
#include "strange.h"
#include "tally.h"
#include "verify.h"
#include "watch.h"
#include "withdrawn.h"

#define TOP "ferrule-route-server:route-server"

static void show_session(const struct route_server *rs, const struct rs_client *client,
			 const struct rs_session *session, struct fer_state *state)
{
	const struct watched *w = watch_find(rs->watch, session->name);
	char at[160];

	snprintf(at, sizeof(at), TOP "/client[name='%s']", session->name);
	fer_state_text(state, session->address, "%s/address", at);
	fer_state_number(state, client->asn, "%s/asn", at);
	fer_state_text(state,
		       client->shutdown ? "shut down"
		       : w		? w->state
					: "unknown",
		       "%s/state", at);
	if (!w)
		return;
	fer_state_text(state, w->since, "%s/since", at);
	fer_state_number(state, (uint64_t)w->all.imported + w->all.filtered, "%s/received", at);
	fer_state_number(state, w->all.imported, "%s/accepted", at);
	fer_state_number(state, w->all.filtered, "%s/rejected", at);
	fer_state_number(state, w->all.exported, "%s/exported", at);
	if (*w->problem && !client->shutdown)
		fer_state_text(state, w->problem, "%s/problem", at);
}

void show_clients(const struct route_server *rs, struct fer_state *state)
{
	fer_state_number(state, watch_age(rs->watch) / 1000, TOP "/age");
	for (unsigned i = 0; i < rs->now.clients; i++)
		for (unsigned s = 0; s < rs->now.client[i].sessions; s++)
			show_session(rs, &rs->now.client[i], &rs->now.client[i].session[s], state);
}

static void show_rpki(const struct route_server *rs, struct fer_state *state)
{
	for (unsigned i = 0; i < rs->now.caches; i++) {
		const struct rs_cache *cache = &rs->now.cache[i];
		const struct watched *w;
		char name[16], at[160];

		snprintf(name, sizeof(name), "r_%u", i + 1);
		w = watch_find(rs->watch, name);
		snprintf(at, sizeof(at), TOP "/rpki[cache='%s port %u']", cache->address,
			 cache->port);
		fer_state_text(state, w ? w->state : "unknown", "%s/state", at);
		if (w)
			fer_state_text(state, w->since, "%s/since", at);
	}
	if (rs->now.caches && kept_count(rs->kept)) {
		fer_state_number(state, kept_count(rs->kept), TOP "/vrps-kept");
		fer_state_text(state, kept_counts(rs->kept) ? "true" : "false",
			       TOP "/vrps-kept-count");
	}
}

static void show_numbers(const struct route_server *rs, struct fer_state *state)
{
	unsigned sessions = 0, up = 0, registered = 0;
	long age = registry_age(&rs->now, rs->folder);
	const struct irr_set *set;

	for (unsigned i = 0; i < rs->now.clients; i++)
		for (unsigned s = 0; s < rs->now.client[i].sessions; s++) {
			const struct watched *w =
				watch_find(rs->watch, rs->now.client[i].session[s].name);

			sessions++;
			up += w && w->up;
		}
	fer_state_text(state, bird_version(rs->bird), TOP "/version");
	fer_state_number(state, sessions, TOP "/sessions");
	fer_state_number(state, up, TOP "/established");
	fer_state_number(state, bird_resident(rs->bird), TOP "/memory");
	fer_state_number(state, rs_estimate(&rs->now), TOP "/memory-estimate");
	fer_state_number(state, rs->now.memory, TOP "/memory-bound");
	if (age >= 0) {
		for (size_t i = 0; (set = irr_set_at(rs->now.irr, i)); i++)
			registered += set->prefixes[0] + set->prefixes[1];
		fer_state_number(state, registered, TOP "/registered");
		fer_state_number(state, age, TOP "/registered-age");
	}
}

static void show_causes(const struct route_server *rs, const struct rs_session *session,
			struct fer_state *state)
{
	const struct tallied *t = tally_find(rs->tally, session->name);

	for (unsigned i = 0; t && i < CAUSES; i++) {
		char cause[32], at[160];

		if (!t->count[i])
			continue;
		snprintf(cause, sizeof(cause), "%" PRIu32 ":%d:%u", rs->now.asn, CAUSES_IN,
			 cause_code(i));
		snprintf(at, sizeof(at), TOP "/rejected[what='%s %s']", session->name, cause);
		fer_state_text(state, session->name, "%s/session", at);
		fer_state_text(state, cause, "%s/cause", at);
		fer_state_text(state, cause_words(i), "%s/why", at);
		fer_state_number(state, t->count[i], "%s/routes", at);
	}
}

static void show_rejected(const struct route_server *rs, struct fer_state *state)
{
	for (unsigned i = 0; i < rs->now.clients; i++)
		for (unsigned s = 0; s < rs->now.client[i].sessions; s++)
			show_causes(rs, &rs->now.client[i].session[s], state);
}

static void show_convergence(const struct route_server *rs, struct fer_state *state)
{
	const struct convergence *c = watch_convergence(rs->watch);

	if (c->now)
		fer_state_text(state, "true", TOP "/converging");
	if (c->took_ms)
		fer_state_number(state, c->took_ms / 1000, TOP "/convergence");
}

/* ---- trouble ---- */

static void trouble(struct fer_state *state, const char *what, const char *why)
{
	fer_state_text(state, why, TOP "/trouble[what='%s']/why", what);
	fer_state_trouble(state, "route-server", what, true, "%s", why);
}

/* Also of a peer without any capability, of which BIRD 2.0.12 takes the role for another one. */
static bool is_role_trouble(const struct watched *w)
{
	return strstr(w->problem, "Role mismatch");
}

/* max-prefix that ends nothing: what is above it is blocked, or only said here. */
static unsigned full_trouble(const struct rs_client *client, const struct watched *w,
			     struct fer_state *state)
{
	unsigned count = 0;

	for (unsigned f = 0; f < 2; f++) {
		char what[96], text[160];

		if (!w->full[f])
			continue;
		snprintf(what, sizeof(what), "%s max-prefix", w->name);
		snprintf(text, sizeof(text), "its %" PRIu32 " IPv%c routes are reached: %s",
			 w->full[f], f ? '6' : '4',
			 client->policy.limit_action == RS_LIMIT_BLOCK
				 ? "what it sends beyond is blocked"
				 : "what it sends beyond is taken (action warn)");
		trouble(state, what, text);
		count++;
	}
	return count;
}

static unsigned unsent_trouble(const struct route_server *rs, const struct rs_client *client,
			       const struct watched *w, struct fer_state *state)
{
	const struct withdrawn_route *first = withdrawn_unsent(rs->withdrawn, w->name, NULL, 0);
	char what[96], text[500], when[32];
	struct tm tm;

	if (!first)
		return 0;
	strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", localtime_r(&first->when, &tm));
	/* it has begun anew: what is too long still is said again */
	if (strcmp(when, w->since) < 0)
		return 0;
	snprintf(what, sizeof(what), "%s unsent", w->name);
	snprintf(text, sizeof(text),
		 "%s, perhaps with others, was not sent to it at %s (%s): 'ferrule route-server "
		 "why %s --to %s'",
		 first->prefix, when, first->why, first->prefix, client->name);
	trouble(state, what, text);
	return 1;
}

static unsigned session_trouble(const struct route_server *rs, const struct rs_client *client,
				const struct rs_session *session, struct fer_state *state)
{
	const struct watched *w = watch_find(rs->watch, session->name);
	char text[700];

	if (client->shutdown)
		return 0;
	if (w && w->up)
		return full_trouble(client, w, state) + unsent_trouble(rs, client, w, state);
	if (w && w->shut)
		snprintf(text, sizeof(text),
			 "taken down by hand: 'ferrule route-server enable %s' brings it back",
			 client->name);
	else if (w && w->limited && w->again)
		snprintf(text, sizeof(text), "max-prefix: it is tried again in %" PRIu64 " s",
			 watch_wait(w) / 1000);
	else if (w && w->limited)
		snprintf(text, sizeof(text),
			 "max-prefix: 'ferrule route-server enable %s' brings it back",
			 client->name);
	else
		snprintf(text, sizeof(text), "%s%s%s%s%s%s", w ? w->state : "not heard of yet",
			 w && *w->problem ? ": " : "", w ? w->problem : "",
			 *strange_words(rs->strange, session->name)
				 ? "; what it cannot read may be "
				 : "",
			 strange_words(rs->strange, session->name),
			 w && w->stale_since	   ? "; its routes are kept for a while"
			 : w && is_role_trouble(w) ? "; a router that knows no roles (RFC 9234) "
						     "needs 'roles: false' here"
						   : "");
	trouble(state, session->name, text);
	return 1;
}

/* Silence of a cache, and what counts instead. */
static void silence_print(const struct route_server *rs, const struct watched *w, char text[240])
{
	const char *state = w ? w->state : "not heard of yet", *since = w ? w->since : "the start";

	if (kept_counts(rs->kept))
		snprintf(text, 240, "%s since %s; %" PRIu32 " VRPs that were kept count on%s",
			 state, since, kept_count(rs->kept),
			 rs->now.expired_open ? " for a while" : "");
	else
		snprintf(text, 240, "%s since %s; what was heard last counts for %u s", state,
			 since, rs->now.hold);
}

static unsigned cache_trouble(const struct route_server *rs, struct fer_state *state)
{
	unsigned count = 0;

	for (unsigned i = 0; i < rs->now.caches; i++) {
		const struct watched *w;
		char name[16], what[96], text[240];

		snprintf(name, sizeof(name), "r_%u", i + 1);
		w = watch_find(rs->watch, name);
		snprintf(what, sizeof(what), "rpki %s", rs->now.cache[i].address);
		if (loads_broken(rs->loads, name))
			snprintf(text, sizeof(text),
				 "%s, but the connection broke %u times before all was heard: its "
				 "%u "
				 "VRPs are not all, and it is asked for all again",
				 w ? w->state : "not heard of yet", loads_breaks(rs->loads, name),
				 w ? w->all.imported : 0);
		else if (!w || !w->up)
			silence_print(rs, w, text);
		else if (kept_counts(rs->kept) && w->all.imported < kept_count(rs->kept) / 2)
			snprintf(text, sizeof(text),
				 "it has %u VRPs where %" PRIu32
				 " were kept, which count on: 'ferrule route-server accept-rpki' "
				 "says that it is right",
				 w->all.imported, kept_count(rs->kept));
		else
			continue;
		trouble(state, what, text);
		count++;
	}
	return count;
}

static unsigned memory_trouble(const struct route_server *rs, struct fer_state *state)
{
	uint64_t resident = bird_resident(rs->bird), estimate = rs_estimate(&rs->now);
	char text[160];
	bool now = resident * 5 > rs->now.memory * 4;

	if (!now && estimate * 5 <= rs->now.memory * 4)
		return 0;
	snprintf(text, sizeof(text), "%s %" PRIu64 " of %" PRIu64 " MB",
		 now ? "BIRD has" : "if every client sends what it may, BIRD has",
		 (now ? resident : estimate) >> 20, rs->now.memory >> 20);
	trouble(state, "memory", text);
	return 1;
}

unsigned show_trouble(const struct route_server *rs, struct fer_state *state)
{
	unsigned count = cache_trouble(rs, state) + memory_trouble(rs, state);

	if (*rs->stale) {
		trouble(state, "registered", rs->stale);
		count++;
	}
	if (*verify_trouble(rs->verify)) {
		trouble(state, "last commit", verify_trouble(rs->verify));
		count++;
	}
	if (*fetch_trouble(rs->fetch)) {
		trouble(state, "bgpq4", fetch_trouble(rs->fetch));
		count++;
	}
	if (bird_refused(rs->bird)) {
		trouble(state, "configure",
			"BIRD does not take the configuration in force: 'ferrule log "
			"route-server'");
		count++;
	}
	if (!bird_serves(rs->bird)) {
		trouble(state, "bird", "it does not answer: 'ferrule log route-server'");
		count++;
	}
	for (unsigned i = 0; i < rs->now.clients; i++)
		for (unsigned s = 0; s < rs->now.client[i].sessions; s++)
			count += session_trouble(rs, &rs->now.client[i],
						 &rs->now.client[i].session[s], state);
	return count;
}

void show_all(const struct route_server *rs, struct fer_state *state)
{
	if (!rs->now.on)
		return;
	bird_show(rs->bird, state);
	show_numbers(rs, state);
	if (*verify_result(rs->verify))
		fer_state_text(state, verify_result(rs->verify), TOP "/last-commit");
	show_convergence(rs, state);
	show_clients(rs, state);
	show_rejected(rs, state);
	show_rpki(rs, state);
	show_trouble(rs, state);
}
