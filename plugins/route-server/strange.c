// SPDX-License-Identifier: GPL-2.0-or-later
#include "strange.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "core/api/log.h"
#include "route-server.h"
#include "scan.h"
#include "watch.h"

enum {
	SECONDS = 120, /* for the whole table */
	/* ms, between two searches while it lasts, longer each time: a member that stays away must
	 * not keep BIRD busy */
	AGAIN = 300000,
	AGAIN_MOST = 6 * 3600000,
	LARGEST = 3, /* senders that are named */
};

struct strange {
	struct route_server *rs;
	struct scan *scan;
	uint64_t looked, pause; /* ms; 0: not since it began */
	char from[LARGEST][72];
	unsigned senders;
	char found[300], words[300]; /* of the search under way, of the last one */
};

/* What BIRD calls errors of an UPDATE (RFC 4271 section 6.3; bgp.c, "bgp_err_table"). */
static bool is_update_error(const struct watched *w)
{
	static const char *const errors[] = {"Invalid UPDATE message",
					     "Malformed attribute list",
					     "Unrecognized well-known attribute",
					     "Missing mandatory attribute",
					     "Invalid attribute flags",
					     "Invalid attribute length",
					     "Invalid ORIGIN attribute",
					     "Invalid NEXT_HOP attribute",
					     "Optional attribute error",
					     "Invalid network field",
					     "Malformed AS_PATH"};

	if (w->up || strcmp(w->type, "BGP") || strncmp(w->problem, "Received: ", 10))
		return false;
	for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++)
		if (!strcmp(w->problem + 10, errors[i]))
			return true;
	return false;
}

/* ---- the search ---- */

static bool is_named(const struct strange *strange, const char *from)
{
	for (unsigned i = 0; i < strange->senders; i++)
		if (!strcmp(strange->from[i], from))
			return true;
	return false;
}

static bool found(void *arg, enum scan_kind kind, const struct bird_route *route)
{
	struct strange *strange = arg;
	const struct rs_client *client;
	size_t length = strlen(strange->found);

	(void)kind;
	if (!route->unknown || is_named(strange, route->from))
		return true;
	client = rs_find(&strange->rs->now, route->from, NULL);
	snprintf(strange->found + length, sizeof(strange->found) - length,
		 "%sattribute %u of %s from %s", length ? ", " : "", route->unknown, route->prefix,
		 client ? client->name : route->from);
	snprintf(strange->from[strange->senders++], sizeof(*strange->from), "%s", route->from);
	return strange->senders < LARGEST;
}

static void done(void *arg, int err, const char *message)
{
	struct strange *strange = arg;
	bool news = strcmp(strange->words, strange->found) != 0;

	(void)err;
	(void)message;
	strange->scan = NULL;
	snprintf(strange->words, sizeof(strange->words), "%s", strange->found);
	if (news && *strange->words)
		fer_log_warn("route-server: a session ended by what a member could not read: %s, "
			     "which BIRD does not know and passes on",
			     strange->words);
}

static void search(struct strange *strange)
{
	const struct scan_events events = {found, done, strange};

	strange->found[0] = '\0';
	strange->senders = 0;
	strange->looked = now_ms();
	strange->scan = scan_new(strange->rs, SECONDS, &events);
	scan_table(strange->scan, -1, "");
	scan_run(strange->scan);
}

void strange_turn(struct strange *strange)
{
	const struct watched *w;
	bool wanted = false;

	for (unsigned i = 0; (w = watch_at(strange->rs->watch, i)); i++)
		wanted = wanted || is_update_error(w);
	if (!wanted) {
		strange->looked = 0;
		strange->pause = AGAIN;
		strange->words[0] = '\0';
	} else if (!strange->scan &&
		   (!strange->looked || now_ms() - strange->looked > strange->pause)) {
		if (strange->looked && strange->pause < AGAIN_MOST)
			strange->pause *= 2;
		search(strange);
	}
}

const char *strange_words(const struct strange *strange, const char *session)
{
	const struct watched *w = watch_find(strange->rs->watch, session);

	return w && is_update_error(w) ? strange->words : "";
}

struct strange *strange_new(struct route_server *rs)
{
	struct strange *strange = calloc(1, sizeof(*strange));

	if (!strange)
		abort();
	strange->rs = rs;
	return strange;
}

void strange_free(struct strange *strange)
{
	if (!strange)
		return;
	scan_cancel(strange->scan);
	free(strange);
}
