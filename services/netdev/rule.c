// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <netlink/netlink.h>
#include <netlink/route/rule.h>
#include <stdlib.h>

#include "internal.h"
#include "route.h"

static struct rtnl_rule *rule_make(const struct route_rule *r)
{
	struct rtnl_rule *rule = rtnl_rule_alloc();
	struct nl_addr *address;

	rtnl_rule_set_family(rule, route_family(r->family));
	rtnl_rule_set_prio(rule, r->priority);
	rtnl_rule_set_action(rule, FR_ACT_TO_TBL);
	rtnl_rule_set_table(rule, r->table);
	if (r->mark) {
		rtnl_rule_set_mark(rule, r->mark);
		rtnl_rule_set_mask(rule, ~0u);
	}
	if (*r->from && !nl_addr_parse(r->from, AF_UNSPEC, &address)) {
		rtnl_rule_set_src(rule, address);
		nl_addr_put(address);
	}
	if (*r->to && !nl_addr_parse(r->to, AF_UNSPEC, &address)) {
		rtnl_rule_set_dst(rule, address);
		nl_addr_put(address);
	}
	return rule;
}

static bool rule_is(struct rtnl_rule *a, const struct route_rule *b)
{
	struct rtnl_rule *wanted = rule_make(b);
	bool same = rtnl_rule_get_prio(a) == b->priority &&
		    rtnl_rule_get_family(a) == route_family(b->family) &&
		    rtnl_rule_get_mark(a) == b->mark && rtnl_rule_get_table(a) == b->table &&
		    !nl_addr_cmp(rtnl_rule_get_src(a), rtnl_rule_get_src(wanted)) &&
		    !nl_addr_cmp(rtnl_rule_get_dst(a), rtnl_rule_get_dst(wanted));

	rtnl_rule_put(wanted);
	return same;
}

int route_rules(uint32_t first, uint32_t last, const struct route_rule *rules, unsigned count)
{
	struct nl_sock *sock = route_socket();
	struct nl_cache *cache = NULL;
	bool *there = calloc(count + 1, sizeof(*there));
	int err = sock && there ? route_error(rtnl_rule_alloc_cache(sock, AF_UNSPEC, &cache))
				: -ENOMEM;

	for (struct nl_object *o = cache ? nl_cache_get_first(cache) : NULL; o;
	     o = nl_cache_get_next(o)) {
		struct rtnl_rule *rule = (struct rtnl_rule *)o;
		uint32_t priority = rtnl_rule_get_prio(rule);
		bool wanted = false;

		if (priority < first || priority > last)
			continue;
		for (unsigned i = 0; i < count; i++)
			if (!there[i] && rule_is(rule, &rules[i])) {
				wanted = there[i] = true;
				break;
			}
		if (!wanted)
			rtnl_rule_delete(sock, rule, 0);
	}
	for (unsigned i = 0; !err && i < count; i++) {
		struct rtnl_rule *rule = there[i] ? NULL : rule_make(&rules[i]);

		if (rule)
			err = route_error(rtnl_rule_add(sock, rule, NLM_F_CREATE | NLM_F_EXCL));
		rtnl_rule_put(rule);
	}
	nl_cache_free(cache);
	free(there);
	nl_socket_free(sock);
	return err == -EEXIST ? 0 : err;
}
