// SPDX-License-Identifier: GPL-2.0-or-later
#include "link.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <netlink/netlink.h>
#include <netlink/route/link.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "internal.h"

static int tun_attach(int fd, const char *name, int flags)
{
	struct ifreq request = {.ifr_flags = flags};

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	if (ioctl(fd, TUNSETIFF, &request) || ioctl(fd, TUNSETPERSIST, 1))
		return -errno;
	return 0;
}

int link_tun_open(const char *name)
{
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
	int err = 0;

	if (fd < 0)
		return -errno;
	/* with the header of packet information: wireguard-go before 2023 expects it, a newer one
	 * asks which flags are set. With NAPI, where the kernel has it for tun (Linux 4.15):
	 * segments of a connection go up together, and are acknowledged together */
	err = tun_attach(fd, name, IFF_TUN | IFF_NAPI);
	if (err == -EINVAL)
		err = tun_attach(fd, name, IFF_TUN);
	if (!err)
		return fd;
	close(fd);
	return err;
}

int link_tun_make(const char *name)
{
	int fd = link_tun_open(name);

	if (fd >= 0)
		close(fd);
	return fd >= 0 || fd == -EBUSY ? 0 : fd; /* its daemon runs */
}

static int link_of(struct nl_sock *sock, const char *name, struct rtnl_link **link)
{
	return route_error(rtnl_link_get_kernel(sock, 0, name, link));
}

int link_make(const char *name, const char *kind)
{
	struct nl_sock *sock = route_socket();
	struct rtnl_link *link = rtnl_link_alloc();
	int err = sock && link ? 0 : -ENOMEM;

	if (!err) {
		rtnl_link_set_name(link, name);
		err = route_error(rtnl_link_set_type(link, kind));
		/* libnl knows few kinds by name, and sends the others all the same */
		if (err == -EOPNOTSUPP)
			err = 0;
	}
	if (!err)
		err = route_error(rtnl_link_add(sock, link, NLM_F_CREATE | NLM_F_EXCL));
	rtnl_link_put(link);
	nl_socket_free(sock);
	return err == -EEXIST ? 0 : err;
}

/* Changes a link as `change` says. */
static int link_change(const char *name,
		       void (*change)(struct rtnl_link *link, unsigned a, unsigned b), unsigned a,
		       unsigned b)
{
	struct nl_sock *sock = route_socket();
	struct rtnl_link *link = NULL, *wanted = rtnl_link_alloc();
	int err = sock && wanted ? link_of(sock, name, &link) : -ENOMEM;

	if (!err) {
		change(wanted, a, b);
		err = route_error(rtnl_link_change(sock, link, wanted, 0));
	}
	rtnl_link_put(link);
	rtnl_link_put(wanted);
	nl_socket_free(sock);
	return err;
}

static void change_up(struct rtnl_link *link, unsigned up, unsigned unused)
{
	(void)unused;
	if (up)
		rtnl_link_set_flags(link, IFF_UP);
	else
		rtnl_link_unset_flags(link, IFF_UP);
}

int link_setting(const char *which, const char *name, char value)
{
	char path[96];
	int fd, err = 0;

	snprintf(path, sizeof(path), "/proc/sys/net/%.40s/%.30s", which, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (write(fd, &value, 1) != 1)
		err = -errno;
	close(fd);
	return err;
}

int link_loose(const char *name)
{
	char which[40];

	snprintf(which, sizeof(which), "ipv4/conf/%.15s", name);
	return link_setting(which, "rp_filter", '2');
}

int link_up(const char *name, bool up)
{
	return link_change(name, change_up, up, 0);
}

static void change_tuning(struct rtnl_link *link, unsigned mtu, unsigned queue)
{
	if (mtu)
		rtnl_link_set_mtu(link, mtu);
	if (queue)
		rtnl_link_set_txqlen(link, queue);
}

int link_tune(const char *name, unsigned mtu, unsigned queue)
{
	return link_change(name, change_tuning, mtu, queue);
}

int link_remove(const char *name)
{
	struct nl_sock *sock = route_socket();
	struct rtnl_link *link = NULL;
	int err = sock ? link_of(sock, name, &link) : -ENOMEM;

	if (!err)
		err = route_error(rtnl_link_delete(sock, link));
	rtnl_link_put(link);
	nl_socket_free(sock);
	return err;
}

int link_look(const char *name, struct link_state *state)
{
	struct nl_sock *sock = route_socket();
	struct rtnl_link *link = NULL;
	int err = sock ? link_of(sock, name, &link) : -ENOMEM;
	const char *kind;

	memset(state, 0, sizeof(*state));
	if (!err) {
		kind = rtnl_link_get_type(link);
		state->mtu = rtnl_link_get_mtu(link);
		state->up = rtnl_link_get_flags(link) & IFF_UP;
		state->carrier = rtnl_link_get_flags(link) & IFF_RUNNING;
		state->tx_dropped = rtnl_link_get_stat(link, RTNL_LINK_TX_DROPPED);
		state->rx_octets = rtnl_link_get_stat(link, RTNL_LINK_RX_BYTES);
		state->tx_octets = rtnl_link_get_stat(link, RTNL_LINK_TX_BYTES);
		snprintf(state->kind, sizeof(state->kind), "%s", kind ? kind : "");
	}
	rtnl_link_put(link);
	nl_socket_free(sock);
	return err;
}
