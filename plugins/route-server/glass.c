// SPDX-License-Identifier: GPL-2.0-or-later
#include "glass.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/api/action.h"
#include "core/api/state.h"
#include "causes.h"
#include "route-server.h"
#include "stream.h"
#include "watch.h"
#include "withdrawn.h"

#define TOP "ferrule-route-server:route-server"

enum {
	LIMIT = 1000, /* routes, unless somebody asks for more */
	LIMIT_MOST = 20000,
	SECONDS = 60, /* for each question */
	FROMS = 64,
};

struct glass {
	struct route_server *rs;
	struct fer_action *action;
	char *to; /* a client, or NULL */
	unsigned rows, limit;
	bool explain;
	/* of `why` */
	char prefix[64];
	char announces[FROMS][72]; /* sessions whose route BIRD has, taken or refused */
	unsigned froms;
	unsigned taken, refused, sent, kept_back;
	unsigned gone; /* among the refused: in no table, as BIRD's log said once */
	char reason[512], by[80];
};

/* ---- answers ---- */

static void finish(struct glass *g, int err)
{
	struct fer_action *action = g->action;

	free(g->to);
	free(g);
	fer_action_done(action, err);
}

static void communities(const struct bird_route *route, char text[3 * BIRD_COMMUNITIES_MAX])
{
	snprintf(text, 3 * BIRD_COMMUNITIES_MAX, "%s%s%s%s%s", route->community,
		 *route->community && *route->extended ? " " : "", route->extended,
		 (*route->community || *route->extended) && *route->large ? " " : "", route->large);
}

static void row(struct glass *g, enum scan_kind kind, const struct bird_route *route,
		const char *why)
{
	struct fer_state *state = fer_action_state(g->action);
	const struct rs_client *client = rs_find(&g->rs->now, route->from, NULL);
	char at[96], list[3 * BIRD_COMMUNITIES_MAX];

	snprintf(at, sizeof(at), TOP "/route[number='%u']", ++g->rows);
	fer_state_text(state, route->prefix, "%s/prefix", at);
	fer_state_text(state, client ? client->name : route->from, "%s/from", at);
	if (route->primary && kind != SCAN_REFUSED)
		fer_state_text(state, "true", "%s/best", at);
	fer_state_text(state, route->next_hop, "%s/next-hop", at);
	fer_state_text(state, route->as_path, "%s/as-path", at);
	communities(route, list);
	if (*list)
		fer_state_text(state, list, "%s/communities", at);
	if (*why)
		fer_state_text(state, why, "%s/why", at);
}

static void remember(struct glass *g, const char *why, const char *by)
{
	if (!*g->reason)
		snprintf(g->reason, sizeof(g->reason), "%s", why);
	if (by && !*g->by)
		snprintf(g->by, sizeof(g->by), "%s", by);
}

static void towards(struct glass *g, const struct bird_route *route, char why[512])
{
	const struct rs_client *from = rs_find(&g->rs->now, route->from, NULL);

	if (from && g->to && !strcmp(from->name, g->to))
		snprintf(why, 512, "it is the client's own");
	else
		causes_print(route->large, g->rs->now.asn, CAUSES_OUT, why, 512);
	if (!*why)
		return;
	g->kept_back++;
	remember(g, why, NULL);
}

/* "2026-12-01 13:02:14", of this machine's clock, as BIRD says it */
static time_t time_of(const char *text)
{
	struct tm tm = {.tm_isdst = -1};

	return strptime(text, "%Y-%m-%d %H:%M:%S", &tm) ? mktime(&tm) : 0;
}

/*
 * BIRD counts a route as exported that it could not put into an UPDATE, and says so in its log
 * alone. That is over when the route, or the session, is newer.
 */
static const struct withdrawn_route *unsent(const struct glass *g, const struct bird_route *route)
{
	const struct rs_client *to = g->to ? rs_client(&g->rs->now, g->to) : NULL;

	for (unsigned s = 0; to && s < to->sessions; s++) {
		const struct watched *w = watch_find(g->rs->watch, to->session[s].name);
		const struct withdrawn_route *event =
			withdrawn_unsent(g->rs->withdrawn, to->session[s].name, route->prefix, 0);

		if (event && w && w->up && event->when >= time_of(route->since) &&
		    event->when >= time_of(w->since))
			return event;
	}
	return NULL;
}

static void announces_add(struct glass *g, const struct bird_route *route)
{
	if (g->froms < FROMS)
		snprintf(g->announces[g->froms++], sizeof(*g->announces), "%s", route->from);
}

static bool announces(const struct glass *g, const char *protocol)
{
	for (unsigned i = 0; i < g->froms; i++)
		if (!strcmp(g->announces[i], protocol))
			return true;
	return false;
}

/* false: nothing more is to be looked at. */
static bool found_sent(struct glass *g, const struct bird_route *route, char why[512])
{
	const struct withdrawn_route *event = unsent(g, route);
	const struct rs_client *from;

	if (event) {
		snprintf(why, 512, "not sent: %s: an UPDATE has room for 4,096 octets", event->why);
		remember(g, why, NULL);
		g->kept_back++;
		return true;
	}
	g->sent++;
	if (!g->explain)
		return true;
	from = rs_find(&g->rs->now, route->from, NULL);
	remember(g, "", from ? from->name : route->from);
	return false;
}

static bool found(void *arg, enum scan_kind kind, const struct bird_route *route)
{
	struct glass *g = arg;
	char why[512] = "";

	if (g->explain && kind != SCAN_SENT)
		announces_add(g, route);
	switch (kind) {
	case SCAN_TAKEN:
		g->taken++;
		break;
	case SCAN_REFUSED:
		causes_print(route->large, g->rs->now.asn, CAUSES_IN, why, sizeof(why));
		g->refused++;
		break;
	case SCAN_TOWARDS:
		g->taken++;
		towards(g, route, why);
		break;
	case SCAN_SENT:
		if (!found_sent(g, route, why))
			return true;
		break;
	}
	if (g->rows >= g->limit)
		return false;
	row(g, kind, route, why);
	return true;
}

/* Those that came to no table. */
static void rows_withdrawn(struct glass *g)
{
	struct fer_state *state = fer_action_state(g->action);
	const struct withdrawn_route *route;

	for (unsigned i = 0; (route = withdrawn_at(g->rs->withdrawn, g->prefix, i)); i++) {
		const struct rs_client *client = rs_find(&g->rs->now, route->protocol, NULL);
		const struct watched *w = watch_find(g->rs->watch, route->protocol);
		char at[96], when[32];
		struct tm tm;

		/* it has announced something else since, or has begun anew */
		if (announces(g, route->protocol) || !w || !w->up ||
		    route->when < time_of(w->since))
			continue;
		g->gone++;
		strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", gmtime_r(&route->when, &tm));
		snprintf(at, sizeof(at), TOP "/route[number='%u']", ++g->rows);
		fer_state_text(state, route->prefix, "%s/prefix", at);
		fer_state_text(state, client ? client->name : route->protocol, "%s/from", at);
		fer_state_text(state, route->why, "%s/why", at);
		fer_state_text(state, when, "%s/refused-at", at);
		g->refused++;
	}
}

/* ---- the last word of `why` ---- */

static bool is_up(const struct glass *g, const struct rs_client *client)
{
	for (unsigned s = 0; s < client->sessions; s++) {
		const struct watched *w = watch_find(g->rs->watch, client->session[s].name);

		if (w && w->up)
			return true;
	}
	return false;
}

/* What a member with max-prefix and action block sends beyond is nowhere. */
static const char *blocked(const struct glass *g, char text[200])
{
	const struct rs_config *now = &g->rs->now;
	const struct watched *w;
	size_t length = 0;

	text[0] = '\0';
	for (unsigned i = 0; (w = watch_at(g->rs->watch, i)); i++) {
		const struct rs_client *client = rs_find(now, w->name, NULL);

		if (!client || client->policy.limit_action != RS_LIMIT_BLOCK ||
		    !(w->full[0] || w->full[1]) || length >= 150)
			continue;
		length += snprintf(text + length, 200 - length, "%s%s",
				   length ? ", " : "; at their max-prefix, and perhaps blocked: ",
				   client->name);
	}
	return text;
}

static void conclude(struct glass *g)
{
	const struct rs_client *to = g->to ? rs_client(&g->rs->now, g->to) : NULL;
	char text[800], blocks[200];

	rows_withdrawn(g);
	if (!g->taken && !g->refused)
		snprintf(text, sizeof(text), "no client announces it%s", blocked(g, blocks));
	else if (!g->taken && g->refused == g->gone)
		snprintf(text, sizeof(text),
			 "no client's announcement of it counts: what was heard of it last was "
			 "refused");
	else if (!g->taken)
		snprintf(text, sizeof(text), "it is refused from every client that announces it");
	else if (!to)
		snprintf(text, sizeof(text), "it is taken from %u, and refused from %u", g->taken,
			 g->refused);
	else if (!is_up(g, to))
		snprintf(text, sizeof(text), "%s does not have it: its session is down", to->name);
	else if (g->sent)
		snprintf(text, sizeof(text), "%s has it, from %s", to->name, g->by);
	else if (g->kept_back < g->taken && !to->policy.mitigate)
		snprintf(text, sizeof(text),
			 "%s does not have it: the best route is not for it, and path-hiding: none "
			 "tries no other",
			 to->name);
	else if (g->kept_back)
		snprintf(text, sizeof(text), "%s does not have it: %s", to->name, g->reason);
	else
		snprintf(text, sizeof(text), "%s does not have it yet", to->name);
	fer_state_text(fer_action_state(g->action), text, TOP "/answer");
}

static void cut_short(struct glass *g)
{
	char text[96];

	snprintf(text, sizeof(text), "the first %u; --limit, --all and a prefix find others",
		 g->rows);
	fer_state_text(fer_action_state(g->action), text, TOP "/answer");
}

static void looked(void *arg, int err, const char *message)
{
	struct glass *g = arg;

	if (err == -EIO)
		fer_action_problem(g->action, "BIRD: %s", message);
	else if (err)
		cut_short(g);
	else if (g->explain)
		conclude(g);
	finish(g, err == -EIO ? err : 0);
}

/* ---- all of them, as they come ---- */

static const char *why_of(struct stream *stream, const struct bird_route *route,
			  enum scan_kind kind, char why[512])
{
	*why = '\0';
	if (kind == SCAN_REFUSED)
		causes_print(route->large, stream_rs(stream)->now.asn, CAUSES_IN, why, 512);
	return why;
}

static void line_route(struct stream *stream, enum scan_kind kind, const struct bird_route *route)
{
	const struct rs_client *client = rs_find(&stream_rs(stream)->now, route->from, NULL);
	char why[512], list[3 * BIRD_COMMUNITIES_MAX];

	communities(route, list);
	stream_print(stream, "%-18s %-16s %-4s %-15s %s%s%s%s%s\n", route->prefix,
		     client ? client->name : route->from,
		     route->primary && kind != SCAN_REFUSED ? "best" : "", route->next_hop,
		     route->as_path, *list ? "  " : "", list,
		     *why_of(stream, route, kind, why) ? "  " : "", why);
}

static void line_end(struct stream *stream)
{
	(void)stream;
}

/* As the table of --json would have it. */
static void json_route(struct stream *stream, enum scan_kind kind, const struct bird_route *route)
{
	const struct rs_client *client = rs_find(&stream_rs(stream)->now, route->from, NULL);
	char why[512], list[3 * BIRD_COMMUNITIES_MAX];
	yajl_gen json = stream_json(stream);

	communities(route, list);
	yajl_gen_map_open(json);
	json_member(json, "prefix", route->prefix);
	json_member(json, "from", client ? client->name : route->from);
	json_text(json, "best");
	yajl_gen_bool(json, route->primary && kind != SCAN_REFUSED);
	json_member(json, "next-hop", route->next_hop);
	json_member(json, "as-path", route->as_path);
	if (*list)
		json_member(json, "communities", list);
	if (*why_of(stream, route, kind, why))
		json_member(json, "why", why);
	yajl_gen_map_close(json);
}

static void json_begin(struct stream *stream)
{
	yajl_gen json = stream_json(stream);

	yajl_gen_map_open(json);
	json_text(json, TOP);
	yajl_gen_map_open(json);
	json_text(json, "route");
	yajl_gen_array_open(json);
}

static void json_end(struct stream *stream)
{
	yajl_gen json = stream_json(stream);

	yajl_gen_array_close(json);
	yajl_gen_map_close(json);
	yajl_gen_map_close(json);
	stream_print(stream, "\n");
}

static const struct stream_format lines = {line_route, line_end}, objects = {json_route, json_end};

static struct scan *stream_all(struct route_server *rs, struct fer_action *action)
{
	bool json = fer_action_parts(action) == FER_PARTS_JSON;
	struct stream *stream = stream_new(rs, action, json ? &objects : &lines);

	if (json)
		json_begin(stream);
	return stream_scan(stream);
}

/* ---- what is asked ---- */

static int refuse(struct fer_action *action, const char *found, const char *allowed)
{
	fer_action_problem(action, "found '%s', allowed is %s", found, allowed);
	return -EINVAL;
}

/* "192.0.2.0/24 " or "for 192.0.2.1 "; the family, or -1 where none was named. */
static int which_of(struct fer_action *action, const char *word, char which[64], int *family)
{
	struct prefix prefix;
	unsigned char octets[16];

	*family = -1;
	*which = '\0';
	if (!word)
		return 0;
	*family = strchr(word, ':') ? 1 : 0;
	if (prefix_parse(word, &prefix)) {
		char text[PREFIX_TEXT];

		prefix_network(&prefix);
		prefix_print(&prefix, text);
		snprintf(which, 64, "%s ", text);
		return 0;
	}
	if (inet_pton(*family ? AF_INET6 : AF_INET, word, octets) != 1)
		return refuse(action, word, "a prefix such as 192.0.2.0/24, or an address");
	snprintf(which, 64, "for %s ", word);
	return 0;
}

static int client_of(struct route_server *rs, struct fer_action *action, const char *name,
		     const struct rs_client **client)
{
	*client = name ? rs_client(&rs->now, name) : NULL;
	return name && !*client ? refuse(action, name, "the name or address of a client") : 0;
}

static int ready(struct route_server *rs, struct fer_action *action)
{
	if (!rs->now.on)
		fer_action_problem(action, "'route-server' is not configured");
	else if (!bird_serves(rs->bird))
		fer_action_problem(action,
				   "BIRD does not answer: 'ferrule log route-server' says why");
	else
		return 0;
	return -ENOENT;
}

static int limit_of(struct fer_action *action, unsigned *limit)
{
	const char *text = fer_action_option(action, "--limit");
	unsigned long long number;

	*limit = LIMIT;
	if (!text)
		return 0;
	number = strtoull(text, NULL, 10);
	if (strspn(text, "0123456789") != strlen(text) || !number || number > LIMIT_MOST)
		return refuse(action, text, "a number 1 to 20000");
	*limit = number;
	return 0;
}

static struct glass *glass_new(struct route_server *rs, struct fer_action *action, unsigned limit)
{
	struct glass *g = calloc(1, sizeof(*g));

	if (!g)
		abort();
	g->rs = rs;
	g->action = action;
	g->limit = limit;
	return g;
}

static struct scan *glass_scan(struct glass *g)
{
	const struct scan_events events = {found, looked, g};

	return scan_new(g->rs, SECONDS, &events);
}

static struct scan *rows_scan(struct route_server *rs, struct fer_action *action, unsigned limit,
			      const struct rs_client *to)
{
	struct glass *g = glass_new(rs, action, limit);

	g->to = to ? strdup(to->name) : NULL;
	return glass_scan(g);
}

struct wanted {
	const struct rs_client *from, *to;
	bool rejected;
	int family;
	char which[64];
};

static void plan_routes(struct scan *scan, const struct rs_config *now, const struct wanted *w)
{
	if (w->rejected && w->from)
		scan_refused(scan, w->from, NULL, w->family, w->which);
	else if (w->rejected)
		for (unsigned i = 0; i < now->clients; i++)
			scan_refused(scan, &now->client[i], NULL, w->family, w->which);
	else if (w->to)
		scan_sent(scan, w->to, NULL, w->family, w->which);
	else if (w->from)
		scan_from(scan, w->from, NULL, w->family, w->which);
	else
		scan_table(scan, w->family, w->which);
}

static int wanted_of(struct route_server *rs, struct fer_action *action, struct wanted *w)
{
	int err = client_of(rs, action, fer_action_option(action, "--from"), &w->from);

	w->rejected = fer_action_flag(action, "--rejected");
	if (!err)
		err = client_of(rs, action, fer_action_option(action, "--to"), &w->to);
	if (!err)
		err = fer_action_check(action, 1);
	if (!err)
		err = which_of(action, fer_action_word(action, 0), w->which, &w->family);
	if (!err && w->to && (w->from || w->rejected))
		err = refuse(action, "--to", "--to alone: what was sent to a client");
	return err;
}

void glass_routes(void *instance, struct fer_action *action)
{
	struct route_server *rs = instance;
	bool all = fer_action_flag(action, "--all");
	struct wanted wanted;
	struct scan *scan;
	unsigned limit = 0;
	int err = ready(rs, action);

	if (!err && !all)
		err = limit_of(action, &limit);
	if (!err)
		err = wanted_of(rs, action, &wanted);
	if (!err && all && fer_action_parts(action) == FER_PARTS_NONE)
		err = refuse(action, "--all", "a client that takes an answer in parts");
	if (err) {
		fer_action_done(action, err);
		return;
	}
	scan = all ? stream_all(rs, action) : rows_scan(rs, action, limit, wanted.to);
	plan_routes(scan, &rs->now, &wanted);
	scan_run(scan);
}

static void plan_why(struct scan *scan, const struct rs_config *now, const struct wanted *w)
{
	if (w->to)
		scan_towards(scan, w->to, NULL, w->family, w->which, false);
	else
		scan_table(scan, w->family, w->which);
	for (unsigned i = 0; i < now->clients; i++)
		scan_refused(scan, &now->client[i], NULL, w->family, w->which);
	if (w->to)
		scan_sent(scan, w->to, NULL, w->family, w->which);
}

void glass_why(void *instance, struct fer_action *action)
{
	struct route_server *rs = instance;
	const char *word;
	struct wanted wanted = {0};
	struct scan *scan;
	struct glass *g;
	int err = ready(rs, action);

	if (!err)
		err = client_of(rs, action, fer_action_option(action, "--to"), &wanted.to);
	if (!err)
		err = fer_action_check(action, 1);
	word = fer_action_word(action, 0);
	if (!err && !word)
		err = refuse(action, "", "a prefix such as 192.0.2.0/24");
	if (!err)
		err = which_of(action, word, wanted.which, &wanted.family);
	if (err) {
		fer_action_done(action, err);
		return;
	}
	g = glass_new(rs, action, LIMIT);
	g->explain = true;
	g->to = wanted.to ? strdup(wanted.to->name) : NULL;
	snprintf(g->prefix, sizeof(g->prefix), "%.*s", (int)strcspn(wanted.which, " "),
		 wanted.which);
	scan = glass_scan(g);
	plan_why(scan, &rs->now, &wanted);
	scan_run(scan);
}
