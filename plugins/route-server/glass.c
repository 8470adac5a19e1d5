// SPDX-License-Identifier: GPL-2.0-or-later
#include "glass.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/api/action.h"
#include "core/api/state.h"
#include "policy.h"
#include "route-server.h"
#include "services/bird/routes.h"
#include "watch.h"
#include "withdrawn.h"

#define TOP "ferrule-route-server:route-server"

enum {
	LIMIT = 1000, /* routes, unless somebody asks for more */
	LIMIT_MOST = 20000,
	DEADLINE = 60000, /* ms, each question */
	OCTETS = 64 << 20,
};

enum kind {
	TAKEN,	 /* in the table */
	REFUSED, /* by the policy towards its sender */
	TOWARDS, /* in the table, with what keeps it from a client */
	SENT,	 /* to a client */
};

struct step {
	enum kind kind;
	char *command;
};

struct glass {
	struct route_server *rs;
	struct fer_action *action;
	char *to; /* a client, or NULL */
	struct step *step;
	unsigned steps, at;
	unsigned rows, limit;
	bool explain;
	struct bird_routes routes;
	/* of `why` */
	char prefix[64];
	unsigned taken, refused, sent, kept_back;
	char reason[512], by[80];
};

/* ---- steps ---- */

__attribute__((format(printf, 3, 4))) static void step(struct glass *g, enum kind kind,
						       const char *format, ...)
{
	va_list args;

	g->step = realloc(g->step, (g->steps + 1) * sizeof(*g->step));
	if (!g->step)
		abort();
	va_start(args, format);
	if (vasprintf(&g->step[g->steps].command, format, args) < 0)
		abort();
	va_end(args);
	g->step[g->steps++].kind = kind;
}

/* The text of a call of policy.h, new. */
static char *call_in(const struct glass *g, const struct rs_client *client,
		     const struct rs_session *session, unsigned family)
{
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	if (!file)
		abort();
	policy_call_why_in(&g->rs->now, client, session, family, file);
	fclose(file);
	return text;
}

/* which: "192.0.2.0/24 ", "for 192.0.2.1 " or "". */
static void step_refused(struct glass *g, const struct rs_client *client,
			 const struct rs_session *session, unsigned family, const char *which)
{
	char *call = call_in(g, client, session, family), source[128];
	char number = family ? '6' : '4';

	if (client->keep[family])
		snprintf(source, sizeof(source), "import table %s.ipv%c", session->name, number);
	else
		snprintf(source, sizeof(source), "table master%c filtered protocol %s", number,
			 session->name);
	step(g, REFUSED,
	     "show route %sall %s filter { %s; if bgp_large_community ~ [(%" PRIu32
	     ", %d, *)] then accept; reject; }",
	     which, source, call, g->rs->now.asn, CAUSES_IN);
	free(call);
}

static void steps_refused(struct glass *g, const struct rs_client *client, int family,
			  const char *which)
{
	for (unsigned s = 0; s < client->sessions; s++)
		for (unsigned f = 0; f < 2; f++)
			if ((family < 0 || family == (int)f) &&
			    rs_carries(client, &client->session[s], f))
				step_refused(g, client, &client->session[s], f, which);
}

static void steps_of_sessions(struct glass *g, const struct rs_client *client, int family,
			      enum kind kind, const char *verb, const char *which)
{
	for (unsigned s = 0; s < client->sessions; s++)
		for (unsigned f = 0; f < 2; f++)
			if ((family < 0 || family == (int)f) &&
			    rs_carries(client, &client->session[s], f))
				step(g, kind, "show route %sall table master%c %s %s", which,
				     f ? '6' : '4', verb, client->session[s].name);
}

static void step_towards(struct glass *g, const struct rs_client *to, unsigned family,
			 const char *which)
{
	char *call = NULL;
	size_t size;
	FILE *file = open_memstream(&call, &size);

	if (!file)
		abort();
	policy_call_why_out(to, family, file);
	fclose(file);
	step(g, TOWARDS, "show route %sall table master%c filter { %s; accept; }", which,
	     family ? '6' : '4', call);
	free(call);
}

/* ---- answers ---- */

static void glass_free(struct glass *g)
{
	for (unsigned i = 0; i < g->steps; i++)
		free(g->step[i].command);
	free(g->step);
	free(g->to);
	free(g);
}

static void finish(struct glass *g, int err)
{
	struct fer_action *action = g->action;

	glass_free(g);
	fer_action_done(action, err);
}

static void communities(const struct bird_route *route, const char *at, struct fer_state *state)
{
	char text[3 * BIRD_COMMUNITIES_MAX];

	snprintf(text, sizeof(text), "%s%s%s%s%s", route->community,
		 *route->community && *route->extended ? " " : "", route->extended,
		 (*route->community || *route->extended) && *route->large ? " " : "", route->large);
	if (*text)
		fer_state_text(state, text, "%s/communities", at);
}

static void row(struct glass *g, const struct bird_route *route, const char *why)
{
	struct fer_state *state = fer_action_state(g->action);
	const struct rs_client *client = rs_find(&g->rs->now, route->from, NULL);
	char at[96];

	snprintf(at, sizeof(at), TOP "/route[number='%u']", ++g->rows);
	fer_state_text(state, route->prefix, "%s/prefix", at);
	fer_state_text(state, client ? client->name : route->from, "%s/from", at);
	if (route->primary && g->step[g->at].kind != REFUSED)
		fer_state_text(state, "true", "%s/best", at);
	fer_state_text(state, route->next_hop, "%s/next-hop", at);
	fer_state_text(state, route->as_path, "%s/as-path", at);
	communities(route, at, state);
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

static bool found(void *arg, const struct bird_route *route)
{
	struct glass *g = arg;
	char why[512] = "";

	switch (g->step[g->at].kind) {
	case TAKEN:
		g->taken++;
		break;
	case REFUSED:
		causes_print(route->large, g->rs->now.asn, CAUSES_IN, why, sizeof(why));
		g->refused++;
		break;
	case TOWARDS:
		g->taken++;
		towards(g, route, why);
		break;
	case SENT:
		g->sent++;
		if (g->explain) {
			const struct rs_client *from = rs_find(&g->rs->now, route->from, NULL);

			remember(g, "", from ? from->name : route->from);
			return true;
		}
		break;
	}
	if (g->rows >= g->limit)
		return false;
	row(g, route, why);
	return true;
}

/* Those that came to no table. */
static void rows_withdrawn(struct glass *g)
{
	struct fer_state *state = fer_action_state(g->action);
	const struct withdrawn_route *route;

	for (unsigned i = 0; (route = withdrawn_at(g->rs->withdrawn, g->prefix, i)); i++) {
		const struct rs_client *client = rs_find(&g->rs->now, route->protocol, NULL);
		char at[96], when[32];
		struct tm tm;

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

static void conclude(struct glass *g)
{
	const struct rs_client *to = g->to ? rs_client(&g->rs->now, g->to) : NULL;
	char text[800];

	rows_withdrawn(g);
	if (!g->taken && !g->refused)
		snprintf(text, sizeof(text), "no client announces it");
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

	snprintf(text, sizeof(text), "the first %u; --limit and a prefix find others", g->rows);
	fer_state_text(fer_action_state(g->action), text, TOP "/answer");
}

/* ---- one question after the other ---- */

static void next(struct glass *g);

static bool line(void *arg, const struct bird_line *line)
{
	struct glass *g = arg;

	return bird_routes_line(&g->routes, line);
}

/* A prefix that is not there, and the table of a session that is down. */
static bool is_nothing(const char *message)
{
	return !strcmp(message, "Network not found") || strstr(message, "No import table") ||
	       strstr(message, "is down");
}

static void answered(void *arg, int err, const char *message)
{
	struct glass *g = arg;

	if (!err)
		bird_routes_end(&g->routes);
	if (err == -ECANCELED || g->routes.stopped) {
		cut_short(g);
		finish(g, 0);
		return;
	}
	if (err && !(err == -EREMOTEIO && is_nothing(message))) {
		fer_action_problem(g->action, "BIRD: %s", message);
		finish(g, -EIO);
		return;
	}
	g->at++;
	next(g);
}

static void next(struct glass *g)
{
	const struct bird_question question = {
		.command = g->at < g->steps ? g->step[g->at].command : "",
		.deadline = DEADLINE,
		.octets_max = OCTETS,
		.line = line,
		.done = answered,
		.arg = g,
	};

	if (g->at >= g->steps) {
		if (g->explain)
			conclude(g);
		finish(g, 0);
		return;
	}
	g->routes = (struct bird_routes){.found = found, .arg = g};
	bird_ask(bird_asker(g->rs->bird), &question);
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
	char *end;

	*limit = LIMIT;
	if (!text)
		return 0;
	*limit = strtoul(text, &end, 10);
	return *end || !*limit || *limit > LIMIT_MOST ? refuse(action, text, "a number 1 to 20000")
						      : 0;
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

static void plan_routes(struct glass *g, const struct rs_client *from, const struct rs_client *to,
			bool rejected, int family, const char *which)
{
	if (rejected && from) {
		steps_refused(g, from, family, which);
	} else if (rejected) {
		for (unsigned i = 0; i < g->rs->now.clients; i++)
			steps_refused(g, &g->rs->now.client[i], family, which);
	} else if (to) {
		steps_of_sessions(g, to, family, SENT, "exported", which);
	} else if (from) {
		steps_of_sessions(g, from, family, TAKEN, "protocol", which);
	} else {
		for (int f = 0; f < 2; f++)
			if (family < 0 || family == f)
				step(g, TAKEN, "show route %sall table master%c", which,
				     f ? '6' : '4');
	}
}

void glass_routes(void *instance, struct fer_action *action)
{
	struct route_server *rs = instance;
	const struct rs_client *from, *to;
	bool rejected = fer_action_flag(action, "--rejected");
	struct glass *g;
	char which[64];
	unsigned limit;
	int family, err = ready(rs, action);

	if (!err)
		err = limit_of(action, &limit);
	if (!err)
		err = client_of(rs, action, fer_action_option(action, "--from"), &from);
	if (!err)
		err = client_of(rs, action, fer_action_option(action, "--to"), &to);
	if (!err)
		err = fer_action_check(action, 1);
	if (!err)
		err = which_of(action, fer_action_word(action, 0), which, &family);
	if (!err && to && (from || rejected))
		err = refuse(action, "--to", "--to alone: what was sent to a client");
	if (err) {
		fer_action_done(action, err);
		return;
	}
	g = glass_new(rs, action, limit);
	plan_routes(g, from, to, rejected, family, which);
	next(g);
}

static void plan_why(struct glass *g, const struct rs_client *to, unsigned family,
		     const char *which)
{
	if (to)
		step_towards(g, to, family, which);
	else
		step(g, TAKEN, "show route %sall table master%c", which, family ? '6' : '4');
	for (unsigned i = 0; i < g->rs->now.clients; i++)
		steps_refused(g, &g->rs->now.client[i], (int)family, which);
	if (to)
		steps_of_sessions(g, to, (int)family, SENT, "exported", which);
}

void glass_why(void *instance, struct fer_action *action)
{
	struct route_server *rs = instance;
	const char *word = fer_action_word(action, 0);
	const struct rs_client *to;
	struct glass *g;
	char which[64];
	int family, err = ready(rs, action);

	if (!err)
		err = client_of(rs, action, fer_action_option(action, "--to"), &to);
	if (!err)
		err = fer_action_check(action, 1);
	word = fer_action_word(action, 0);
	if (!err && !word)
		err = refuse(action, "", "a prefix such as 192.0.2.0/24");
	if (!err)
		err = which_of(action, word, which, &family);
	if (err) {
		fer_action_done(action, err);
		return;
	}
	g = glass_new(rs, action, LIMIT);
	g->explain = true;
	g->to = to ? strdup(to->name) : NULL;
	snprintf(g->prefix, sizeof(g->prefix), "%.*s", (int)strcspn(which, " "), which);
	plan_why(g, to, family, which);
	next(g);
}
