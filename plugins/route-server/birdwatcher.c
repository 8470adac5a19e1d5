// SPDX-License-Identifier: GPL-2.0-or-later
#include "birdwatcher.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/api/action.h"
#include "route-server.h"
#include "services/netdev/prefix.h"
#include "stream.h"
#include "watch.h"

#define SPOKEN "2.2.5" /* of birdwatcher, whose answers these are */

/* ---- around an answer ---- */

/* RFC 3339, which `servertime` of Alice-LG expects. */
static void now_print(char text[32])
{
	struct timespec now;
	struct tm tm;

	clock_gettime(CLOCK_REALTIME, &now);
	strftime(text, 32, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now.tv_sec, &tm));
}

static void head(yajl_gen json)
{
	char now[32];

	now_print(now);
	yajl_gen_map_open(json);
	json_text(json, "api");
	yajl_gen_map_open(json);
	json_member(json, "Version", SPOKEN);
	json_text(json, "result_from_cache");
	yajl_gen_bool(json, 0);
	json_text(json, "cache_status");
	yajl_gen_map_open(json);
	json_text(json, "cached_at");
	yajl_gen_map_open(json);
	json_member(json, "date", now);
	json_member(json, "timezone_type", "UTC");
	json_member(json, "timezone", "UTC");
	yajl_gen_map_close(json);
	yajl_gen_map_close(json);
	yajl_gen_map_close(json);
	json_member(json, "ttl", now);
	json_member(json, "cached_at", now);
}

static void number(yajl_gen json, const char *name, long long value)
{
	json_text(json, name);
	yajl_gen_integer(json, value);
}

static void text_of_number(yajl_gen json, const char *name, uint32_t value)
{
	char text[16];

	snprintf(text, sizeof(text), "%" PRIu32, value);
	json_member(json, name, text);
}

/* ---- a route ---- */

/* "64501 64502" */
static void words(yajl_gen json, const char *name, const char *text)
{
	json_text(json, name);
	yajl_gen_array_open(json);
	while (*(text += strspn(text, " "))) {
		size_t length = strcspn(text, " ");

		yajl_gen_string(json, (const unsigned char *)text, length);
		text += length;
	}
	yajl_gen_array_close(json);
}

/* "(64500,1) (64500, 1, 2)", each an array; of numbers, or of strings as (rt, 1, 2) has it. */
static void lists(yajl_gen json, const char *name, const char *text, bool numbers)
{
	json_text(json, name);
	yajl_gen_array_open(json);
	for (const char *at = strchr(text, '('); at; at = strchr(at, '(')) {
		yajl_gen_array_open(json);
		for (at++; *at && *at != ')'; at += strspn(at, ", ")) {
			size_t length = strcspn(at, ",)");

			if (numbers)
				yajl_gen_integer(json, strtoll(at, NULL, 10));
			else
				yajl_gen_string(json, (const unsigned char *)at, length);
			at += length;
		}
		yajl_gen_array_close(json);
	}
	yajl_gen_array_close(json);
}

static void bgp(yajl_gen json, const struct bird_route *route)
{
	json_text(json, "bgp");
	yajl_gen_map_open(json);
	json_member(json, "origin", route->origin);
	words(json, "as_path", route->as_path);
	json_member(json, "next_hop", route->next_hop);
	text_of_number(json, "local_pref", route->local_pref);
	if (route->has_med)
		text_of_number(json, "med", route->med);
	if (route->otc)
		text_of_number(json, "otc", route->otc);
	lists(json, "communities", route->community, true);
	lists(json, "large_communities", route->large, true);
	lists(json, "ext_communities", route->extended, false);
	yajl_gen_map_close(json);
}

static void route_json(struct stream *stream, enum scan_kind kind, const struct bird_route *route)
{
	const struct rs_session *session = NULL;
	yajl_gen json = stream_json(stream);

	rs_find(&stream_rs(stream)->now, route->from, &session);
	yajl_gen_map_open(json);
	json_member(json, "network", route->prefix);
	json_member(json, "gateway", route->next_hop);
	json_member(json, "interface", "");
	json_member(json, "from_protocol", route->from);
	json_member(json, "age", route->since);
	json_member(json, "learnt_from", session ? session->address : "");
	json_text(json, "primary");
	yajl_gen_bool(json, route->primary && kind != SCAN_REFUSED);
	number(json, "metric", 100);
	words(json, "type", "BGP univ");
	bgp(json, route);
	yajl_gen_map_close(json);
}

static void routes_end(struct stream *stream)
{
	yajl_gen_array_close(stream_json(stream));
	yajl_gen_map_close(stream_json(stream));
	stream_print(stream, "\n");
}

static const struct stream_format as_birdwatcher = {route_json, routes_end};

/* ---- sessions ---- */

static void counts(yajl_gen json, const char *name, const struct watched_routes *routes)
{
	json_text(json, name);
	yajl_gen_map_open(json);
	number(json, "imported", routes->imported);
	number(json, "filtered", routes->filtered);
	number(json, "exported", routes->exported);
	number(json, "preferred", routes->preferred);
	yajl_gen_map_close(json);
}

static void channels(yajl_gen json, const struct watched *w)
{
	json_text(json, "channels");
	yajl_gen_map_open(json);
	for (unsigned f = 0; f < 2; f++) {
		if (!w->has[f])
			continue;
		json_text(json, f ? "ipv6" : "ipv4");
		yajl_gen_map_open(json);
		counts(json, "routes", &w->channel[f]);
		counts(json, "routes_count", &w->channel[f]); /* Alice-LG reads this one */
		yajl_gen_map_close(json);
	}
	yajl_gen_map_close(json);
}

static void protocol(yajl_gen json, const struct rs_client *client,
		     const struct rs_session *session, const struct watched *w)
{
	json_text(json, session->name);
	yajl_gen_map_open(json);
	json_member(json, "protocol", session->name);
	json_member(json, "bird_protocol", "BGP");
	json_member(json, "table", session->family == AF_INET6 ? "master6" : "master4");
	json_member(json, "state", w->up ? "up" : w->down ? "down" : "start");
	json_member(json, "state_changed", w->since);
	json_member(json, "connection", w->state);
	json_member(json, "description", client->description ? client->description : client->name);
	json_member(json, "neighbor_address", session->address);
	number(json, "neighbor_as", client->asn);
	json_member(json, "last_error", w->problem);
	counts(json, "routes", &w->all);
	channels(json, w);
	yajl_gen_map_close(json);
}

static void protocol_short(yajl_gen json, const struct rs_session *session, const struct watched *w)
{
	json_text(json, session->name);
	yajl_gen_map_open(json);
	json_member(json, "proto", "BGP");
	json_member(json, "table", session->family == AF_INET6 ? "master6" : "master4");
	json_member(json, "state", w->up ? "up" : w->down ? "down" : "start");
	json_member(json, "since", w->since);
	json_member(json, "info", w->state);
	yajl_gen_map_close(json);
}

static void protocols(const struct route_server *rs, yajl_gen json, bool brief)
{
	json_text(json, "protocols");
	yajl_gen_map_open(json);
	for (unsigned i = 0; i < rs->now.clients; i++)
		for (unsigned s = 0; s < rs->now.client[i].sessions; s++) {
			const struct rs_client *client = &rs->now.client[i];
			const struct rs_session *session = &client->session[s];
			const struct watched *w = watch_find(rs->watch, session->name);

			if (w && brief)
				protocol_short(json, session, w);
			else if (w)
				protocol(json, client, session, w);
		}
	yajl_gen_map_close(json);
}

static void status(const struct route_server *rs, yajl_gen json)
{
	const struct bird_status *said = bird_status(rs->bird);

	json_text(json, "status");
	yajl_gen_map_open(json);
	json_member(json, "version", bird_version(rs->bird));
	json_member(json, "router_id", rs->now.router_id);
	json_member(json, "current_server", said->server_time);
	json_member(json, "last_reboot", said->started);
	json_member(json, "last_reconfig", said->configured);
	json_member(json, "message", said->message);
	yajl_gen_map_close(json);
}

/* What we know without asking BIRD: all of it at once. */
static void print(struct fer_action *action, struct route_server *rs,
		  void (*body)(const struct route_server *rs, yajl_gen json))
{
	yajl_gen json = yajl_gen_alloc(NULL);
	const unsigned char *text;
	size_t length;

	if (!json)
		abort();
	head(json);
	body(rs, json);
	yajl_gen_map_close(json);
	yajl_gen_get_buf(json, &text, &length);
	fer_action_send(action, (const char *)text, length);
	fer_action_send(action, "\n", 1);
	yajl_gen_free(json);
	fer_action_done(action, 0);
}

static void all_protocols(const struct route_server *rs, yajl_gen json)
{
	protocols(rs, json, false);
}

static void short_protocols(const struct route_server *rs, yajl_gen json)
{
	protocols(rs, json, true);
}

/* ---- endpoints ---- */

struct asked {
	const struct rs_client *client;
	const struct rs_session *session;
	int family; /* of a table, or -1 */
	char which[64];
};

static void routes_protocol(struct scan *scan, const struct rs_config *now, const struct asked *a)
{
	(void)now;
	scan_from(scan, a->client, a->session, -1, "");
}

static void routes_filtered(struct scan *scan, const struct rs_config *now, const struct asked *a)
{
	(void)now;
	scan_refused(scan, a->client, a->session, -1, "");
}

static void routes_noexport(struct scan *scan, const struct rs_config *now, const struct asked *a)
{
	(void)now;
	scan_towards(scan, a->client, a->session, -1, "", true);
}

static void routes_export(struct scan *scan, const struct rs_config *now, const struct asked *a)
{
	(void)now;
	scan_sent(scan, a->client, a->session, -1, "");
}

static void routes_table(struct scan *scan, const struct rs_config *now, const struct asked *a)
{
	(void)now;
	scan_table(scan, a->family, a->which);
}

static void table_filtered(struct scan *scan, const struct rs_config *now, const struct asked *a)
{
	for (unsigned i = 0; i < now->clients; i++)
		scan_refused(scan, &now->client[i], NULL, a->family, "");
}

enum kind { SESSION, PEER, TABLE, TABLE_FILTERED, NETWORK };

static const struct endpoint {
	const char *path; /* what is behind it names one */
	enum kind kind;
	void (*plan)(struct scan *scan, const struct rs_config *now, const struct asked *asked);
} endpoints[] = {
	{"/routes/protocol/", SESSION, routes_protocol},
	{"/routes/filtered/", SESSION, routes_filtered},
	{"/routes/noexport/", SESSION, routes_noexport},
	{"/routes/export/", SESSION, routes_export},
	{"/routes/peer/", PEER, routes_protocol},
	{"/routes/table/", TABLE_FILTERED, table_filtered},
	{"/routes/table/", TABLE, routes_table},
	{"/route/net/", NETWORK, routes_table},
	{"/routes/prefix?prefix=", NETWORK, routes_table},
};

static bool table_is(const char *name, const char *behind, struct asked *a)
{
	size_t length = strlen(name);

	if (length < 7 || strncmp(name, "master", 6) || strcmp(name + 7, behind))
		return false;
	a->family = name[6] == '4' ? 0 : name[6] == '6' ? 1 : -1;
	return a->family >= 0;
}

static bool session_is(const struct rs_config *now, const char *name, struct asked *a)
{
	a->client = rs_find(now, name, &a->session);
	return a->client;
}

static bool peer_is(const struct rs_config *now, const char *address, struct asked *a)
{
	a->client = rs_client(now, address);
	for (unsigned s = 0; a->client && s < a->client->sessions; s++)
		if (!strcmp(a->client->session[s].address, address))
			a->session = &a->client->session[s];
	return a->session;
}

/* "192.0.2.0/24", "192.0.2.0/mask/24", "192.0.2.1"; "/table/master4" may follow. */
static bool network_is(const char *text, struct asked *a)
{
	char copy[96], *mask, *table, printed[PREFIX_TEXT];
	unsigned char octets[16];
	struct prefix prefix;

	snprintf(copy, sizeof(copy), "%s", text);
	table = strstr(copy, "/table/");
	if (table)
		*table = '\0';
	mask = strstr(copy, "/mask/");
	if (mask)
		memmove(mask + 1, mask + 6, strlen(mask + 6) + 1);
	a->family = strchr(copy, ':') ? 1 : 0;
	if (inet_pton(a->family ? AF_INET6 : AF_INET, copy, octets) == 1) {
		snprintf(a->which, sizeof(a->which), "for %.48s ", copy);
		return true;
	}
	if (!prefix_parse(copy, &prefix))
		return false;
	prefix_network(&prefix);
	prefix_print(&prefix, printed);
	snprintf(a->which, sizeof(a->which), "%s ", printed);
	return true;
}

static bool is_meant(const struct endpoint *e, const struct rs_config *now, const char *path,
		     struct asked *a)
{
	size_t length = strlen(e->path);
	const char *name = path + length;

	*a = (struct asked){.family = -1};
	if (strncmp(path, e->path, length))
		return false;
	switch (e->kind) {
	case SESSION:
		return session_is(now, name, a);
	case PEER:
		return peer_is(now, name, a);
	case TABLE:
		return table_is(name, "", a);
	case TABLE_FILTERED:
		return table_is(name, "/filtered", a);
	case NETWORK:
		return network_is(name, a);
	}
	return false;
}

static void stream_routes(struct route_server *rs, struct fer_action *action,
			  const struct endpoint *endpoint, const struct asked *asked)
{
	struct stream *stream = stream_new(rs, action, &as_birdwatcher);
	yajl_gen json = stream_json(stream);

	head(json);
	json_text(json, "routes");
	yajl_gen_array_open(json);
	endpoint->plan(stream_scan(stream), &rs->now, asked);
	scan_run(stream_scan(stream));
}

static void answer(struct route_server *rs, struct fer_action *action, const char *path)
{
	struct asked asked;

	if (!strcmp(path, "/status")) {
		print(action, rs, status);
		return;
	}
	if (!strcmp(path, "/protocols/bgp") || !strcmp(path, "/protocols")) {
		print(action, rs, all_protocols);
		return;
	}
	if (!strcmp(path, "/protocols/short") || !strcmp(path, "/protocols/short?uncached=true")) {
		print(action, rs, short_protocols);
		return;
	}
	for (size_t i = 0; i < sizeof(endpoints) / sizeof(*endpoints); i++)
		if (is_meant(&endpoints[i], &rs->now, path, &asked)) {
			stream_routes(rs, action, &endpoints[i], &asked);
			return;
		}
	fer_action_problem(action,
			   "found '%s', allowed are /status, /protocols/bgp, /protocols/short, "
			   "/routes/{protocol,filtered,noexport,export}/SESSION, /routes/peer/IP, "
			   "/routes/table/master4[/filtered], /route/net/PREFIX, "
			   "/routes/prefix?prefix=PREFIX, with sessions and tables that there are",
			   path);
	fer_action_done(action, -ENOENT);
}

void birdwatcher_answer(void *instance, struct fer_action *action)
{
	struct route_server *rs = instance;
	int err = fer_action_check(action, 1);
	const char *path = fer_action_word(action, 0);

	if (!err && !rs->now.on) {
		fer_action_problem(action, "'route-server' is not configured");
		err = -ENOENT;
	}
	if (!err && !bird_serves(rs->bird)) {
		fer_action_problem(action,
				   "BIRD does not answer: 'ferrule log route-server' says why");
		err = -ENOENT;
	}
	if (!err && fer_action_parts(action) == FER_PARTS_NONE) {
		fer_action_problem(action, "this client takes no answer in parts");
		err = -EINVAL;
	}
	if (err)
		fer_action_done(action, err);
	else
		answer(rs, action, path ? path : "");
}
