// SPDX-License-Identifier: GPL-2.0-or-later
#include "netlink.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_addr.h>
#include <net/if.h>
#include <netlink/netlink.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <netlink/route/link/veth.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "rtnl.h"

static void link_put(struct rtnl_link **link)
{
	if (*link)
		rtnl_link_put(*link);
}

#define link_auto __attribute__((cleanup(link_put)))

/* libnl's errors are its own */
static int error_of(int err)
{
	switch (-err) {
	case 0:
		return 0;
	case NLE_NODEV:
	case NLE_OBJ_NOTFOUND:
		return -ENODEV;
	case NLE_EXIST:
		return -EEXIST;
	case NLE_PERM:
	case NLE_NOACCESS:
		return -EPERM;
	case NLE_OPNOTSUPP:
		return -EOPNOTSUPP;
	case NLE_BUSY:
		return -EBUSY;
	case NLE_NOMEM:
		return -ENOMEM;
	}
	return -EINVAL;
}

/* The link of that name, as the kernel has it now. */
static int link_get(struct nl_sock *sk, const char *name, struct rtnl_link **link)
{
	return sk ? error_of(rtnl_link_get_kernel(sk, 0, name, link)) : -ENOMEM;
}

static void peer_name(struct nl_sock *sk, struct rtnl_link *link, char *name, size_t size)
{
	struct rtnl_link link_auto *peer = NULL;
	int ifindex = rtnl_link_get_link(link);

	*name = '\0';
	if (ifindex > 0 && !rtnl_link_get_kernel(sk, ifindex, NULL, &peer))
		snprintf(name, size, "%s", rtnl_link_get_name(peer));
}

int netlink_link_get(const char *name, struct link_info *info)
{
	struct nl_sock socket_auto *sk = rtnl_socket_open();
	struct rtnl_link link_auto *link = NULL;
	const char *kind;
	struct nl_addr *mac;
	unsigned flags;
	int err;

	err = link_get(sk, name, &link);
	if (err)
		return err;
	flags = rtnl_link_get_flags(link);
	kind = rtnl_link_get_type(link);
	mac = rtnl_link_get_addr(link);
	*info = (struct link_info){
		.ifindex = rtnl_link_get_ifindex(link),
		.mtu = rtnl_link_get_mtu(link),
		.master = rtnl_link_get_master(link),
		.up = flags & IFF_UP,
		.carrier = flags & IFF_RUNNING,
		.promiscuous = flags & IFF_PROMISC,
	};
	rtnl_link_get_carrier_changes(link, &info->carrier_changes);
	snprintf(info->kind, sizeof(info->kind), "%s", kind ? kind : "");
	if (mac && nl_addr_get_len(mac) == 6)
		memcpy(info->mac, nl_addr_get_binary_addr(mac), 6);
	if (!strcmp(info->kind, "veth"))
		peer_name(sk, link, info->peer, sizeof(info->peer));
	return 0;
}

int netlink_errors(const char *name, struct link_errors *errors)
{
	struct nl_sock socket_auto *sk = rtnl_socket_open();
	struct rtnl_link link_auto *link = NULL;
	int err;

	err = link_get(sk, name, &link);
	if (err)
		return err;
	*errors = (struct link_errors){
		.receive = rtnl_link_get_stat(link, RTNL_LINK_RX_ERRORS),
		.receive_dropped = rtnl_link_get_stat(link, RTNL_LINK_RX_DROPPED),
		.crc = rtnl_link_get_stat(link, RTNL_LINK_RX_CRC_ERR),
		.length = rtnl_link_get_stat(link, RTNL_LINK_RX_LEN_ERR),
		.send = rtnl_link_get_stat(link, RTNL_LINK_TX_ERRORS),
		.send_dropped = rtnl_link_get_stat(link, RTNL_LINK_TX_DROPPED),
		.carrier = rtnl_link_get_stat(link, RTNL_LINK_TX_CARRIER_ERR),
	};
	return 0;
}

static int link_change(const char *name, struct rtnl_link *change)
{
	struct nl_sock socket_auto *sk = rtnl_socket_open();
	struct rtnl_link link_auto *link = NULL;
	int err;

	err = link_get(sk, name, &link);
	return err ? err : error_of(rtnl_link_change(sk, link, change, 0));
}

int netlink_link_set(const char *name, bool up, bool promiscuous)
{
	struct rtnl_link link_auto *change = rtnl_link_alloc();

	if (up)
		rtnl_link_set_flags(change, IFF_UP);
	else
		rtnl_link_unset_flags(change, IFF_UP);
	if (promiscuous)
		rtnl_link_set_flags(change, IFF_PROMISC);
	else
		rtnl_link_unset_flags(change, IFF_PROMISC);
	return link_change(name, change);
}

int netlink_mtu_set(const char *name, unsigned mtu)
{
	struct rtnl_link link_auto *change = rtnl_link_alloc();

	rtnl_link_set_mtu(change, mtu);
	return link_change(name, change);
}

int netlink_mac_set(const char *name, const uint8_t mac[6])
{
	struct rtnl_link link_auto *change = rtnl_link_alloc();
	struct nl_addr *address = nl_addr_build(AF_LLC, mac, 6);
	int err;

	if (!address)
		return -ENOMEM;
	rtnl_link_set_addr(change, address);
	err = link_change(name, change);
	nl_addr_put(address);
	return err;
}

int netlink_veth_add(const char *name, const char *peer, const uint8_t mac[6])
{
	struct nl_sock socket_auto *sk = rtnl_socket_open();
	struct rtnl_link *link = rtnl_link_veth_alloc();
	struct rtnl_link link_auto *other = link ? rtnl_link_veth_get_peer(link) : NULL;
	struct nl_addr *address = nl_addr_build(AF_LLC, mac, 6);
	int err;

	if (!sk || !link || !address)
		return -ENOMEM;
	rtnl_link_set_name(link, name);
	rtnl_link_set_addr(link, address);
	rtnl_link_set_name(other, peer);
	err = rtnl_link_add(sk, link, NLM_F_CREATE | NLM_F_EXCL);
	nl_addr_put(address);
	rtnl_link_veth_release(link);
	return error_of(err);
}

int netlink_link_del(const char *name)
{
	struct nl_sock socket_auto *sk = rtnl_socket_open();
	struct rtnl_link link_auto *link = rtnl_link_alloc();

	if (!sk)
		return -errno;
	rtnl_link_set_name(link, name);
	return error_of(rtnl_link_delete(sk, link));
}

struct walk {
	unsigned ifindex;
	void (*each)(const char *address, void *arg);
	void *arg;
};

static void address_visit(struct nl_object *object, void *arg)
{
	struct rtnl_addr *address = (struct rtnl_addr *)object;
	unsigned flags = rtnl_addr_get_flags(address);
	struct walk *walk = arg;
	char text[80], line[112];

	if ((unsigned)rtnl_addr_get_ifindex(address) != walk->ifindex)
		return;
	nl_addr2str(rtnl_addr_get_local(address), text, sizeof(text));
	snprintf(line, sizeof(line), "%s%s", text,
		 flags & IFA_F_DADFAILED   ? " (duplicate)"
		 : flags & IFA_F_TENTATIVE ? " (tentative)"
					   : "");
	walk->each(line, walk->arg);
}

int netlink_addresses(unsigned ifindex, void (*each)(const char *address, void *arg), void *arg)
{
	struct nl_sock socket_auto *sk = rtnl_socket_open();
	struct walk walk = {ifindex, each, arg};
	struct nl_cache *cache;
	int err;

	if (!sk)
		return -errno;
	err = rtnl_addr_alloc_cache(sk, &cache);
	if (err)
		return error_of(err);
	nl_cache_foreach(cache, address_visit, &walk);
	nl_cache_free(cache);
	return 0;
}

static int sysctl_open(const char *interface, const char *name, int flags)
{
	mem_auto char *path = mem_printf("/proc/sys/net/ipv6/conf/%s/%s", interface, name);

	return open(path, flags | O_CLOEXEC);
}

int netlink_sysctl6(const char *interface, const char *name, int value)
{
	int fd = sysctl_open(interface, name, O_WRONLY);
	int err = 0;

	if (fd < 0)
		return errno == ENOENT ? 0 : -errno; /* a kernel without IPv6 */
	if (dprintf(fd, "%d\n", value) < 0)
		err = -errno;
	close(fd);
	return err;
}

int netlink_sysctl6_get(const char *interface, const char *name)
{
	int fd = sysctl_open(interface, name, O_RDONLY);
	char text[16] = "";

	if (fd < 0)
		return -errno;
	if (read(fd, text, sizeof(text) - 1) < 0)
		text[0] = '\0';
	close(fd);
	return atoi(text);
}
