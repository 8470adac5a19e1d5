/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sockets of rtnetlink, between the files of this folder: `struct nl_sock socket_auto *sk = ...` */
#pragma once

#include <linux/netlink.h>
#include <netlink/netlink.h>
#include <stddef.h>

static inline void rtnl_socket_free(struct nl_sock **socket)
{
	nl_socket_free(*socket);
}

#define socket_auto __attribute__((cleanup(rtnl_socket_free)))

/* Connected, or NULL. */
static inline struct nl_sock *rtnl_socket_open(void)
{
	struct nl_sock *sk = nl_socket_alloc();

	if (sk && nl_connect(sk, NETLINK_ROUTE)) {
		nl_socket_free(sk);
		return NULL;
	}
	return sk;
}
