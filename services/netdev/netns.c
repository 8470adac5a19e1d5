// SPDX-License-Identifier: GPL-2.0-or-later
#include "netns.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <netlink/netlink.h>
#include <netlink/route/link.h>
#include <netlink/route/link/veth.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "internal.h"
#include "link.h"

#define OWN "/proc/thread-self/ns/net"

static int home = -1; /* where we are otherwise */

static int home_open(void)
{
	if (home < 0)
		home = open(OWN, O_RDONLY | O_CLOEXEC);
	return home < 0 ? -errno : 0;
}

static void home_return(void)
{
	/* whatever came next would be done to another network */
	if (setns(home, CLONE_NEWNET))
		abort();
}

bool netns_is(const char *path)
{
	struct statfs fs;

	return !statfs(path, &fs) && fs.f_type == NSFS_MAGIC;
}

static int make(const char *path)
{
	int fd = open(path, O_RDONLY | O_CREAT | O_CLOEXEC, 0600), err = 0;

	if (fd < 0)
		return -errno;
	close(fd);
	if (unshare(CLONE_NEWNET)) {
		err = -errno;
	} else {
		if (mount(OWN, path, NULL, MS_BIND, NULL))
			err = -errno;
		if (!err)
			err = link_up("lo", true);
		home_return();
	}
	if (err)
		netns_remove(path);
	return err;
}

int netns_possible(void)
{
	int err = home_open();

	if (err)
		return err;
	if (unshare(CLONE_NEWNET))
		return -errno;
	home_return();
	return 0;
}

int netns_make(const char *path)
{
	int err = home_open();

	return err || netns_is(path) ? err : make(path);
}

void netns_remove(const char *path)
{
	while (!umount2(path, MNT_DETACH))
		;
	unlink(path);
}

int netns_enter(const char *path)
{
	int fd, err;

	if (!*path)
		return 0;
	err = home_open();
	if (err)
		return err;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (setns(fd, CLONE_NEWNET))
		err = -errno;
	close(fd);
	return err;
}

void netns_leave(void)
{
	if (home >= 0)
		home_return();
}

/* ---- interfaces ---- */

/* Given to the kernel by `change`, with the descriptor of the namespace. */
static int with_descriptor(const char *path, int (*change)(struct nl_sock *sock, int fd, void *arg),
			   void *arg)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), err = fd < 0 ? -errno : 0;
	struct nl_sock *sock = route_socket();

	if (!sock)
		err = -ENOMEM;
	if (!err)
		err = change(sock, fd, arg);
	nl_socket_free(sock);
	if (fd >= 0)
		close(fd);
	return err;
}

static int take(struct nl_sock *sock, int fd, void *arg)
{
	struct rtnl_link *link = NULL, *wanted = rtnl_link_alloc();
	int err = wanted ? route_error(rtnl_link_get_kernel(sock, 0, arg, &link)) : -ENOMEM;

	if (!err) {
		rtnl_link_set_ns_fd(wanted, fd);
		err = route_error(rtnl_link_change(sock, link, wanted, 0));
	}
	rtnl_link_put(link);
	rtnl_link_put(wanted);
	return err;
}

int netns_take(const char *path, const char *interface)
{
	return with_descriptor(path, take, (void *)interface);
}

static int pair(struct nl_sock *sock, int fd, void *arg)
{
	const char *const *names = arg;
	struct rtnl_link *link = rtnl_link_veth_alloc(), *far;
	int err;

	if (!link)
		return -ENOMEM;
	far = rtnl_link_veth_get_peer(link);
	rtnl_link_set_name(link, names[0]);
	rtnl_link_set_name(far, names[1]);
	rtnl_link_set_ns_fd(far, fd);
	err = route_error(rtnl_link_add(sock, link, NLM_F_CREATE | NLM_F_EXCL));
	rtnl_link_put(far);
	rtnl_link_put(link);
	return err;
}

int netns_pair(const char *path, const char *near, const char *far)
{
	const char *names[] = {near, far};

	return with_descriptor(path, pair, names);
}
