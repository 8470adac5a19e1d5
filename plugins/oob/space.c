// SPDX-License-Identifier: GPL-2.0-or-later
#include "space.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "load.h"
#include "services/netdev/link.h"
#include "services/netdev/netns.h"
#include "services/netdev/route.h"

enum { MTU_ETHERNET = 1500 };

void space_path(const char *run_dir, char *path, size_t size)
{
	snprintf(path, size, "%.240s/oob.netns", run_dir);
}

void space_near(const struct oob_config *config, char name[16])
{
	snprintf(name, 16, "%.10s-in", config->base);
}

static bool has_six(void)
{
	return !access("/proc/sys/net/ipv6", F_OK);
}

/* A machine that has IPv6 switched off has the rest all the same. */
static int end_configure(const char *name, unsigned mtu, const char *four, const char *six)
{
	const char *const both[] = {four, six, NULL}, *const one[] = {four, NULL};
	int err = link_tune(name, mtu, 0);

	if (!err)
		err = link_up(name, true);
	if (!err && has_six() && !route_addresses(name, both))
		return 0;
	return err ? err : route_addresses(name, one);
}

/* In the namespace everything is forwarded; what may be, nftables say. */
static int inside_configure(unsigned mtu)
{
	int err = end_configure(SPACE_INSIDE, mtu, SPACE_INSIDE4 "/30", SPACE_INSIDE6 "/126");

	if (!err)
		err = link_setting("ipv4/conf/all", "forwarding", '1');
	if (!err && has_six())
		link_setting("ipv6/conf/all", "forwarding", '1');
	return err;
}

/* One by another name is of an earlier configuration. */
static int pair_make(const struct oob_config *c)
{
	struct link_state link;
	bool there, other;
	char near[16];
	int err;

	space_near(c, near);
	there = !link_look(near, &link);
	err = netns_enter(c->space);
	if (err)
		return err;
	other = !link_look(SPACE_INSIDE, &link);
	if (other && !there)
		link_remove(SPACE_INSIDE);
	netns_leave();
	if (there && other)
		return 0;
	if (there) /* its other end is in a namespace that was lost */
		link_remove(near);
	return netns_pair(c->space, near, SPACE_INSIDE);
}

int space_make(const struct oob_config *c)
{
	unsigned mtu = c->mtu > MTU_ETHERNET ? c->mtu : MTU_ETHERNET;
	char near[16];
	int err = netns_make(c->space);

	space_near(c, near);
	if (!err)
		err = pair_make(c);
	if (!err)
		err = end_configure(near, mtu, SPACE_MODULE4 "/30", SPACE_MODULE6 "/126");
	if (!err)
		err = netns_enter(c->space);
	if (err)
		return err;
	err = inside_configure(mtu);
	netns_leave();
	return err;
}

void space_clear(const char *path)
{
	if (!netns_is(path))
		return;
	if (!netns_enter(path)) {
		link_remove(SPACE_INSIDE); /* and with it the other end */
		netns_leave();
	}
	netns_remove(path);
}
