// SPDX-License-Identifier: GPL-2.0-or-later
#include "qdisc.h"

#include <errno.h>
#include <net/if.h>
#include <netlink/netlink.h>
#include <netlink/route/qdisc.h>
#include <netlink/route/qdisc/tbf.h>
#include <netlink/route/tc.h>
#include <string.h>

#include "internal.h"

enum {
	BURST_MIN = 16 << 10,  /* octets: a few packets, whatever the rate */
	BURST_MAX = 256 << 10, /* whoever is that fast is not away for long */
};

static struct rtnl_qdisc *qdisc_make(const char *interface, uint32_t parent, uint32_t handle,
				     const char *kind)
{
	struct rtnl_qdisc *qdisc = rtnl_qdisc_alloc();
	int index = if_nametoindex(interface);

	if (!qdisc)
		return NULL;
	rtnl_tc_set_ifindex(TC_CAST(qdisc), index);
	rtnl_tc_set_parent(TC_CAST(qdisc), parent);
	rtnl_tc_set_handle(TC_CAST(qdisc), handle);
	if (index && !rtnl_tc_set_kind(TC_CAST(qdisc), kind))
		return qdisc;
	rtnl_qdisc_put(qdisc);
	return NULL;
}

/* Where the kernel has it; else the plain queue stays. */
static void manage(struct nl_sock *sock, const char *interface)
{
	struct rtnl_qdisc *child =
		qdisc_make(interface, TC_HANDLE(1, 1), TC_HANDLE(2, 0), "fq_codel");

	if (child)
		rtnl_qdisc_add(sock, child, NLM_F_CREATE | NLM_F_EXCL);
	rtnl_qdisc_put(child);
}

int qdisc_shape(const char *interface, uint64_t bits, unsigned burst, unsigned wait)
{
	struct rtnl_qdisc *qdisc = qdisc_make(interface, TC_H_ROOT, TC_HANDLE(1, 0), "tbf");
	uint64_t octets = bits / 8, bucket = octets * burst / 1000;
	struct nl_sock *sock = route_socket();
	int err = -ENODEV;

	bucket = bucket < BURST_MIN ? BURST_MIN : bucket > BURST_MAX ? BURST_MAX : bucket;
	if (qdisc && sock) {
		rtnl_qdisc_tbf_set_rate(qdisc, octets, bucket, 0);
		rtnl_qdisc_tbf_set_limit(qdisc, bucket + octets * wait / 1000);
		err = rtnl_qdisc_add(sock, qdisc, NLM_F_CREATE | NLM_F_REPLACE);
		/* so libnl calls a kind that the kernel does not know */
		err = err == -NLE_OBJ_NOTFOUND ? -ENOENT : route_error(err);
	}
	if (!err)
		manage(sock, interface);
	nl_socket_free(sock);
	rtnl_qdisc_put(qdisc);
	return err;
}

int qdisc_remove(const char *interface)
{
	struct rtnl_qdisc *qdisc = qdisc_make(interface, TC_H_ROOT, TC_HANDLE(1, 0), "tbf");
	struct nl_sock *sock = route_socket();
	int err = qdisc && sock ? route_error(rtnl_qdisc_delete(sock, qdisc)) : -ENODEV;

	nl_socket_free(sock);
	rtnl_qdisc_put(qdisc);
	return err;
}

unsigned qdisc_backlog(const char *interface)
{
	struct nl_sock *sock = route_socket();
	struct rtnl_qdisc *qdisc;
	struct nl_cache *cache = NULL;
	unsigned backlog = 0;

	if (sock && !rtnl_qdisc_alloc_cache(sock, &cache)) {
		qdisc = rtnl_qdisc_get(cache, if_nametoindex(interface), TC_HANDLE(1, 0));
		if (qdisc)
			backlog = rtnl_tc_get_stat(TC_CAST(qdisc), RTNL_TC_BACKLOG);
		rtnl_qdisc_put(qdisc);
	}
	nl_cache_free(cache);
	nl_socket_free(sock);
	return backlog;
}
