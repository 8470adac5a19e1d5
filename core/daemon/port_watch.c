// SPDX-License-Identifier: GPL-2.0-or-later
#include "port_watch.h"

#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/api/event.h"
#include "core/api/log.h"
#include "core/base/mem.h"
#include "core/engine/backend.h"
#include "core/link/netlink.h"
#include "wire.h"

enum { LOOK_MS = 3000, WIRE_PORTS = 2 };

struct port_watch {
	const struct wire *wire;
	struct fer_event *timer;
	char why[WIRE_PORTS][200];
};

static void first_address(const char *address, void *arg)
{
	char *first = arg;

	if (!*first)
		snprintf(first, 64, "%s", address);
}

static void look_at(unsigned ifindex, const char *name, char why[200])
{
	char now[IF_NAMESIZE] = "", holder[IF_NAMESIZE] = "", address[64] = "";
	struct link_info info = {0};

	why[0] = '\0';
	if (!if_indextoname(ifindex, now))
		snprintf(why, 200, "%s is gone", name);
	else if (strcmp(now, name))
		snprintf(why, 200,
			 "%s is called %s now: frames cross, and a start would not find it: 'ip "
			 "link set %s down name %s'",
			 name, now, now, name);
	else if (!netlink_link_get(name, &info) && info.master)
		snprintf(why, 200,
			 "%s was put into %s, whose own frames go out onto the wire: 'ip link set "
			 "%s nomaster'",
			 name, if_indextoname(info.master, holder) ? holder : "a bridge", name);
	else if (!netlink_addresses(ifindex, first_address, address) && *address)
		snprintf(why, 200,
			 "%s has the address %s, and the machine speaks on the wire with it: 'ip "
			 "addr del %s dev %s'",
			 name, address, address, name);
}

static void look(void *arg)
{
	struct port_watch *watch = arg;
	const struct backend_ports *ports = wire_ports(watch->wire);

	fer_timer_start(watch->timer, LOOK_MS);
	for (int port = 0; port < WIRE_PORTS; port++) {
		char why[200] = "";

		if (wire_engine(watch->wire) && ports->ifindex[port])
			look_at(ports->ifindex[port], ports->name[port], why);
		if (*why && strcmp(why, watch->why[port]))
			fer_log_warn("wire: %s", why);
		memcpy(watch->why[port], why, sizeof(why));
	}
}

struct port_watch *port_watch_new(const struct wire *wire)
{
	struct port_watch *watch = mem_zalloc(sizeof(*watch));

	watch->wire = wire;
	watch->timer = fer_timer_new(look, watch);
	fer_timer_start(watch->timer, LOOK_MS);
	return watch;
}

void port_watch_free(struct port_watch *watch)
{
	if (!watch)
		return;
	fer_event_free(watch->timer);
	free(watch);
}

const char *port_watch_why(const struct port_watch *watch, int port)
{
	return watch->why[port];
}
