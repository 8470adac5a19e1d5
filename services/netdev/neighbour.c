// SPDX-License-Identifier: GPL-2.0-or-later
#include "neighbour.h"

#include <netlink/netlink.h>
#include <netlink/route/neighbour.h>
#include <string.h>

#include "internal.h"

static bool find(struct nl_cache *cache, struct nl_addr *wanted, char mac[64])
{
	for (struct nl_object *o = nl_cache_get_first(cache); o; o = nl_cache_get_next(o)) {
		struct rtnl_neigh *neighbour = (struct rtnl_neigh *)o;
		struct nl_addr *hardware = rtnl_neigh_get_lladdr(neighbour);
		struct nl_addr *address = rtnl_neigh_get_dst(neighbour);

		if (!hardware || !address || nl_addr_cmp(address, wanted) ||
		    nl_addr_get_len(hardware) != 6)
			continue;
		nl_addr2str(hardware, mac, 64);
		return true;
	}
	return false;
}

bool neighbour_mac(const char *address, char mac[64])
{
	struct nl_sock *sock = route_socket();
	struct nl_cache *cache = NULL;
	struct nl_addr *wanted = NULL;
	bool found = false;

	if (sock && !nl_addr_parse(address, AF_UNSPEC, &wanted) &&
	    !rtnl_neigh_alloc_cache(sock, &cache))
		found = find(cache, wanted, mac);
	nl_addr_put(wanted);
	nl_cache_free(cache);
	nl_socket_free(sock);
	return found;
}
