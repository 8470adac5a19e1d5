// SPDX-License-Identifier: GPL-2.0-or-later
#include "verify.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/api/log.h"
#include "render.h"
#include "route-server.h"
#include "watch.h"

enum {
	PAST = 8,
	LOOKS = 2,	/* one may have been on its way */
	PATIENCE = 20,	/* looks: a client that comes back needs a minute or two */
	TOLERANCE = 50, /* routes come and go: a fiftieth is no trouble */
};

struct known {
	char name[64];
	char since[32]; /* "" where it was not up */
	uint64_t hash;
	bool same; /* it is to be as it was */
};

/* Of all sessions together. */
struct sum {
	uint64_t hash; /* of the configuration */
	uint32_t sessions;
	uint64_t taken, sent;
};

struct verify {
	struct route_server *rs;
	struct known *at;
	unsigned count;
	struct sum past[PAST], now;
	const struct sum *wanted; /* of an earlier configuration that is back */
	unsigned next, looks;
	bool any, looked;
	char result[200], trouble[300];
};

struct verify *verify_new(struct route_server *rs)
{
	struct verify *verify = calloc(1, sizeof(*verify));

	if (!verify)
		abort();
	verify->rs = rs;
	return verify;
}

void verify_free(struct verify *verify)
{
	if (verify)
		free(verify->at);
	free(verify);
}

static struct known *find(struct known *at, unsigned count, const char *name)
{
	for (unsigned i = 0; i < count; i++)
		if (!strcmp(at[i].name, name))
			return &at[i];
	return NULL;
}

static void sum_up(const struct verify *verify, struct sum *sum)
{
	const struct watched *w;

	sum->sessions = 0;
	sum->taken = sum->sent = 0;
	for (unsigned i = 0; (w = watch_at(verify->rs->watch, i)); i++) {
		if (!w->up || strcmp(w->type, "BGP"))
			continue;
		sum->sessions++;
		sum->taken += w->all.imported;
		sum->sent += w->all.exported;
	}
}

/* ---- before ---- */

static void remember(struct verify *verify)
{
	sum_up(verify, &verify->now);
	for (unsigned i = 0; i < PAST; i++)
		if (verify->past[i].hash == verify->now.hash) {
			verify->past[i] = verify->now;
			return;
		}
	verify->past[verify->next++ % PAST] = verify->now;
}

static void add(struct verify *verify, struct known *known, const struct rs_client *client,
		const struct rs_session *session)
{
	const struct watched *w = watch_find(verify->rs->watch, session->name);
	const struct known *before = find(verify->at, verify->count, session->name);

	snprintf(known->name, sizeof(known->name), "%s", session->name);
	known->hash = render_hash(&verify->rs->now, client, session);
	if (w && w->up)
		snprintf(known->since, sizeof(known->since), "%s", w->since);
	known->same = w && w->up && before && before->hash == known->hash;
	verify->now.hash += known->hash;
}

static void look_for_past(struct verify *verify, uint64_t before)
{
	verify->wanted = NULL;
	if (verify->now.hash == before)
		return;
	for (unsigned i = 0; i < PAST; i++)
		if (verify->past[i].hash == verify->now.hash)
			verify->wanted = &verify->past[i];
}

void verify_begin(struct verify *verify)
{
	const struct rs_config *now = &verify->rs->now;
	unsigned sessions = 0, at = 0;
	uint64_t before = verify->now.hash;
	struct known *known;

	if (verify->any)
		remember(verify);
	for (unsigned i = 0; i < now->clients; i++)
		sessions += now->client[i].sessions;
	known = calloc(sessions + 1, sizeof(*known));
	if (!known)
		abort();
	verify->now.hash = 0;
	for (unsigned i = 0; i < now->clients; i++)
		for (unsigned s = 0; s < now->client[i].sessions; s++)
			add(verify, &known[at++], &now->client[i], &now->client[i].session[s]);
	free(verify->at);
	verify->at = known;
	verify->count = sessions;
	look_for_past(verify, before);
	verify->looks = 0;
	verify->any = true;
	verify->looked = false;
	verify->result[0] = verify->trouble[0] = '\0';
}

/* ---- after ---- */

static void compare_sessions(struct verify *verify)
{
	unsigned same = 0, touched = 0, length = 0;
	char names[160] = "";

	for (unsigned i = 0; i < verify->count; i++) {
		const struct known *known = &verify->at[i];
		const struct watched *w = watch_find(verify->rs->watch, known->name);

		if (!known->same)
			continue;
		same++;
		if (w && w->up && !strcmp(w->since, known->since))
			continue;
		touched++;
		if (length < sizeof(names))
			length += snprintf(names + length, sizeof(names) - length, " %s",
					   known->name);
	}
	snprintf(verify->result, sizeof(verify->result),
		 "%u of %u sessions that it did not concern are as they were", same - touched,
		 same);
	if (!touched)
		return;
	snprintf(verify->trouble, sizeof(verify->trouble),
		 "%u sessions that it did not concern went down:%s", touched, names);
	fer_log_warn("route-server: the commit: %s", verify->trouble);
}

static bool is_near(uint64_t now, uint64_t then)
{
	uint64_t apart = now > then ? now - then : then - now;

	return apart * TOLERANCE <= then + TOLERANCE;
}

static void compare_past(struct verify *verify)
{
	const struct sum *then = verify->wanted;
	struct sum now = verify->now;
	bool back;

	sum_up(verify, &now);
	back = now.sessions >= then->sessions && is_near(now.taken, then->taken) &&
	       is_near(now.sent, then->sent);
	if (!back && verify->looks < PATIENCE)
		return;
	snprintf(verify->result, sizeof(verify->result),
		 "an earlier configuration is back: %u of %u sessions, %" PRIu64 " of %" PRIu64
		 " routes taken, %" PRIu64 " of %" PRIu64 " sent",
		 now.sessions, then->sessions, now.taken, then->taken, now.sent, then->sent);
	if (back) {
		fer_log_notice("route-server: %s", verify->result);
		verify->trouble[0] = '\0';
		verify->wanted = NULL;
		return;
	}
	if (!*verify->trouble)
		fer_log_warn("route-server: %s", verify->result);
	snprintf(verify->trouble, sizeof(verify->trouble), "%s", verify->result);
}

void verify_turn(struct verify *verify)
{
	if (!verify->any || ++verify->looks < LOOKS)
		return;
	if (!verify->looked)
		compare_sessions(verify);
	verify->looked = true;
	if (verify->wanted)
		compare_past(verify);
}

const char *verify_result(const struct verify *verify)
{
	return verify->result;
}

const char *verify_trouble(const struct verify *verify)
{
	return verify->trouble;
}
