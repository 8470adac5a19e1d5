// SPDX-License-Identifier: GPL-2.0-or-later
#include "copier.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "ethtool.h"
#include "netlink.h"

enum {
	/* octets: a copy of 3,000, its label, and 82 of headers; what XDP before 5.18 takes */
	MTU = 3200,
};

static void ends(const char *interface, char near[16], char far[16])
{
	snprintf(near, 16, "%.13s-c", interface);
	snprintf(far, 16, "%.13s-x", interface);
}

static int end_configure(const char *name)
{
	int err = netlink_sysctl6(name, "disable_ipv6", 1);

	if (!err)
		err = netlink_mtu_set(name, MTU);
	ethtool_plain(name);
	return err ? err : netlink_link_set(name, true, false);
}

int copier_make(const char *interface, struct backend_ports *ports, bool *fresh)
{
	static const uint8_t mac[6] = {0x02, 0xfe, 0, 0, 0, 0x0c}; /* no frame is sent to it */
	struct link_info info;
	char near[16], far[16];
	int err;

	ends(interface, near, far);
	err = netlink_link_get(near, &info);
	*fresh = err == -ENODEV;
	if (*fresh)
		err = netlink_veth_add(near, far, mac);
	else if (!err && (strcmp(info.kind, "veth") || strcmp(info.peer, far)))
		return -EEXIST;
	if (!err)
		err = end_configure(near);
	if (!err)
		err = end_configure(far);
	if (!err)
		err = netlink_link_get(near, &info);
	ports->copier = info.ifindex;
	if (!err)
		err = netlink_link_get(far, &info);
	if (err)
		return err;
	ports->ifindex[LINK_COPIER] = info.ifindex;
	snprintf(ports->name[LINK_COPIER], sizeof(ports->name[LINK_COPIER]), "%s", far);
	return 0;
}

void copier_remove(const char *interface)
{
	struct link_info info;
	char near[16], far[16];

	ends(interface, near, far);
	if (!netlink_link_get(near, &info) && !strcmp(info.peer, far))
		netlink_link_del(near);
}
