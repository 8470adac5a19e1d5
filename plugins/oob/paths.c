// SPDX-License-Identifier: GPL-2.0-or-later
#include "paths.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/api/file.h"
#include "core/api/log.h"
#include "core/api/state.h"
#include "load.h"
#include "services/netdev/link.h"
#include "services/netdev/netns.h"
#include "services/netdev/route.h"
#include "space.h"

enum {
	ONLINK = 8,
	ROUTES = 96,
	TUNNELS_MAX = OOB_HUBS + 1,
	RULES = PATHS_RULES_LAST - PATHS_RULES
};

struct uplink {
	char name[16];
	bool there, carrier, addressed;
	char gateway[2][48]; /* IPv4, IPv6 */
	bool remembered[2];  /* it is not in the main table any more */
	struct route onlink[ONLINK];
	unsigned onlinks;
};

struct paths {
	char folder[240];
	struct uplink uplink[OOB_UPLINKS];
};

struct paths *paths_new(const char *folder)
{
	struct paths *paths = calloc(1, sizeof(*paths));

	if (!paths)
		abort();
	snprintf(paths->folder, sizeof(paths->folder), "%s", folder);
	return paths;
}

void paths_free(struct paths *paths)
{
	free(paths);
}

/* ---- uplinks ---- */

static void file_of(const struct paths *paths, const char *name, int family, char path[300])
{
	snprintf(path, 300, "%s/gateway-%s-%d", paths->folder, name, family);
}

static void recall(const struct paths *paths, const char *name, int family, char via[48])
{
	char path[300], *text;

	file_of(paths, name, family, path);
	if (fer_file_read(path, 64, &text, NULL))
		return;
	text[strcspn(text, "\n")] = '\0';
	snprintf(via, 48, "%.47s", text);
	free(text);
}

static void keep(const struct paths *paths, const char *name, int family, const char *via)
{
	char path[300], text[50];

	file_of(paths, name, family, path);
	snprintf(text, sizeof(text), "%.47s\n", via);
	fer_file_write(path, text, strlen(text), 0644, NULL);
}

/* A gateway that is gone from the main table is believed on: that is what makes us independent. */
static void look_gateway(const struct paths *paths, struct uplink *u, int family)
{
	int i = family == 6;
	char via[48];

	route_gateway(u->name, family, via);
	u->remembered[i] = !*via;
	if (*via && strcmp(via, u->gateway[i])) {
		memcpy(u->gateway[i], via, sizeof(via));
		keep(paths, u->name, family, via);
	} else if (!*via && !*u->gateway[i]) {
		recall(paths, u->name, family, u->gateway[i]);
	}
}

/* An address that is good beyond the link: link-local ones (RFC 3927, RFC 4291) are what is left
 * where nothing else could be had. */
static bool has_address(const struct uplink *u)
{
	for (unsigned i = 0; i < u->onlinks; i++)
		if (strncmp(u->onlink[i].to, "169.254.", 8) &&
		    strncasecmp(u->onlink[i].to, "fe80:", 5))
			return true;
	return false;
}

static void look_one(const struct paths *paths, struct uplink *u)
{
	struct link_state link;

	u->there = !link_look(u->name, &link);
	u->carrier = u->there && link.up && link.carrier;
	u->onlinks = u->there ? route_onlink(u->name, u->onlink, ONLINK) : 0;
	u->addressed = has_address(u);
	look_gateway(paths, u, 4);
	look_gateway(paths, u, 6);
}

bool paths_look(struct paths *paths, const struct oob_config *config)
{
	bool changed = false;

	for (unsigned i = 0; i < config->uplinks; i++) {
		struct uplink *u = &paths->uplink[i], before;

		if (strcmp(u->name, config->uplink[i]))
			memset(u, 0, sizeof(*u));
		memcpy(u->name, config->uplink[i], sizeof(u->name));
		before = *u;
		memset(u->onlink, 0, sizeof(u->onlink));
		look_one(paths, u);
		changed = changed || memcmp(&before, u, sizeof(before));
	}
	return changed;
}

bool paths_usable(const struct paths *paths, unsigned uplink)
{
	const struct uplink *u = &paths->uplink[uplink];

	return u->carrier && u->addressed;
}

/* ---- tables ---- */

static void out_table(const struct uplink *u)
{
	struct route routes[ONLINK + 2];
	unsigned count = 0;
	int err;

	for (; count < u->onlinks; count++)
		routes[count] = u->onlink[count];
	for (int i = 0; i < 2; i++) {
		struct route *route = &routes[count];

		if (!*u->gateway[i])
			continue;
		memset(route, 0, sizeof(*route));
		route->family = i ? 6 : 4;
		memcpy(route->via, u->gateway[i], sizeof(route->via));
		memcpy(route->interface, u->name, sizeof(route->interface));
		count++;
	}
	err = route_table(PATHS_TABLE_OUT, routes, count);
	if (err && u->carrier)
		fer_log_warn("oob: routes over %s: %s", u->name, strerror(-err));
}

static unsigned add_allowed(const struct oob_config *config, const struct wireguard_peer *peer,
			    unsigned index, uint32_t metric, struct route *routes, unsigned count)
{
	for (unsigned i = 0; i < peer->alloweds && count < ROUTES; i++) {
		struct route *route = &routes[count++];

		memset(route, 0, sizeof(*route));
		route->family = strchr(peer->allowed[i], ':') ? 6 : 4;
		memcpy(route->to, peer->allowed[i], sizeof(route->to));
		oob_interface(config, index, route->interface);
		route->metric = metric;
	}
	return count;
}

/* The hub in use first; the others behind it, for probes that name their interface. */
static void in_table(const struct oob_config *config, unsigned hub)
{
	struct route routes[ROUTES];
	unsigned count = 0;

	for (unsigned i = 0; i < config->hubs; i++)
		count = add_allowed(config, &config->hub[i].peer, i, i == hub ? 10 : 20 + i, routes,
				    count);
	for (unsigned i = 0; i < config->peers; i++)
		count = add_allowed(config, &config->peer[i], config->hubs, 50, routes, count);
	route_table(PATHS_TABLE_IN, routes, count);
}

/* What came through a tunnel is answered through it, whichever is in use. */
static void reply_tables(const struct oob_config *config)
{
	bool marks = oob_marks_answers(config);
	struct route routes[ROUTES];

	for (unsigned i = 0; i < TUNNELS_MAX; i++) {
		unsigned count = 0;

		if (marks && i < config->hubs)
			count = add_allowed(config, &config->hub[i].peer, i, 10, routes, 0);
		for (unsigned k = 0; marks && i == config->hubs && k < config->peers; k++)
			count = add_allowed(config, &config->peer[k], i, 10, routes, count);
		route_table(PATHS_TABLE_REPLY + i, routes, count);
	}
}

/* In a namespace, all else is the module's and its site's. */
static void site_table(void)
{
	const struct route routes[] = {
		{.family = 4, .via = SPACE_MODULE4, .interface = SPACE_INSIDE},
		{.family = 6, .via = SPACE_MODULE6, .interface = SPACE_INSIDE},
	};

	route_table(PATHS_TABLE_OUT, routes, 2);
}

/* ---- rules ---- */

struct rules {
	struct route_rule at[RULES];
	unsigned count;
};

static void rule_add(struct rules *rules, int family, uint32_t mark, const char *from,
		     const char *to, uint32_t table)
{
	struct route_rule *rule = &rules->at[rules->count];

	for (unsigned i = 0; i < rules->count; i++)
		if (rules->at[i].table == table && rules->at[i].mark == mark &&
		    !strcmp(rules->at[i].to, to) && !strcmp(rules->at[i].from, from) &&
		    rules->at[i].family == family)
			return;
	if (rules->count == RULES)
		return;
	memset(rule, 0, sizeof(*rule));
	rule->family = family;
	rule->priority = PATHS_RULES + rules->count++;
	rule->mark = mark;
	rule->table = table;
	snprintf(rule->from, sizeof(rule->from), "%s", from);
	snprintf(rule->to, sizeof(rule->to), "%s", to);
}

static int family_of(const char *text)
{
	return strchr(text, ':') ? 6 : 4;
}

/* Its own address alone, whatever the length of the network. */
static void rule_from(struct rules *rules, const char *address)
{
	char alone[52];

	snprintf(alone, sizeof(alone), "%.*s/%d", (int)strcspn(address, "/"), address,
		 family_of(address) == 6 ? 128 : 32);
	rule_add(rules, family_of(address), 0, alone, "", PATHS_TABLE_IN);
}

static void rules_to(struct rules *rules, const struct wireguard_peer *peer)
{
	for (unsigned i = 0; i < peer->alloweds; i++) {
		const char *to = peer->allowed[i];

		/* what is for everywhere goes into the tunnel only from its own address */
		if (strcmp(strchr(to, '/'), "/0"))
			rule_add(rules, family_of(to), 0, "", to, PATHS_TABLE_IN);
	}
}

static void rules_put(const struct rules *rules)
{
	int err = route_rules(PATHS_RULES, PATHS_RULES_LAST, rules->at, rules->count);

	if (err)
		fer_log_err("oob: rules cannot be set: %s", strerror(-err));
}

/* Of what the tunnel itself sends. */
static void rules_out(struct rules *rules, const struct oob_config *config)
{
	for (int family = 4; config->table && config->uplinks && family <= 6; family += 2) {
		rule_add(rules, family, PATHS_MARK, "", "", PATHS_TABLE_OUT);
		/* never into itself */
		rule_add(rules, family, PATHS_MARK, "", "", 254);
	}
}

/* Of what goes into it. */
static void rules_in(struct rules *rules, const struct oob_config *config)
{
	unsigned marks = oob_marks_answers(config) ? oob_tunnels(config) : 0;

	for (unsigned i = 0; i < marks; i++)
		for (int family = 4; family <= 6; family += 2)
			rule_add(rules, family, PATHS_REPLY + i, "", "", PATHS_TABLE_REPLY + i);
	for (unsigned i = 0; i < config->addresses; i++)
		rule_from(rules, config->address[i]);
	for (unsigned i = 0; i < config->hubs; i++)
		rules_to(rules, &config->hub[i].peer);
	for (unsigned i = 0; i < config->peers; i++)
		rules_to(rules, &config->peer[i]);
}

static void inside_apply(const struct oob_config *config, unsigned hub)
{
	struct rules rules = {.count = 0};

	if (netns_enter(config->space))
		return;
	in_table(config, hub);
	reply_tables(config);
	site_table();
	for (int family = 4; family <= 6; family += 2) {
		rule_add(&rules, family, 0, "", "", PATHS_TABLE_OUT);
		rules.at[rules.count - 1].priority = PATHS_RULES_LAST;
	}
	rules_in(&rules, config);
	rules_put(&rules);
	netns_leave();
}

static void tables_in_clear(void)
{
	route_table(PATHS_TABLE_IN, NULL, 0);
	for (unsigned i = 0; i < TUNNELS_MAX; i++)
		route_table(PATHS_TABLE_REPLY + i, NULL, 0);
}

void paths_apply(struct paths *paths, const struct oob_config *config, unsigned uplink,
		 unsigned hub)
{
	struct rules rules = {.count = 0};

	if (config->table && config->uplinks)
		out_table(&paths->uplink[uplink]);
	rules_out(&rules, config);
	if (*config->space) {
		rules_put(&rules);
		tables_in_clear(); /* of a life without one */
		inside_apply(config, hub);
		return;
	}
	in_table(config, hub);
	reply_tables(config);
	rules_in(&rules, config);
	rules_put(&rules);
}

void paths_clear(void)
{
	route_rules(PATHS_RULES, PATHS_RULES_LAST, NULL, 0);
	route_table(PATHS_TABLE_OUT, NULL, 0);
	tables_in_clear();
}

/* ---- state ---- */

void paths_show(const struct paths *paths, const struct oob_config *config, unsigned active,
		struct fer_state *state)
{
	for (unsigned i = 0; i < config->uplinks; i++) {
		const struct uplink *u = &paths->uplink[i];
		const char *text = !u->there	   ? "not there"
				   : !u->carrier   ? "no carrier"
				   : !u->addressed ? "no address"
				   : i == active   ? "active"
						   : "usable";
		const char *via = *u->gateway[0] ? u->gateway[0] : u->gateway[1];

		fer_state_text(state, text, "ferrule-oob:oob/uplink[name='%s']/state", u->name);
		if (*via)
			fer_state_text(state, via, "ferrule-oob:oob/uplink[name='%s']/gateway",
				       u->name);
		fer_state_text(state,
			       *via && u->remembered[*u->gateway[0] ? 0 : 1] ? "true" : "false",
			       "ferrule-oob:oob/uplink[name='%s']/remembered", u->name);
	}
}
