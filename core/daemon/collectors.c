// SPDX-License-Identifier: GPL-2.0-or-later
#include "collectors.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/api/event.h"
#include "core/api/log.h"
#include "core/api/model.h"
#include "core/base/mem.h"
#include "core/engine/engine.h"
#include "core/engine/outer.h"
#include "core/engine/rules.h"
#include "core/link/ethtool.h"
#include "core/link/netlink.h"
#include "core/link/way.h"

enum { LOOK_MS = 1000 };

struct entry {
	struct rule_session session;
	struct collector now;
	struct backend_reach reach; /* what the engine was told */
	bool told;
};

struct collectors {
	struct engine *engine;
	struct backend_ports ports;
	char interface[16];
	struct entry entry[SESSIONS_MAX];
	unsigned count;
	uint16_t used; /* bit: some filter mirrors to that session */
	uint64_t refused;
	struct fer_event *timer;
};

static const char *address_text(unsigned family, const uint8_t address[16], char text[46])
{
	return inet_ntop(family == 4 ? AF_INET : AF_INET6, address, text, 46);
}

static uint32_t share_kbits(const struct collectors *c, const struct entry *e,
			    enum engine_port port)
{
	uint64_t kbits = ethtool_speed(c->ports.name[port]) * 10ULL * e->session.share;

	return kbits < UINT32_MAX ? kbits : 0;
}

/* The route, as far as it can be used: by the host link. */
static bool route_look(const struct collectors *c, struct entry *e, struct way *way)
{
	struct collector *now = &e->now;
	char name[IF_NAMESIZE] = "", text[46];
	int err = way_find(e->session.family, e->session.destination, way);

	if (err) {
		snprintf(now->reason, sizeof(now->reason), "no route leads to %s",
			 address_text(e->session.family, e->session.destination, text));
		return false;
	}
	if (if_indextoname(way->ifindex, name) && !strcmp(name, c->interface))
		return true;
	snprintf(now->reason, sizeof(now->reason),
		 "its route leaves by %s; mirrored frames leave by the wire, by routes of %s", name,
		 c->interface);
	return false;
}

static bool next_hop_look(const struct collectors *c, struct entry *e, const struct way *way)
{
	struct collector *now = &e->now;
	char text[46];

	memcpy(now->source, way->source, sizeof(now->source));
	memcpy(now->next_hop, way->next_hop, sizeof(now->next_hop));
	if (way_mac(way->ifindex, e->session.family, way->next_hop, now->mac)) {
		snprintf(now->reason, sizeof(now->reason), "%s%s does not answer",
			 way->gateway ? "its gateway " : "",
			 address_text(e->session.family, way->next_hop, text));
		return false;
	}
	now->port = engine_mac_port(c->engine, now->mac);
	if (now->port < PORT_HOST)
		return true;
	snprintf(now->reason, sizeof(now->reason), "the side that %s is on is not known yet",
		 address_text(e->session.family, way->next_hop, text));
	return false;
}

static void reach_make(const struct collectors *c, struct entry *e, unsigned mtu,
		       const uint8_t host_mac[6], struct backend_reach *reach)
{
	struct outer outer = {
		.family = e->session.family,
		.dscp = e->session.dscp,
		.ttl = e->session.ttl,
		.dont_fragment = e->session.dont_fragment,
	};

	memcpy(outer.source, e->now.source, sizeof(outer.source));
	memcpy(outer.destination, e->session.destination, sizeof(outer.destination));
	memcpy(outer.source_mac, host_mac, 6);
	memcpy(outer.destination_mac, e->now.mac, 6);
	reach->up = true;
	reach->port = e->now.port;
	reach->mtu = mtu;
	reach->kbits = share_kbits(c, e, e->now.port);
	outer_make(&outer, reach->outer);
}

/* The least of what the route, the port and the user say. */
static unsigned path_mtu(const struct collectors *c, const struct entry *e, unsigned route)
{
	struct link_info info;
	unsigned mtu = 65535;

	if (!netlink_link_get(c->ports.name[e->now.port], &info))
		mtu = info.mtu;
	if (route && route < mtu)
		mtu = route;
	if (e->session.mtu && e->session.mtu < mtu)
		mtu = e->session.mtu;
	return mtu;
}

static void tell(struct collectors *c, unsigned index, const struct backend_reach *reach)
{
	struct entry *e = &c->entry[index];
	bool was = e->told && e->reach.up;

	if (e->told && !memcmp(&e->reach, reach, sizeof(*reach)))
		return;
	engine_reach(c->engine, index, reach);
	if (reach->up && !was)
		fer_log_notice("erspan: %s: the collector is reached by the %s side",
			       e->session.name,
			       reach->port == PORT_OPTICAL ? "optical" : "electrical");
	else if (!reach->up && (was || !e->told))
		fer_log_warn("erspan: %s: nothing is sent: %s", e->session.name, e->now.reason);
	e->reach = *reach;
	e->told = true;
}

static void entry_look(struct collectors *c, unsigned index)
{
	struct entry *e = &c->entry[index];
	struct backend_reach reach = {0};
	struct link_info host;
	struct way way;

	e->now = (struct collector){.family = e->session.family, .port = PORT_COUNT};
	if (netlink_link_get(c->interface, &host))
		snprintf(e->now.reason, sizeof(e->now.reason), "there is no %s", c->interface);
	else if (route_look(c, e, &way) && next_hop_look(c, e, &way)) {
		e->now.reachable = true;
		e->now.mtu = path_mtu(c, e, way.mtu);
		reach_make(c, e, e->now.mtu, host.mac, &reach);
	}
	tell(c, index, &reach);
}

/* A driver without metadata: said once. */
static void refused_look(struct collectors *c)
{
	struct backend_state state;

	engine_state(c->engine, &state);
	if (state.copies_refused && !c->refused)
		fer_log_err("erspan: the driver has no room for XDP metadata: nothing is mirrored, "
			    "and resets are drops; 'wire: {xdp-mode: generic}' has both");
	c->refused = state.copies_refused;
}

static void look(void *arg)
{
	struct collectors *c = arg;

	for (unsigned i = 0; i < c->count; i++)
		entry_look(c, i);
	refused_look(c);
	if (c->count)
		fer_timer_start(c->timer, LOOK_MS);
}

struct collectors *collectors_new(void)
{
	struct collectors *c = mem_zalloc(sizeof(*c));

	c->timer = fer_timer_new(look, c);
	return c;
}

void collectors_free(struct collectors *c)
{
	if (!c)
		return;
	fer_event_free(c->timer);
	free(c);
}

void collectors_leave(struct collectors *c, const struct rule_set *rules)
{
	static const struct backend_reach down;

	for (unsigned i = 0; i < c->count; i++) {
		struct entry *e = &c->entry[i];

		for (unsigned k = 0; k < rules->sessions; k++) {
			const struct rule_session *next = &rules->session[k];

			if (strcmp(next->name, e->session.name) ||
			    (next->family == e->session.family &&
			     next->version == e->session.version &&
			     !memcmp(next->destination, e->session.destination, 16)))
				continue;
			engine_reach(c->engine, i, &down);
			e->told = false;
		}
	}
}

/* Of a session that stays, the engine knows the way still. */
static void entry_take_over(struct entry *to, const struct entry *old, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		if (strcmp(old[i].session.name, to->session.name))
			continue;
		to->reach = old[i].reach;
		to->told = old[i].told;
	}
}

void collectors_set(struct collectors *c, struct engine *engine, const struct backend_ports *ports,
		    const char *interface, const struct rule_set *rules)
{
	struct entry old[SESSIONS_MAX];
	unsigned olds = c->count;

	memcpy(old, c->entry, sizeof(old));
	c->engine = engine;
	c->ports = *ports;
	snprintf(c->interface, sizeof(c->interface), "%s", interface);
	memset(c->entry, 0, sizeof(c->entry));
	c->count = rules->sessions;
	c->used = 0;
	for (unsigned i = 0; i < rules->count; i++)
		c->used |= rules->rule[i].mirror;
	for (unsigned i = 0; i < c->count; i++) {
		c->entry[i].session = rules->session[i];
		entry_take_over(&c->entry[i], old, olds);
	}
	look(c);
}

const char *collectors_missed(const struct collectors *c, unsigned index, const char **why)
{
	const struct entry *e = &c->entry[index < SESSIONS_MAX ? index : 0];

	if (index >= c->count || !(c->used >> index & 1) || e->now.reachable)
		return NULL;
	*why = e->now.reason;
	return e->session.name;
}

const struct collector *collectors_get(const struct collectors *c, unsigned index)
{
	return index < c->count ? &c->entry[index].now : NULL;
}

void collectors_check(const struct fer_model *erspan, const struct rule_set *rules,
		      struct fer_problems *problems)
{
	struct way way;

	for (unsigned i = 0; erspan && i < rules->sessions; erspan = fer_model_next(erspan), i++)
		if (way_find(rules->session[i].family, rules->session[i].destination, &way))
			fer_problem(problems, fer_model_find(erspan, "destination"),
				    "no route leads to %s; give the host link an address or a "
				    "gateway first ('host-link')",
				    fer_model_text(erspan, "destination"));
}
