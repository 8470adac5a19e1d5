// SPDX-License-Identifier: GPL-2.0-or-later
#include "route.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netlink/netlink.h>
#include <netlink/route/addr.h>
#include <netlink/route/route.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

struct nl_sock *route_socket(void)
{
	struct nl_sock *sock = nl_socket_alloc();

	if (!sock || !nl_connect(sock, NETLINK_ROUTE))
		return sock;
	nl_socket_free(sock);
	return NULL;
}

int route_error(int err)
{
	switch (-err) {
	case 0:
		return 0;
	case NLE_EXIST:
		return -EEXIST;
	case NLE_NODEV:
	case NLE_OBJ_NOTFOUND:
		return -ENODEV;
	case NLE_OPNOTSUPP:
		return -EOPNOTSUPP;
	case NLE_PERM:
		return -EPERM;
	case NLE_NOMEM:
		return -ENOMEM;
	default:
		return err < 0 ? -EINVAL : 0;
	}
}

int route_family(int family)
{
	return family == 6 ? AF_INET6 : AF_INET;
}

/* ---- addresses ---- */

static bool is_wanted(struct nl_addr *local, const char *const *addresses)
{
	struct nl_addr *wanted;
	bool found = false;

	for (; *addresses && !found; addresses++) {
		if (nl_addr_parse(*addresses, AF_UNSPEC, &wanted))
			continue;
		found = !nl_addr_cmp(local, wanted);
		nl_addr_put(wanted);
	}
	return found;
}

static bool is_link_local(struct nl_addr *local)
{
	const uint8_t *octets = nl_addr_get_binary_addr(local);

	return nl_addr_get_family(local) == AF_INET6 && octets[0] == 0xfe &&
	       (octets[1] & 0xc0) == 0x80;
}

static void drop_others(struct nl_sock *sock, int index, const char *const *addresses)
{
	struct nl_cache *cache;

	if (rtnl_addr_alloc_cache(sock, &cache))
		return;
	for (struct nl_object *o = nl_cache_get_first(cache); o; o = nl_cache_get_next(o)) {
		struct rtnl_addr *address = (struct rtnl_addr *)o;
		struct nl_addr *local = rtnl_addr_get_local(address);

		if (rtnl_addr_get_ifindex(address) == index && local &&
		    !is_wanted(local, addresses) && !is_link_local(local))
			rtnl_addr_delete(sock, address, 0);
	}
	nl_cache_free(cache);
}

static int address_add(struct nl_sock *sock, int index, const char *text)
{
	struct rtnl_addr *address = rtnl_addr_alloc();
	struct nl_addr *local = NULL;
	int err = route_error(nl_addr_parse(text, AF_UNSPEC, &local));

	if (!err) {
		rtnl_addr_set_local(address, local);
		rtnl_addr_set_ifindex(address, index);
		/* nobody else is on a tunnel: no duplicate, and no wait for one */
		if (nl_addr_get_family(local) == AF_INET6)
			rtnl_addr_set_flags(address, IFA_F_NODAD);
		err = route_error(rtnl_addr_add(sock, address, NLM_F_CREATE | NLM_F_REPLACE));
	}
	nl_addr_put(local);
	rtnl_addr_put(address);
	return err == -EEXIST ? 0 : err;
}

int route_addresses(const char *interface, const char *const *addresses)
{
	int index = if_nametoindex(interface), err = 0;
	struct nl_sock *sock = route_socket();

	if (!sock || !index) {
		nl_socket_free(sock);
		return -ENODEV;
	}
	drop_others(sock, index, addresses);
	for (; *addresses; addresses++) {
		int one = address_add(sock, index, *addresses);

		err = err ? err : one;
	}
	nl_socket_free(sock);
	return err;
}

/* ---- routes ---- */

static struct rtnl_route *route_make(uint32_t table, const struct route *r)
{
	struct rtnl_route *route = rtnl_route_alloc();
	struct rtnl_nexthop *hop = rtnl_route_nh_alloc();
	struct nl_addr *to = NULL, *via = NULL;
	int index = if_nametoindex(r->interface);
	const char *text = *r->to ? r->to : r->family == 6 ? "::/0" : "0.0.0.0/0";

	if (!index || nl_addr_parse(text, AF_UNSPEC, &to) ||
	    (*r->via && nl_addr_parse(r->via, AF_UNSPEC, &via))) {
		nl_addr_put(to);
		rtnl_route_nh_free(hop);
		rtnl_route_put(route);
		return NULL;
	}
	rtnl_route_nh_set_ifindex(hop, index);
	if (via)
		rtnl_route_nh_set_gateway(hop, via);
	/* a gateway that is not in a network of this interface is believed, too */
	if (via)
		rtnl_route_nh_set_flags(hop, RTNH_F_ONLINK);
	rtnl_route_set_family(route, nl_addr_get_family(to));
	rtnl_route_set_dst(route, to);
	rtnl_route_set_table(route, table);
	rtnl_route_set_priority(route, r->metric ? r->metric : r->family == 6 ? 1024 : 0);
	rtnl_route_set_protocol(route, RTPROT_STATIC);
	rtnl_route_set_scope(route, via ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK);
	rtnl_route_add_nexthop(route, hop);
	nl_addr_put(to);
	nl_addr_put(via);
	return route;
}

static bool is_same(struct rtnl_route *a, const struct route *b)
{
	struct rtnl_nexthop *hop = rtnl_route_nexthop_n(a, 0);
	struct nl_addr *via = hop ? rtnl_route_nh_get_gateway(hop) : NULL;
	struct nl_addr *to = NULL;
	char text[64] = "";
	bool same;

	if (nl_addr_parse(*b->to ? b->to : b->family == 6 ? "::/0" : "0.0.0.0/0", AF_UNSPEC, &to))
		return false;
	if (via)
		nl_addr2str(via, text, sizeof(text));
	same = hop && nl_addr_cmp(rtnl_route_get_dst(a), to) == 0 && !strcmp(text, b->via) &&
	       (!b->metric || rtnl_route_get_priority(a) == b->metric) &&
	       rtnl_route_nh_get_ifindex(hop) == (int)if_nametoindex(b->interface);
	nl_addr_put(to);
	return same;
}

/* Removes what is not wanted; `there` tells which of the wanted ones are. */
static void table_prune(struct nl_sock *sock, uint32_t table, const struct route *routes,
			unsigned count, bool *there)
{
	struct nl_cache *cache;

	if (rtnl_route_alloc_cache(sock, AF_UNSPEC, 0, &cache))
		return;
	for (struct nl_object *o = nl_cache_get_first(cache); o; o = nl_cache_get_next(o)) {
		struct rtnl_route *route = (struct rtnl_route *)o;
		bool wanted = false;

		if (rtnl_route_get_table(route) != table)
			continue;
		for (unsigned i = 0; i < count; i++)
			if (is_same(route, &routes[i]))
				wanted = there[i] = true;
		if (!wanted)
			rtnl_route_delete(sock, route, 0);
	}
	nl_cache_free(cache);
}

int route_table(uint32_t table, const struct route *routes, unsigned count)
{
	struct nl_sock *sock = route_socket();
	bool *there = calloc(count + 1, sizeof(*there));
	int err = sock && there ? 0 : -ENOMEM;

	if (!err)
		table_prune(sock, table, routes, count, there);
	for (unsigned i = 0; sock && there && i < count; i++) {
		struct rtnl_route *route = there[i] ? NULL : route_make(table, &routes[i]);
		int one = there[i] ? 0
			  : !route ? -ENODEV
				   : route_error(rtnl_route_add(sock, route,
								NLM_F_CREATE | NLM_F_APPEND));

		err = err ? err : one;
		rtnl_route_put(route);
	}
	free(there);
	nl_socket_free(sock);
	return err;
}

void route_gateway(const char *interface, int family, char via[48])
{
	struct nl_sock *sock = route_socket();
	struct nl_cache *cache = NULL;
	int index = if_nametoindex(interface);

	via[0] = '\0';
	if (sock)
		rtnl_route_alloc_cache(sock, route_family(family), 0, &cache);
	for (struct nl_object *o = cache ? nl_cache_get_first(cache) : NULL; o && !*via;
	     o = nl_cache_get_next(o)) {
		struct rtnl_route *route = (struct rtnl_route *)o;
		struct rtnl_nexthop *hop = rtnl_route_nexthop_n(route, 0);

		if (rtnl_route_get_table(route) != RT_TABLE_MAIN || !hop ||
		    nl_addr_get_prefixlen(rtnl_route_get_dst(route)) ||
		    rtnl_route_nh_get_ifindex(hop) != index || !rtnl_route_nh_get_gateway(hop))
			continue;
		nl_addr2str(rtnl_route_nh_get_gateway(hop), via, 48);
	}
	nl_cache_free(cache);
	nl_socket_free(sock);
}

unsigned route_onlink(const char *interface, struct route *to, unsigned room)
{
	struct nl_sock *sock = route_socket();
	struct nl_cache *cache = NULL;
	int index = if_nametoindex(interface);
	unsigned count = 0;

	if (sock)
		rtnl_route_alloc_cache(sock, AF_UNSPEC, 0, &cache);
	for (struct nl_object *o = cache ? nl_cache_get_first(cache) : NULL; o && count < room;
	     o = nl_cache_get_next(o)) {
		struct rtnl_route *route = (struct rtnl_route *)o;
		struct rtnl_nexthop *hop = rtnl_route_nexthop_n(route, 0);
		struct nl_addr *dst = rtnl_route_get_dst(route);

		if (rtnl_route_get_table(route) != RT_TABLE_MAIN || !hop ||
		    rtnl_route_nh_get_ifindex(hop) != index || rtnl_route_nh_get_gateway(hop) ||
		    !nl_addr_get_prefixlen(dst) || is_link_local(dst))
			continue;
		memset(&to[count], 0, sizeof(*to));
		nl_addr2str(dst, to[count].to, sizeof(to->to));
		to[count].family = nl_addr_get_family(dst) == AF_INET6 ? 6 : 4;
		snprintf(to[count++].interface, sizeof(to->interface), "%s", interface);
	}
	nl_cache_free(cache);
	nl_socket_free(sock);
	return count;
}
