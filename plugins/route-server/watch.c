// SPDX-License-Identifier: GPL-2.0-or-later
#include "watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/api/log.h"
#include "clock.h"
#include "route-server.h"

enum {
	WAIT_MOST = 24 * 60, /* minutes */
	STABLE = 10,	     /* waits without trouble, and the next one is the first again */
};

struct watch {
	struct route_server *rs;
	struct watched *at;
	unsigned count, room;
	struct convergence convergence;
	uint64_t began; /* ms, of what converges */
	uint64_t looked;
	uint64_t routes, sessions; /* at the last look */
};

struct watch *watch_new(struct route_server *rs)
{
	struct watch *watch = calloc(1, sizeof(*watch));

	if (!watch)
		abort();
	watch->rs = rs;
	return watch;
}

void watch_free(struct watch *watch)
{
	if (watch)
		free(watch->at);
	free(watch);
}

static struct watched *find(const struct watch *watch, const char *name)
{
	for (unsigned i = 0; i < watch->count; i++)
		if (!strcmp(watch->at[i].name, name))
			return &watch->at[i];
	return NULL;
}

static struct watched *add(struct watch *watch, const char *name)
{
	if (watch->count == watch->room) {
		watch->room = watch->room ? watch->room * 2 : 16;
		watch->at = realloc(watch->at, watch->room * sizeof(*watch->at));
		if (!watch->at)
			abort();
	}
	memset(&watch->at[watch->count], 0, sizeof(*watch->at));
	snprintf(watch->at[watch->count].name, sizeof(watch->at->name), "%s", name);
	return &watch->at[watch->count++];
}

/* ---- max-prefix ---- */

static void nobody_waits(void *arg, int err, const char *message)
{
	(void)arg;
	if (err)
		fer_log_warn("route-server: BIRD: %s", message);
}

static void bring_back(struct watch *watch, struct watched *w)
{
	char command[96];
	const struct bird_question question = {
		.command = command, .may_change = true, .done = nobody_waits};

	snprintf(command, sizeof(command), "enable %s", w->name);
	w->again = 0;
	w->cut = w->down = w->limited = false;
	rs_rewrite(watch->rs);
	bird_ask(bird_asker(watch->rs->bird), &question);
	fer_log_notice("route-server: %s is tried again after max-prefix", w->name);
}

/* Minutes: wait, 2 wait, 4 wait, up to a day. */
static uint64_t wait_of(const struct rs_policy *policy, unsigned tries)
{
	uint64_t minutes = (uint64_t)policy->limit_wait << (tries < 12 ? tries : 12);

	return minutes < WAIT_MOST ? minutes : WAIT_MOST;
}

static void limit_hit(struct watch *watch, struct watched *w)
{
	const struct rs_client *client = rs_find(&watch->rs->now, w->name, NULL);
	uint64_t minutes;

	if (!client || client->policy.limit_action == RS_LIMIT_SHUTDOWN) {
		fer_log_warn("route-server: %s ran into max-prefix, and stays down", w->name);
		return;
	}
	minutes = wait_of(&client->policy, w->tries++);
	w->again = now_ms() + minutes * 60000;
	fer_log_warn("route-server: %s ran into max-prefix; it is tried again in %u minutes",
		     w->name, (unsigned)minutes);
}

static void follow_limit(struct watch *watch, struct watched *w, bool limited)
{
	const struct rs_client *client = rs_find(&watch->rs->now, w->name, NULL);

	/* BIRD forgets why when it is started anew or configured; and so do we at a start: then one
	 * that is down for no reason that is known is tried again as well */
	limited |= w->down && (w->cut || w->again || w->fresh);
	w->fresh = false;
	if (w->shut || (client && client->shutdown)) {
		limited = false;
		w->again = 0;
	}
	if (limited && !w->limited && !w->cut)
		limit_hit(watch, w);
	w->limited = limited;
	if (limited && w->again && now_ms() >= w->again)
		bring_back(watch, w);
	if (!w->up)
		w->stable_since = 0;
	else if (!w->stable_since)
		w->stable_since = now_ms();
	else if (client &&
		 now_ms() - w->stable_since > client->policy.limit_wait * 60000ULL * STABLE)
		w->tries = 0;
}

/* ---- routes of those who are away ---- */

/* A client asks for as long as it likes (RFC 4724 section 3: 4,095 s), and others send to a dead
 * port meanwhile, as a route server is in nobody's way. BIRD 2.0.12 knows no bound. */
static void follow_stale(struct watch *watch, struct watched *w, const struct bird_protocol *p)
{
	char command[96];
	const struct bird_question question = {
		.command = command, .may_change = true, .done = nobody_waits};

	if (!p->stale || w->up) {
		w->stale_since = 0;
		return;
	}
	if (!w->stale_since)
		w->stale_since = now_ms();
	if (now_ms() - w->stale_since < watch->rs->now.stale_most * 1000ULL)
		return;
	w->stale_since = 0;
	snprintf(command, sizeof(command), "restart %s", w->name);
	bird_ask(bird_asker(watch->rs->bird), &question);
	fer_log_notice("route-server: %s has been away for %u s: its routes are dropped", w->name,
		       watch->rs->now.stale_most);
}

/* ---- what is heard ---- */

static bool is_limited(const struct bird_protocol *p)
{
	return !strcmp(p->state, "down") &&
	       (strstr(p->error, "limit") || strstr(p->error, "Maximum number of prefixes") ||
		strstr(p->info, "limit"));
}

static void forget(struct watch *watch)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < watch->count; i++) {
		const struct watched *w = &watch->at[i];

		/* one that is down by hand and was not heard of yet */
		if (!w->seen && !(w->shut && rs_find(&watch->rs->now, w->name, NULL)))
			continue;
		watch->at[kept] = watch->at[i];
		watch->at[kept++].seen = false;
	}
	watch->count = kept;
}

/* ---- convergence ---- */

static void look_at_convergence(struct watch *watch)
{
	uint64_t routes = 0, sessions = 0, change;

	for (unsigned i = 0; i < watch->count; i++) {
		const struct watched *w = &watch->at[i];

		routes += w->all.imported + w->all.filtered + w->all.exported;
		sessions += w->up && !strcmp(w->type, "BGP");
	}
	change = routes > watch->routes ? routes - watch->routes : watch->routes - routes;
	if (sessions > watch->sessions && !watch->convergence.now) {
		watch->convergence.now = true;
		watch->began = watch->looked;
	} else if (watch->convergence.now && sessions <= watch->sessions &&
		   change * 1000 <= routes) {
		watch->convergence.now = false;
		/* it stood still between the look before this one and this one */
		watch->convergence.took_ms = watch->looked - watch->began;
	}
	watch->routes = routes;
	watch->sessions = sessions;
	watch->looked = now_ms();
}

const struct convergence *watch_convergence(const struct watch *watch)
{
	return &watch->convergence;
}

static void counters(struct watched *w, const struct bird_protocol *p)
{
	memset(&w->all, 0, sizeof(w->all));
	memset(w->has, 0, sizeof(w->has));
	memset(w->full, 0, sizeof(w->full));
	for (unsigned i = 0; i < p->channels; i++) {
		const struct bird_channel *c = &p->channel[i];
		unsigned family = !strcmp(c->name, "ipv6");

		w->has[family] = true;
		w->full[family] = c->limited ? c->limit : 0;
		w->channel[family] = (struct watched_routes){c->imported, c->filtered, c->exported,
							     c->preferred};
		w->all.imported += c->imported;
		w->all.filtered += c->filtered;
		w->all.exported += c->exported;
		w->all.preferred += c->preferred;
	}
}

void watch_heard(struct watch *watch, const struct bird_protocol *p)
{
	struct watched *w;
	bool bgp;

	if (!p) {
		forget(watch);
		look_at_convergence(watch);
		return;
	}
	if (strcmp(p->type, "BGP") && strcmp(p->type, "RPKI"))
		return;
	bgp = !strcmp(p->type, "BGP");
	w = find(watch, p->name);
	if (!w) {
		w = add(watch, p->name);
		w->fresh = true;
	}
	w->seen = true;
	snprintf(w->type, sizeof(w->type), "%.7s", p->type);
	snprintf(w->state, sizeof(w->state), "%.23s",
		 bgp && *p->session ? p->session
		 : bgp		    ? p->state
				    : p->info);
	snprintf(w->since, sizeof(w->since), "%s", p->since);
	w->up = !strcmp(w->state, "Established");
	w->connected = !strcmp(p->state, "up");
	w->down = !strcmp(p->state, "down");
	snprintf(w->problem, sizeof(w->problem), "%s", w->up ? "" : p->error);
	counters(w, p);
	if (bgp)
		follow_limit(watch, w, is_limited(p));
	if (bgp)
		follow_stale(watch, w, p);
}

const struct watched *watch_at(const struct watch *watch, unsigned index)
{
	return index < watch->count ? &watch->at[index] : NULL;
}

const struct watched *watch_find(const struct watch *watch, const char *name)
{
	return find(watch, name);
}

void watch_shut(struct watch *watch, const char *name, bool shut)
{
	struct watched *w = find(watch, name);

	if (!w)
		w = add(watch, name);
	w->shut = w->down = shut;
	w->tries = w->again = w->limited = w->cut = 0;
}

void watch_cut(struct watch *watch, const char *name, const char *why)
{
	struct watched *w = find(watch, name);
	char command[256];
	const struct bird_question question = {
		.command = command, .may_change = true, .done = nobody_waits};

	if (!w)
		return;
	snprintf(command, sizeof(command), "disable %s \"%s\"", name, why);
	bird_ask(bird_asker(watch->rs->bird), &question);
	w->cut = w->limited = w->down = true;
	w->up = false;
	limit_hit(watch, w);
}

uint64_t watch_age(const struct watch *watch)
{
	return watch->looked ? now_ms() - watch->looked : 0;
}

uint64_t watch_wait(const struct watched *w)
{
	uint64_t now = now_ms();

	return w->again > now ? w->again - now : 0;
}
