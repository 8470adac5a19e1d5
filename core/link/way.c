// SPDX-License-Identifier: GPL-2.0-or-later
#include "way.h"

#include <errno.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/route/link.h>
#include <netlink/route/route.h>
#include <string.h>
#include <sys/socket.h>

#include "rtnl.h"

static int family_of(unsigned family)
{
	return family == 4 ? AF_INET : AF_INET6;
}

static unsigned size_of(unsigned family)
{
	return family == 4 ? 4 : 16;
}

/* What was answered is copied to `arg` by `valid`. 0 or a negative errno of the kernel's. */
static int ask(struct nl_sock *sk, struct nl_msg *message, nl_recvmsg_msg_cb_t valid, void *arg)
{
	struct nl_cb *cb = nl_cb_alloc(NL_CB_DEFAULT);
	int err;

	nl_socket_disable_auto_ack(sk);
	nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, valid, arg);
	err = nl_send_auto(sk, message);
	if (err >= 0)
		err = nl_recvmsgs(sk, cb);
	nl_cb_put(cb);
	nlmsg_free(message);
	return err < 0 ? -ENETUNREACH : 0;
}

static void address_get(uint8_t to[16], struct nlattr *from)
{
	int size = nla_len(from);

	memcpy(to, nla_data(from), size < 16 ? size : 16);
}

static int route_valid(struct nl_msg *message, void *arg)
{
	struct nlattr *at[RTA_MAX + 1], *metric[RTAX_MAX + 1];
	struct rtmsg *route = nlmsg_data(nlmsg_hdr(message));
	struct way *way = arg;

	if (route->rtm_type != RTN_UNICAST ||
	    nlmsg_parse(nlmsg_hdr(message), sizeof(*route), at, RTA_MAX, NULL))
		return NL_OK;
	if (at[RTA_OIF])
		way->ifindex = nla_get_u32(at[RTA_OIF]);
	if (at[RTA_PREFSRC])
		address_get(way->source, at[RTA_PREFSRC]);
	way->gateway = at[RTA_GATEWAY];
	if (way->gateway)
		address_get(way->next_hop, at[RTA_GATEWAY]);
	if (at[RTA_METRICS] && !nla_parse_nested(metric, RTAX_MAX, at[RTA_METRICS], NULL) &&
	    metric[RTAX_MTU])
		way->mtu = nla_get_u32(metric[RTAX_MTU]);
	return NL_OK;
}

int way_find(unsigned family, const uint8_t address[16], struct way *way)
{
	struct nl_sock socket_auto *sk = rtnl_socket_open();
	struct nl_msg *message = nlmsg_alloc_simple(RTM_GETROUTE, NLM_F_REQUEST);
	struct rtmsg route = {
		.rtm_family = family_of(family),
		.rtm_dst_len = size_of(family) * 8,
	};
	int err;

	*way = (struct way){0};
	memcpy(way->next_hop, address, size_of(family));
	if (!sk || !message) {
		nlmsg_free(message);
		return -ENOMEM;
	}
	nlmsg_append(message, &route, sizeof(route), NLMSG_ALIGNTO);
	nla_put(message, RTA_DST, size_of(family), address);
	err = ask(sk, message, route_valid, way);
	if (err)
		return err;
	return way->ifindex ? 0 : -ENETUNREACH;
}

struct neighbour {
	uint16_t state;
	bool has_mac;
	uint8_t mac[6];
};

static int neighbour_valid(struct nl_msg *message, void *arg)
{
	struct nlattr *at[NDA_MAX + 1];
	struct ndmsg *entry = nlmsg_data(nlmsg_hdr(message));
	struct neighbour *neighbour = arg;

	if (nlmsg_parse(nlmsg_hdr(message), sizeof(*entry), at, NDA_MAX, NULL))
		return NL_OK;
	neighbour->state = entry->ndm_state;
	neighbour->has_mac = at[NDA_LLADDR] && nla_len(at[NDA_LLADDR]) == 6;
	if (neighbour->has_mac)
		memcpy(neighbour->mac, nla_data(at[NDA_LLADDR]), 6);
	return NL_OK;
}

static struct nl_msg *neighbour_message(int type, int flags, unsigned ifindex, unsigned family,
					const uint8_t *address, uint8_t how)
{
	struct nl_msg *message = nlmsg_alloc_simple(type, NLM_F_REQUEST | flags);
	struct ndmsg entry = {
		.ndm_family = family_of(family),
		.ndm_ifindex = ifindex,
		.ndm_flags = how,
	};

	if (!message)
		return NULL;
	nlmsg_append(message, &entry, sizeof(entry), NLMSG_ALIGNTO);
	nla_put(message, NDA_DST, size_of(family), address);
	return message;
}

/* As if a packet were sent to it: the kernel asks, or asks again (ip-neighbour(8), "use"). */
static void neighbour_use(struct nl_sock *sk, unsigned ifindex, unsigned family,
			  const uint8_t *address)
{
	struct nl_msg *message =
		neighbour_message(RTM_NEWNEIGH, NLM_F_CREATE, ifindex, family, address, NTF_USE);

	if (message)
		nl_send_auto(sk, message);
	nlmsg_free(message);
}

int way_mac(unsigned ifindex, unsigned family, const uint8_t address[16], uint8_t mac[6])
{
	struct nl_sock socket_auto *sk = rtnl_socket_open();
	struct nl_sock socket_auto *other = rtnl_socket_open();
	struct neighbour neighbour = {0};
	struct nl_msg *message = neighbour_message(RTM_GETNEIGH, 0, ifindex, family, address, 0);

	if (!sk || !other || !message) {
		nlmsg_free(message);
		return -ENOMEM;
	}
	ask(sk, message, neighbour_valid, &neighbour);
	if (!(neighbour.state & (NUD_REACHABLE | NUD_PERMANENT | NUD_NOARP)))
		neighbour_use(other, ifindex, family, address);
	if (!neighbour.has_mac || neighbour.state & (NUD_FAILED | NUD_INCOMPLETE))
		return -EHOSTUNREACH;
	memcpy(mac, neighbour.mac, 6);
	return 0;
}

/* ---- default routes ---- */

enum { STACK_MAX = 4 }; /* of interfaces on top of each other */

struct way_out {
	struct nl_cache *links;
	unsigned ifindex;
	bool found;
};

static bool stacks(const char *kind)
{
	return kind && (!strcmp(kind, "vlan") || !strcmp(kind, "macvlan") ||
			!strcmp(kind, "ipvlan") || !strcmp(kind, "macsec"));
}

static bool is_on_top(struct nl_cache *links, unsigned upper, unsigned lower)
{
	for (int i = 0; upper && i < STACK_MAX; i++) {
		struct rtnl_link *link;

		if (upper == lower)
			return true;
		link = rtnl_link_get(links, upper);
		/* of a veth that number is its peer's, which may be elsewhere */
		upper = link && stacks(rtnl_link_get_type(link)) ? rtnl_link_get_link(link) : 0;
		rtnl_link_put(link);
	}
	return false;
}

static void hop_look(struct rtnl_nexthop *hop, void *arg)
{
	struct way_out *out = arg;

	if (is_on_top(out->links, rtnl_route_nh_get_ifindex(hop), out->ifindex))
		out->found = true;
}

static void route_look(struct nl_object *object, void *arg)
{
	struct rtnl_route *route = (struct rtnl_route *)object;
	struct nl_addr *to = rtnl_route_get_dst(route);

	if (to && nl_addr_get_prefixlen(to) == 0 && rtnl_route_get_type(route) == RTN_UNICAST)
		rtnl_route_foreach_nexthop(route, hop_look, arg);
}

bool way_out_is_by(unsigned ifindex)
{
	struct nl_sock socket_auto *sk = rtnl_socket_open();
	struct way_out out = {.ifindex = ifindex};
	struct nl_cache *routes = NULL;

	if (!sk || rtnl_link_alloc_cache(sk, AF_UNSPEC, &out.links) < 0)
		return false;
	if (!rtnl_route_alloc_cache(sk, AF_UNSPEC, 0, &routes))
		nl_cache_foreach(routes, route_look, &out);
	nl_cache_free(routes);
	nl_cache_free(out.links);
	return out.found;
}
