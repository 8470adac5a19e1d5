// SPDX-License-Identifier: GPL-2.0-or-later
#include "loans.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/api/event.h"
#include "core/api/log.h"
#include "core/api/model.h"
#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/engine/engine.h"
#include "core/engine/rules.h"
#include "core/link/netlink.h"

enum { LOOK_MS = 1000, SEEN_MAX = 4096 };

struct entry {
	struct rule_loan rule; /* its ranges are the entry's own */
	struct owner owner;
	struct backend_loan told;
};

struct loans {
	struct engine *engine;
	struct backend_ports ports;
	struct entry entry[LOANS_MAX];
	unsigned count;
	uint32_t carrier_changes[2];
	bool carrier; /* at the last look */
	struct fer_event *timer;
};

static uint64_t now_s(void)
{
	return clock_ms() / 1000;
}

/* Both, and since the last look. */
static bool links_up(struct loans *l)
{
	bool up = true;

	for (int port = PORT_OPTICAL; port <= PORT_ELECTRICAL; port++) {
		struct link_info info;

		if (netlink_link_get(l->ports.name[port], &info))
			continue;
		up = up && info.carrier && info.carrier_changes == l->carrier_changes[port];
		l->carrier_changes[port] = info.carrier_changes;
	}
	return up;
}

static void log_change(const struct entry *e, enum owner_state before)
{
	char who[80];

	if (e->owner.state == before)
		return;
	owner_words(&e->owner.known, who, sizeof(who));
	if (e->owner.state == OWNER_ACTIVE)
		fer_log_notice("loan: %s: active; its owner is %s%s%s", e->rule.name, who,
			       *e->owner.reason ? "; " : "", e->owner.reason);
	else if (e->owner.state == OWNER_SUSPENDED)
		fer_log_warn("loan: %s: suspended: %s", e->rule.name, e->owner.reason);
	else
		fer_log_notice("loan: %s: %s: %s", e->rule.name, owner_state_name(e->owner.state),
			       e->owner.reason);
}

static void entry_look(struct loans *l, unsigned index, const struct backend_sighting *all,
		       unsigned count, bool carrier)
{
	mem_auto struct backend_sighting *seen = mem_alloc((count + 1) * sizeof(*seen));
	struct entry *e = &l->entry[index];
	struct owner_view view = {.now = now_s(), .carrier = carrier, .seen = seen};
	enum owner_state before = e->owner.state;
	struct backend_loan tell;

	for (unsigned i = 0; i < count; i++)
		if (all[i].loan == index)
			seen[view.count++] = all[i];
	owner_look(&e->owner, &e->rule, &view);
	owner_tell(&e->owner, &tell);
	if (!carrier && l->carrier)
		engine_sightings_clear(l->engine, index); /* all is to be seen anew */
	if (memcmp(&tell, &e->told, sizeof(tell)))
		engine_loan_set(l->engine, index, &tell);
	e->told = tell;
	log_change(e, before);
}

static void look(void *arg)
{
	struct loans *l = arg;
	mem_auto struct backend_sighting *seen = NULL;
	unsigned count;
	bool carrier;

	if (!l->count)
		return;
	seen = mem_alloc(SEEN_MAX * sizeof(*seen));
	count = engine_sightings(l->engine, seen, SEEN_MAX);
	carrier = links_up(l);
	for (unsigned i = 0; i < l->count; i++)
		entry_look(l, i, seen, count, carrier);
	l->carrier = carrier;
	fer_timer_start(l->timer, LOOK_MS);
}

struct loans *loans_new(void)
{
	struct loans *l = mem_zalloc(sizeof(*l));

	l->timer = fer_timer_new(look, l);
	return l;
}

static void entries_clear(struct entry *entry, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		free(entry[i].rule.tcp.at);
		free(entry[i].rule.udp.at);
	}
}

void loans_free(struct loans *l)
{
	if (!l)
		return;
	fer_event_free(l->timer);
	entries_clear(l->entry, l->count);
	free(l);
}

static void ranges_copy(struct rule_ranges *to, const struct rule_ranges *from)
{
	*to = (struct rule_ranges){0};
	for (unsigned i = 0; i < from->count; i++)
		rule_ranges_add(to, from->at[i].low, from->at[i].high);
}

static bool covers(const struct rule_ranges *ranges, const struct rule_range *range)
{
	for (unsigned i = 0; i < ranges->count; i++)
		if (ranges->at[i].low <= range->low && ranges->at[i].high >= range->high)
			return true;
	return false;
}

static bool lends_more(const struct rule_loan *before, const struct rule_loan *now)
{
	for (unsigned i = 0; i < now->tcp.count; i++)
		if (!covers(&before->tcp, &now->tcp.at[i]))
			return true;
	for (unsigned i = 0; i < now->udp.count; i++)
		if (!covers(&before->udp, &now->udp.at[i]))
			return true;
	return false;
}

/* What was known of the owner stays known, unless it is to be found elsewhere. */
static void entry_make(struct loans *l, unsigned index, const struct rule_loan *rule,
		       const struct entry *old, unsigned olds)
{
	struct entry *e = &l->entry[index];

	e->rule = *rule;
	ranges_copy(&e->rule.tcp, &rule->tcp);
	ranges_copy(&e->rule.udp, &rule->udp);
	for (unsigned i = 0; i < olds; i++) {
		if (strcmp(old[i].rule.name, rule->name) || old[i].rule.owner != rule->owner)
			continue;
		e->owner = old[i].owner;
		e->told = old[i].told;
		if (lends_more(&old[i].rule, rule))
			owner_watch(&e->owner, now_s());
		return;
	}
	engine_loan_get(l->engine, index, &e->told);
	owner_start(&e->owner, now_s(), rule->owner, &e->told);
}

void loans_set(struct loans *l, struct engine *engine, const struct backend_ports *ports,
	       const struct rule_set *rules)
{
	mem_auto struct entry *old = mem_alloc(sizeof(l->entry));
	unsigned olds = l->count;

	memcpy(old, l->entry, sizeof(l->entry));
	l->engine = engine;
	if (memcmp(l->ports.ifindex, ports->ifindex, sizeof(ports->ifindex)) || !olds) {
		l->ports = *ports;
		links_up(l); /* from now on */
	}
	memset(l->entry, 0, sizeof(l->entry));
	l->count = rules->loans;
	for (unsigned i = 0; i < l->count; i++)
		entry_make(l, i, &rules->loan[i], old, olds);
	entries_clear(old, olds);
	look(l);
}

const struct owner *loans_get(const struct loans *l, const char *address, unsigned *number)
{
	for (unsigned i = 0; i < l->count; i++) {
		if (strcmp(l->entry[i].rule.name, address))
			continue;
		*number = i;
		return &l->entry[i].owner;
	}
	return NULL;
}

/* Of a loan that there is; a new one is looked at while it is verified. What was lent before, and
 * suspended for it, is no reason to refuse another commit. */
static void port_check(const struct rule_loan *before, const struct fer_model *at,
		       const struct rule_loan *rule, const struct backend_sighting *port,
		       struct fer_problems *problems)
{
	const char *protocol = port->protocol == 6 ? "TCP" : "UDP";

	if (!owner_uses(rule, port, 1) || owner_uses(before, port, 1))
		return;
	if (rule->force)
		fer_log_warn("loan: %s: %s %u is lent, though its owner answered on it %u s ago",
			     rule->name, protocol, port->port, port->last);
	else
		fer_problem(problems, fer_model_find(at, port->protocol == 6 ? "tcp" : "udp"),
			    "the owner of %s answered on %s %u itself %u s ago; 'force: true' "
			    "lends it all the same",
			    rule->name, protocol, port->port, port->last);
}

void loans_check(const struct loans *l, const struct fer_model *config,
		 const struct rule_set *rules, struct fer_problems *problems)
{
	mem_auto struct backend_sighting *seen = NULL;
	unsigned count, number;

	if (!l->count)
		return;
	seen = mem_alloc(SEEN_MAX * sizeof(*seen));
	count = engine_sightings(l->engine, seen, SEEN_MAX);
	for (unsigned i = 0; i < rules->loans; config = fer_model_next(config)) {
		const char *address = fer_model_text(config, "address");

		if (strcmp(address, rules->loan[i].name))
			continue; /* not enabled */
		if (loans_get(l, address, &number))
			for (unsigned k = 0; k < count; k++)
				if (seen[k].loan == number)
					port_check(&l->entry[number].rule, config, &rules->loan[i],
						   &seen[k], problems);
		i++;
	}
}
