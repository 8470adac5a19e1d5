// SPDX-License-Identifier: GPL-2.0-or-later
#include "scan.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy.h"
#include "route-server.h"

struct step {
	enum scan_kind kind;
	char *command;
};

struct scan {
	struct route_server *rs;
	struct scan_events events;
	unsigned seconds;
	struct step *step;
	unsigned steps, at;
	struct bird_routes routes;
	struct bird_query *query;
};

struct scan *scan_new(struct route_server *rs, unsigned seconds, const struct scan_events *events)
{
	struct scan *scan = calloc(1, sizeof(*scan));

	if (!scan)
		abort();
	scan->rs = rs;
	scan->seconds = seconds;
	scan->events = *events;
	return scan;
}

static void scan_free(struct scan *scan)
{
	for (unsigned i = 0; i < scan->steps; i++)
		free(scan->step[i].command);
	free(scan->step);
	free(scan);
}

void scan_cancel(struct scan *scan)
{
	if (!scan)
		return;
	bird_query_cancel(scan->query);
	scan_free(scan);
}

/* ---- what is to be looked through ---- */

__attribute__((format(printf, 3, 4))) static void step(struct scan *scan, enum scan_kind kind,
						       const char *format, ...)
{
	va_list args;

	scan->step = realloc(scan->step, (scan->steps + 1) * sizeof(*scan->step));
	if (!scan->step)
		abort();
	va_start(args, format);
	if (vasprintf(&scan->step[scan->steps].command, format, args) < 0)
		abort();
	va_end(args);
	scan->step[scan->steps++].kind = kind;
}

static char digit(unsigned family)
{
	return family ? '6' : '4';
}

void scan_table(struct scan *scan, int family, const char *which)
{
	for (int f = 0; f < 2; f++)
		if (family < 0 || family == f)
			step(scan, SCAN_TAKEN, "show route %sall table master%c", which, digit(f));
}

/* One session and family of those that are meant. */
typedef void each_fn(struct scan *scan, const struct rs_client *client,
		     const struct rs_session *session, unsigned family, const char *which);

static void each(struct scan *scan, const struct rs_client *client,
		 const struct rs_session *session, int family, const char *which, each_fn *fn)
{
	for (unsigned s = 0; s < client->sessions; s++)
		for (unsigned f = 0; f < 2; f++)
			if ((!session || session == &client->session[s]) &&
			    (family < 0 || family == (int)f) &&
			    rs_carries(client, &client->session[s], f))
				fn(scan, client, &client->session[s], f, which);
}

static void from(struct scan *scan, const struct rs_client *client,
		 const struct rs_session *session, unsigned family, const char *which)
{
	(void)client;
	step(scan, SCAN_TAKEN, "show route %sall table master%c protocol %s", which, digit(family),
	     session->name);
}

void scan_from(struct scan *scan, const struct rs_client *client, const struct rs_session *session,
	       int family, const char *which)
{
	each(scan, client, session, family, which, from);
}

static void refused(struct scan *scan, const struct rs_client *client,
		    const struct rs_session *session, unsigned family, const char *which)
{
	char *call = NULL, source[128];
	size_t size;
	FILE *file = open_memstream(&call, &size);

	if (!file)
		abort();
	policy_call_why_in(&scan->rs->now, client, session, family, file);
	fclose(file);
	if (client->keep[family])
		snprintf(source, sizeof(source), "import table %s.ipv%c", session->name,
			 digit(family));
	else
		snprintf(source, sizeof(source), "table master%c filtered protocol %s",
			 digit(family), session->name);
	step(scan, SCAN_REFUSED,
	     "show route %sall %s filter { %s; if bgp_large_community ~ [(%" PRIu32
	     ", %d, *)] then accept; reject; }",
	     which, source, call, scan->rs->now.asn, CAUSES_IN);
	free(call);
}

void scan_refused(struct scan *scan, const struct rs_client *client,
		  const struct rs_session *session, int family, const char *which)
{
	each(scan, client, session, family, which, refused);
}

static void sent(struct scan *scan, const struct rs_client *client,
		 const struct rs_session *session, unsigned family, const char *which)
{
	(void)client;
	step(scan, SCAN_SENT, "show route %sall table master%c exported %s", which, digit(family),
	     session->name);
}

void scan_sent(struct scan *scan, const struct rs_client *client, const struct rs_session *session,
	       int family, const char *which)
{
	each(scan, client, session, family, which, sent);
}

static void towards(struct scan *scan, const struct rs_client *client, const char *only,
		    unsigned family, const char *which)
{
	char *call = NULL;
	size_t size;
	FILE *file = open_memstream(&call, &size);

	if (!file)
		abort();
	policy_call_why_out(client, family, file);
	fclose(file);
	step(scan, SCAN_TOWARDS, "show route %sall table master%c filter { %s; accept; }%s%s",
	     which, digit(family), call, *only ? " noexport " : "", only);
	free(call);
}

static void kept_back(struct scan *scan, const struct rs_client *client,
		      const struct rs_session *session, unsigned family, const char *which)
{
	towards(scan, client, session->name, family, which);
}

void scan_towards(struct scan *scan, const struct rs_client *client,
		  const struct rs_session *session, int family, const char *which, bool not_sent)
{
	if (not_sent)
		each(scan, client, session, family, which, kept_back);
	else
		for (int f = 0; f < 2; f++)
			if (family < 0 || family == f)
				towards(scan, client, "", f, which);
}

/* ---- one question after the other ---- */

static bool found(void *arg, const struct bird_route *route)
{
	struct scan *scan = arg;

	return scan->events.found(scan->events.arg, scan->step[scan->at].kind, route);
}

static bool line(void *arg, const struct bird_line *line)
{
	struct scan *scan = arg;

	return bird_routes_line(&scan->routes, line);
}

static void end(struct scan *scan, int err, const char *message)
{
	struct scan_events events = scan->events;

	/* the message may be the scan's own */
	events.done(events.arg, err, message);
	scan_free(scan);
}

/* A prefix that is not there, and the table of a session that is down. */
static bool is_nothing(const char *message)
{
	return !strcmp(message, "Network not found") || strstr(message, "No import table") ||
	       strstr(message, "is down");
}

static void answered(void *arg, int err, const char *message)
{
	struct scan *scan = arg;

	scan->query = NULL;
	if (!err)
		bird_routes_end(&scan->routes);
	if (err == -ECANCELED || scan->routes.stopped) {
		end(scan, -ECANCELED, "");
	} else if (err && !(err == -EREMOTEIO && is_nothing(message))) {
		end(scan, -EIO, message);
	} else {
		scan->at++;
		scan_run(scan);
	}
}

void scan_run(struct scan *scan)
{
	const struct bird_question question = {
		.command = scan->at < scan->steps ? scan->step[scan->at].command : "",
		.deadline = scan->seconds * 1000,
		.octets_max = SIZE_MAX,
		.line = line,
		.done = answered,
		.arg = scan,
	};

	if (scan->at >= scan->steps) {
		end(scan, 0, "");
		return;
	}
	scan->routes = (struct bird_routes){.found = found, .arg = scan};
	scan->query = bird_ask(bird_scanner(scan->rs->bird), &question);
}

void scan_hold(struct scan *scan, bool hold)
{
	bird_query_hold(scan->query, hold);
}
