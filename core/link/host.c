// SPDX-License-Identifier: GPL-2.0-or-later
#include "host.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/file.h"
#include "core/base/mem.h"
#include "ethtool.h"
#include "netlink.h"

void host_engine_name(const char *interface, char name[16])
{
	snprintf(name, 16, "%.13s-e", interface);
}

/* Both ends silent before they are up. */
static int ends_silence(const char *interface, const char *engine)
{
	int err = netlink_sysctl6(interface, "disable_ipv6", 1);

	return err ? err : netlink_sysctl6(engine, "disable_ipv6", 1);
}

static int ends_configure(const char *interface, const char *engine, unsigned mtu)
{
	int err = netlink_mtu_set(engine, mtu);

	if (!err)
		err = netlink_mtu_set(interface, mtu);
	ethtool_host(interface);
	ethtool_plain(engine);
	if (!err)
		err = netlink_link_set(engine, true, false);
	if (!err)
		err = netlink_link_set(interface, true, false);
	return err;
}

int host_link_make(const char *interface, const uint8_t mac[6], unsigned mtu, bool *fresh)
{
	struct link_info info;
	char engine[16];
	int err = netlink_link_get(interface, &info);

	host_engine_name(interface, engine);
	*fresh = err == -ENODEV;
	if (*fresh) {
		err = netlink_veth_add(interface, engine, mac);
		if (!err)
			err = ends_silence(interface, engine);
	} else if (!err && (strcmp(info.kind, "veth") || strcmp(info.peer, engine))) {
		return -EEXIST;
	}
	return err ? err : ends_configure(interface, engine, mtu);
}

void host_link_remove(const char *interface)
{
	struct link_info info;
	char engine[16];

	host_engine_name(interface, engine);
	if (!netlink_link_get(interface, &info) && !strcmp(info.peer, engine))
		netlink_link_del(interface);
}

static uint64_t hash(uint64_t state, const void *data, size_t size)
{
	for (size_t i = 0; i < size; i++)
		state = (state ^ ((const uint8_t *)data)[i]) * 0x100000001b3ULL;
	return state;
}

void host_mac_make(const uint8_t port_mac[6], uint8_t mac[6])
{
	mem_auto char *machine = NULL;
	uint64_t value = 0xcbf29ce484222325ULL;
	size_t size = 0;

	if (!file_read("/etc/machine-id", 4096, &machine, &size))
		value = hash(value, machine, size);
	value = hash(value, port_mac, 6);
	for (int i = 0; i < 6; i++)
		mac[i] = value >> 8 * i;
	mac[0] = (mac[0] & 0xfc) | 0x02;
}
