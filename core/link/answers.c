// SPDX-License-Identifier: GPL-2.0-or-later
#include "answers.h"

#include <errno.h>
#include <linux/fib_rules.h>
#include <netinet/in.h>
#include <netlink/route/rule.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "guest.h"

enum {
	CLIENTS_MAX = 16384,
	CLIENT_AGE_S = 180, /* as connection tracking remembers a stream of UDP */
	BEFORE_TRACKING = -310,
};

/* ---- ports ---- */

static bool is_for(const struct rule_match *match, uint32_t protocol)
{
	for (unsigned i = 0; i < match->protocol.count; i++)
		if (match->protocol.at[i].low == protocol)
			return true;
	return false;
}

static int by_low(const void *a, const void *b)
{
	const struct rule_range *x = a, *y = b;

	return (x->low > y->low) - (x->low < y->low);
}

/* nft(8) refuses a set whose intervals overlap. */
static void ranges_merge(struct rule_ranges *ranges)
{
	unsigned kept = 0;

	if (!ranges->count)
		return;
	qsort(ranges->at, ranges->count, sizeof(*ranges->at), by_low);
	for (unsigned i = 1; i < ranges->count; i++) {
		struct rule_range *last = &ranges->at[kept], *next = &ranges->at[i];

		if (next->low > last->high + 1)
			ranges->at[++kept] = *next;
		else if (next->high > last->high)
			last->high = next->high;
	}
	ranges->count = kept + 1;
}

struct rule_ranges answers_ports(const struct rule_set *rules)
{
	struct rule_ranges ports = {0};

	for (unsigned i = 0; i < rules->count; i++) {
		const struct rule *rule = &rules->rule[i];

		if (rule->to_port && is_for(&rule->match, IPPROTO_UDP))
			rule_ranges_add(&ports, rule->to_port, rule->to_port);
	}
	for (unsigned i = 0; i < rules->loans; i++) {
		const struct rule_ranges *udp = &rules->loan[i].udp;

		for (unsigned k = 0; k < udp->count; k++)
			rule_ranges_add(&ports, udp->at[k].low, udp->at[k].high);
	}
	ranges_merge(&ports);
	return ports;
}

/* ---- the text: protocols by number, as /etc/protocols may not be there (package netbase) ---- */

static const struct {
	const char *number, *type, *ip, *guest;
} families[] = {
	{"4", "ipv4_addr", "ip", GUEST_ADDRESS4},
	{"6", "ipv6_addr", "ip6", GUEST_ADDRESS6},
};

enum { FAMILIES = sizeof(families) / sizeof(*families) };

static void ports_print(struct text *text, const struct rule_ranges *ports)
{
	for (unsigned i = 0; i < ports->count; i++)
		text_add(text, "%s%u-%u", i ? ", " : "", ports->at[i].low, ports->at[i].high);
}

static void set_print(struct text *text, const char *name, int family)
{
	text_add(text,
		 "\tset %s%s {\n\t\ttype %s . inet_service . inet_service\n"
		 "\t\tflags dynamic,timeout\n\t\ttimeout %us\n\t\tsize %u\n\t}\n",
		 name, families[family].number, families[family].type, CLIENT_AGE_S, CLIENTS_MAX);
}

void answers_print_sets(struct text *text, const struct rule_ranges *ports)
{
	for (int i = 0; i < FAMILIES && ports->count; i++) {
		set_print(text, "redirected", i);
		set_print(text, "direct", i);
	}
}

/* Who asks the same port by the module's own address, too, gets that one's answers. */
void answers_print_input(struct text *text, const char *guest, const struct rule_ranges *ports)
{
	for (int i = 0; i < FAMILIES && ports->count; i++) {
		const char *ip = families[i].ip, *number = families[i].number;

		text_add(text,
			 "\t\tiifname \"%s\" ct status dnat meta l4proto 17 update @redirected%s { "
			 "%s saddr . udp sport . udp dport }\n",
			 guest, number, ip);
		text_add(text, "\t\tiifname != { \"lo\", \"%s\" } udp dport { ", guest);
		ports_print(text, ports);
		text_add(text, " } update @direct%s { %s saddr . udp sport . udp dport }\n", number,
			 ip);
	}
}

/* Before connection tracking looks at it: with this source it is the answer that is expected. */
void answers_print_chain(struct text *text, const struct rule_ranges *ports)
{
	if (!ports->count)
		return;
	text_add(text,
		 "\tchain answers {\n\t\ttype route hook output priority %d;\n\t\tudp sport != { ",
		 BEFORE_TRACKING);
	ports_print(text, ports);
	text_add(text, " } return\n\t\tmeta l4proto != 17 return\n");
	for (int i = 0; i < FAMILIES; i++)
		text_add(text,
			 "\t\t%s saddr %s return\n"
			 "\t\t%s daddr . udp dport . udp sport @direct%s return\n"
			 "\t\t%s daddr . udp dport . udp sport @redirected%s %s saddr set %s\n",
			 families[i].ip, families[i].guest, families[i].ip, families[i].number,
			 families[i].ip, families[i].number, families[i].ip, families[i].guest);
	text_add(text, "\t}\n");
}

/* ---- routes ---- */

static struct rtnl_rule *rule_make(int family, uint32_t table, const struct rule_range *ports)
{
	struct rtnl_rule *rule = rtnl_rule_alloc();

	rtnl_rule_set_family(rule, family);
	rtnl_rule_set_prio(rule, ANSWERS_RULE);
	rtnl_rule_set_action(rule, FR_ACT_TO_TBL);
	rtnl_rule_set_table(rule, table);
	if (ports) {
		rtnl_rule_set_ipproto(rule, IPPROTO_UDP);
		rtnl_rule_set_sport_range(rule, ports->low, ports->high);
	}
	return rule;
}

/* Deletes take the first that fits. */
static void rules_clear(struct nl_sock *sk, int family, uint32_t table)
{
	int err = 0;

	while (!err) {
		struct rtnl_rule *rule = rule_make(family, table, NULL);

		err = rtnl_rule_delete(sk, rule, 0);
		rtnl_rule_put(rule);
	}
}

int answers_rules_set(struct nl_sock *sk, int family, uint32_t table,
		      const struct rule_ranges *ports)
{
	int err = 0;

	rules_clear(sk, family, table);
	for (unsigned i = 0; !err && ports && i < ports->count; i++) {
		struct rtnl_rule *rule = rule_make(family, table, &ports->at[i]);

		err = rtnl_rule_add(sk, rule, NLM_F_CREATE | NLM_F_EXCL);
		rtnl_rule_put(rule);
	}
	return err ? -EINVAL : 0;
}
