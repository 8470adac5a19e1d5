// SPDX-License-Identifier: GPL-2.0-or-later
#include "space.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "load.h"
#include "services/netdev/link.h"
#include "services/netdev/netns.h"
#include "services/netdev/route.h"

void space_path(const char *run_dir, char *path, size_t size)
{
	snprintf(path, size, "%.240s/oob.netns", run_dir);
}

void space_near(const struct oob_config *config, char name[16])
{
	snprintf(name, 16, "%.10s-in", config->base);
}

static int forwarding_on(const char *family)
{
	char path[64];
	int fd, err = 0;

	snprintf(path, sizeof(path), "/proc/sys/net/%s/conf/all/forwarding", family);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (write(fd, "1", 1) != 1)
		err = -errno;
	close(fd);
	return err;
}

static bool has_six(void)
{
	return !access("/proc/sys/net/ipv6", F_OK);
}

static int end_configure(const char *name, const char *four, const char *six)
{
	const char *const addresses[] = {four, has_six() ? six : NULL, NULL};
	int err = link_up(name, true);

	return err ? err : route_addresses(name, addresses);
}

/* In the namespace everything is forwarded; what may be, nftables say. */
static int inside_configure(void)
{
	int err = end_configure(SPACE_INSIDE, SPACE_INSIDE4 "/30", SPACE_INSIDE6 "/126");

	if (!err)
		err = forwarding_on("ipv4");
	if (!err && has_six())
		err = forwarding_on("ipv6");
	return err;
}

/* One by another name is of an earlier configuration. */
static int pair_make(const struct oob_config *c)
{
	struct link_state link;
	char near[16];
	int err;

	space_near(c, near);
	if (!link_look(near, &link))
		return 0;
	err = netns_enter(c->space);
	if (err)
		return err;
	link_remove(SPACE_INSIDE);
	netns_leave();
	return netns_pair(c->space, near, SPACE_INSIDE);
}

int space_make(const struct oob_config *c)
{
	char near[16];
	int err = netns_make(c->space);

	space_near(c, near);
	if (!err)
		err = pair_make(c);
	if (!err)
		err = end_configure(near, SPACE_MODULE4 "/30", SPACE_MODULE6 "/126");
	if (!err)
		err = netns_enter(c->space);
	if (err)
		return err;
	err = inside_configure();
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
