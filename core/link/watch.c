// SPDX-License-Identifier: GPL-2.0-or-later
#include "watch.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/mem.h"

struct link_watch {
	int fd;
	struct fer_event *event;
	fer_event_fn *changed;
	void *arg;
};

/* What is said is not read: whoever wants to know looks, and loses nothing when this overflows. */
static void heard(void *arg)
{
	struct link_watch *watch = arg;
	char buffer[8192];

	while (recv(watch->fd, buffer, sizeof(buffer), MSG_DONTWAIT) > 0)
		;
	watch->changed(watch->arg);
}

struct link_watch *link_watch_new(fer_event_fn *changed, void *arg)
{
	const struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
	struct link_watch *watch;

	if (fd < 0)
		return NULL;
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address))) {
		close(fd);
		return NULL;
	}
	watch = mem_zalloc(sizeof(*watch));
	*watch = (struct link_watch){.fd = fd, .changed = changed, .arg = arg};
	watch->event = fer_reader_new(fd, heard, watch);
	return watch;
}

void link_watch_free(struct link_watch *watch)
{
	if (!watch)
		return;
	fer_event_free(watch->event);
	close(watch->fd);
	free(watch);
}
