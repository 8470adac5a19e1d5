// SPDX-License-Identifier: GPL-2.0-or-later
#include "tally.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/api/log.h"
#include "clock.h"
#include "route-server.h"
#include "scan.h"
#include "watch.h"

enum {
	AGAIN_MS = 60000,
	SECONDS = 300, /* for a full table on a small machine */
};

struct tally {
	struct route_server *rs;
	struct tallied *at;
	unsigned count, room;
	struct scan *scan;
	struct tallied now; /* of the scan */
};

struct tally *tally_new(struct route_server *rs)
{
	struct tally *tally = calloc(1, sizeof(*tally));

	if (!tally)
		abort();
	tally->rs = rs;
	return tally;
}

void tally_free(struct tally *tally)
{
	if (!tally)
		return;
	scan_cancel(tally->scan);
	free(tally->at);
	free(tally);
}

static struct tallied *find(const struct tally *tally, const char *name)
{
	for (unsigned i = 0; i < tally->count; i++)
		if (!strcmp(tally->at[i].name, name))
			return &tally->at[i];
	return NULL;
}

static struct tallied *add(struct tally *tally, const char *name)
{
	if (tally->count == tally->room) {
		tally->room = tally->room ? tally->room * 2 : 16;
		tally->at = realloc(tally->at, tally->room * sizeof(*tally->at));
		if (!tally->at)
			abort();
	}
	memset(&tally->at[tally->count], 0, sizeof(*tally->at));
	snprintf(tally->at[tally->count].name, sizeof(tally->at->name), "%s", name);
	return &tally->at[tally->count++];
}

static bool found(void *arg, enum scan_kind kind, const struct bird_route *route)
{
	struct tally *tally = arg;

	(void)kind;
	causes_count(route->large, tally->rs->now.asn, tally->now.count);
	return true;
}

static void done(void *arg, int err, const char *message)
{
	struct tally *tally = arg;
	struct tallied *t = find(tally, tally->now.name);

	tally->scan = NULL;
	if (!t)
		t = add(tally, tally->now.name);
	if (err)
		fer_log_debug("route-server: %s is not looked through: %s", t->name, message);
	else
		*t = tally->now;
	t->again = now_ms() + AGAIN_MS;
}

static void look(struct tally *tally, const struct rs_client *client,
		 const struct rs_session *session, uint32_t filtered)
{
	const struct scan_events events = {found, done, tally};

	memset(&tally->now, 0, sizeof(tally->now));
	snprintf(tally->now.name, sizeof(tally->now.name), "%s", session->name);
	tally->now.filtered = filtered;
	tally->scan = scan_new(tally->rs, SECONDS, &events);
	scan_refused(tally->scan, client, session, -1, "");
	scan_run(tally->scan);
}

/* Those that are refused no more routes, or are no more. */
static void forget(struct tally *tally)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < tally->count; i++) {
		const struct watched *w = watch_find(tally->rs->watch, tally->at[i].name);

		if (w && w->all.filtered && rs_find(&tally->rs->now, tally->at[i].name, NULL))
			tally->at[kept++] = tally->at[i];
	}
	tally->count = kept;
}

void tally_turn(struct tally *tally)
{
	const struct watched *w;
	uint64_t now = now_ms();

	if (tally->scan)
		return;
	forget(tally);
	for (unsigned i = 0; (w = watch_at(tally->rs->watch, i)); i++) {
		const struct tallied *t = find(tally, w->name);
		const struct rs_session *session;
		const struct rs_client *client = rs_find(&tally->rs->now, w->name, &session);

		if (!client || !w->all.filtered ||
		    (t && (t->filtered == w->all.filtered || now < t->again)))
			continue;
		look(tally, client, session, w->all.filtered);
		return;
	}
}

const struct tallied *tally_find(const struct tally *tally, const char *session)
{
	return find(tally, session);
}
