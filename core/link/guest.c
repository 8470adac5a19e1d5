// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest.h"

#include <errno.h>
#include <netlink/route/addr.h>
#include <netlink/route/neighbour.h>
#include <netlink/route/route.h>
#include <netlink/route/rule.h>
#include <stdio.h>
#include <string.h>

#include "answers.h"
#include "ethtool.h"
#include "netlink.h"
#include "rtnl.h"

struct side {
	int family;
	const char *address, *from, *gateway, *all;
};

static const struct side sides[] = {
	{AF_INET, GUEST_ADDRESS4 "/32", GUEST_ADDRESS4, "192.0.0.1", "0.0.0.0/0"},
	{AF_INET6, GUEST_ADDRESS6 "/128", GUEST_ADDRESS6, "100:0:0:1::1", "::/0"},
};

void guest_name(const char *interface, char name[16])
{
	snprintf(name, 16, "%.13s-g", interface);
}

static void far_name(const char *interface, char name[16])
{
	snprintf(name, 16, "%.13s-h", interface);
}

static struct nl_addr *parse(const char *text, int family)
{
	struct nl_addr *address = NULL;

	return nl_addr_parse(text, family, &address) ? NULL : address;
}

/* What is there already is as good. */
static int done(int err)
{
	return !err || err == -NLE_EXIST ? 0 : -EINVAL;
}

/* ---- addresses, the gateway, routes, rules ---- */

static int address_add(struct nl_sock *sk, unsigned ifindex, const struct side *side)
{
	struct rtnl_addr *address = rtnl_addr_alloc();
	struct nl_addr *local = parse(side->address, side->family);
	int err;

	rtnl_addr_set_ifindex(address, ifindex);
	rtnl_addr_set_local(address, local);
	/* nobody is there to have it, too */
	rtnl_addr_set_flags(address, IFA_F_NODAD | IFA_F_PERMANENT);
	err = done(rtnl_addr_add(sk, address, NLM_F_CREATE | NLM_F_EXCL));
	nl_addr_put(local);
	rtnl_addr_put(address);
	return err;
}

/* The engine puts the addresses of the flow in: any will do. */
static int gateway_add(struct nl_sock *sk, unsigned ifindex, const struct side *side)
{
	static const uint8_t mac[6] = {0x02, 0xfe, 0, 0, 0, 0x01};
	struct rtnl_neigh *neighbour = rtnl_neigh_alloc();
	struct nl_addr *address = parse(side->gateway, side->family);
	struct nl_addr *hardware = nl_addr_build(AF_LLC, mac, 6);
	int err;

	rtnl_neigh_set_ifindex(neighbour, ifindex);
	rtnl_neigh_set_dst(neighbour, address);
	rtnl_neigh_set_lladdr(neighbour, hardware);
	rtnl_neigh_set_state(neighbour, NUD_PERMANENT);
	err = done(rtnl_neigh_add(sk, neighbour, NLM_F_CREATE | NLM_F_REPLACE));
	nl_addr_put(address);
	nl_addr_put(hardware);
	rtnl_neigh_put(neighbour);
	return err;
}

static int route_add(struct nl_sock *sk, unsigned ifindex, const struct side *side)
{
	struct rtnl_route *route = rtnl_route_alloc();
	struct rtnl_nexthop *hop = rtnl_route_nh_alloc();
	struct nl_addr *to = parse(side->all, side->family);
	struct nl_addr *via = parse(side->gateway, side->family);
	int err;

	rtnl_route_nh_set_ifindex(hop, ifindex);
	rtnl_route_nh_set_gateway(hop, via);
	rtnl_route_nh_set_flags(hop, RTNH_F_ONLINK);
	rtnl_route_set_family(route, side->family);
	rtnl_route_set_table(route, GUEST_TABLE);
	rtnl_route_set_dst(route, to);
	rtnl_route_add_nexthop(route, hop);
	err = done(rtnl_route_add(sk, route, NLM_F_CREATE | NLM_F_REPLACE));
	nl_addr_put(to);
	nl_addr_put(via);
	rtnl_route_put(route);
	return err;
}

static struct rtnl_rule *rule_make(const struct side *side, uint32_t priority)
{
	struct rtnl_rule *rule = rtnl_rule_alloc();

	rtnl_rule_set_family(rule, side->family);
	rtnl_rule_set_prio(rule, priority);
	rtnl_rule_set_action(rule, FR_ACT_TO_TBL);
	rtnl_rule_set_table(rule, GUEST_TABLE);
	if (priority == GUEST_RULE_FROM) {
		struct nl_addr *from = parse(side->from, side->family);

		rtnl_rule_set_src(rule, from);
		nl_addr_put(from);
	}
	return rule;
}

static int rule_put(struct nl_sock *sk, const struct side *side, uint32_t priority, bool on)
{
	struct rtnl_rule *rule = rule_make(side, priority);
	int err = on ? done(rtnl_rule_add(sk, rule, NLM_F_CREATE | NLM_F_EXCL))
		     : rtnl_rule_delete(sk, rule, 0);

	rtnl_rule_put(rule);
	return err;
}

static int side_make(struct nl_sock *sk, unsigned ifindex, const struct side *side, bool way_out,
		     const struct rule_ranges *answers)
{
	int err = address_add(sk, ifindex, side);

	if (!err)
		err = gateway_add(sk, ifindex, side);
	if (!err)
		err = route_add(sk, ifindex, side);
	if (!err)
		err = rule_put(sk, side, GUEST_RULE_FROM, true);
	if (!err)
		err = answers_rules_set(sk, side->family, GUEST_TABLE, answers);
	if (way_out)
		return err ? err : rule_put(sk, side, GUEST_RULE_LAST, true);
	rule_put(sk, side, GUEST_RULE_LAST, false);
	return err;
}

int guest_enforce(const char *interface, const uint8_t mac[6], const bool way_out[2],
		  const struct rule_ranges *answers)
{
	struct nl_sock socket_auto *sk = rtnl_socket_open();
	struct link_info info;
	char near[16];
	int err;

	guest_name(interface, near);
	err = netlink_link_get(near, &info);
	if (!err && memcmp(info.mac, mac, 6))
		err = netlink_mac_set(near, mac);
	if (!err)
		err = sk ? side_make(sk, info.ifindex, &sides[0], way_out[0], answers) : -ENOMEM;
	/* a kernel without IPv6 has half of it */
	if (!err && netlink_sysctl6_get("lo", "disable_ipv6") >= 0)
		err = side_make(sk, info.ifindex, &sides[1], way_out[1], answers);
	return err;
}

void guest_rules_remove(void)
{
	struct nl_sock socket_auto *sk = rtnl_socket_open();

	for (size_t i = 0; sk && i < sizeof(sides) / sizeof(*sides); i++) {
		rule_put(sk, &sides[i], GUEST_RULE_FROM, false);
		rule_put(sk, &sides[i], GUEST_RULE_LAST, false);
		answers_rules_set(sk, sides[i].family, GUEST_TABLE, NULL);
	}
}

/* ---- the pair ---- */

/* No word of its own: what the kernel says anyway, the engine drops. */
static int ends_configure(const char *near, const char *far, unsigned mtu)
{
	int err = netlink_sysctl6(far, "disable_ipv6", 1);

	if (!err)
		err = netlink_sysctl6(near, "accept_ra", 0);
	if (!err)
		err = netlink_sysctl6(near, "disable_ipv6", 0);
	if (!err)
		err = netlink_mtu_set(far, mtu);
	if (!err)
		err = netlink_mtu_set(near, mtu);
	ethtool_host(near);
	ethtool_plain(far);
	if (!err)
		err = netlink_link_set(far, true, false);
	return err ? err : netlink_link_set(near, true, false);
}

static int pair_make(const char *near, const char *far, const uint8_t mac[6], unsigned mtu,
		     bool *fresh)
{
	struct link_info info;
	int err = netlink_link_get(near, &info);

	*fresh = err == -ENODEV;
	if (*fresh)
		err = netlink_veth_add(near, far, mac);
	else if (!err && (strcmp(info.kind, "veth") || strcmp(info.peer, far)))
		return -EEXIST;
	return err ? err : ends_configure(near, far, mtu);
}

int guest_make(const char *interface, const uint8_t mac[6], unsigned mtu,
	       struct backend_ports *ports, bool *fresh)
{
	struct link_info info;
	char near[16], far[16];
	int err;

	guest_name(interface, near);
	far_name(interface, far);
	err = pair_make(near, far, mac, mtu, fresh);
	if (!err)
		err = netlink_link_get(far, &info);
	if (err)
		return err;
	ports->ifindex[LINK_GUEST] = info.ifindex;
	snprintf(ports->name[LINK_GUEST], sizeof(ports->name[LINK_GUEST]), "%s", far);
	return 0;
}

void guest_remove(const char *interface)
{
	struct link_info info;
	char near[16], far[16];

	guest_name(interface, near);
	far_name(interface, far);
	if (!netlink_link_get(near, &info) && !strcmp(info.peer, far))
		netlink_link_del(near);
}
