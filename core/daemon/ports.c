// SPDX-License-Identifier: GPL-2.0-or-later
#include "ports.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "core/api/log.h"
#include "core/api/model.h"
#include "core/api/plugin.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/config/document.h"
#include "core/config/model.h"
#include "core/config/problem.h"
#include "core/engine/compile.h"
#include "core/link/netlink.h"
#include "core/link/port.h"
#include "core/link/way.h"
#include "engines.h"

const char *const port_path[] = {"wire/optical", "wire/electrical"};

static char *interfaces_here(void)
{
	struct if_nameindex *all = if_nameindex();
	struct text text = {0};

	for (struct if_nameindex *i = all; i && i->if_index; i++)
		if (strcmp(i->if_name, "lo"))
			text_add(&text, "%s%s", text.length ? ", " : "", i->if_name);
	if_freenameindex(all);
	if (!text.length)
		text_add(&text, "none");
	return text_take(&text);
}

void port_refuse(struct fer_problems *list, int port, const char *name, int err, const char *holder)
{
	const struct fer_model *at = fer_config_find(model_of(list->document), port_path[port]);
	mem_auto char *here = interfaces_here();

	if (err == -ENODEV)
		fer_problem(list, at, "there is no interface '%s'; here are %s", name, here);
	else if (err == -EBUSY)
		fer_problem(list, at,
			    "interface '%s' belongs to '%s'; take it out first: ip link set %s "
			    "nomaster",
			    name, holder, name);
	else
		fer_problem(list, at, "interface '%s': %s", name, strerror(-err));
}

static void address_count(const char *address, void *arg)
{
	(void)address;
	++*(unsigned *)arg;
}

/* What is no reason to refuse a port, but will be asked about. */
static void ports_remark(const struct backend_ports *ports, const unsigned mtu[2])
{
	for (int port = PORT_OPTICAL; port <= PORT_ELECTRICAL; port++) {
		unsigned addresses = 0;

		netlink_addresses(ports->ifindex[port], address_count, &addresses);
		if (addresses)
			fer_log_warn("wire: %s has an address: what this machine sends by it does "
				     "not come from the wire; 'ip addr flush dev %s'",
				     ports->name[port], ports->name[port]);
	}
	if (mtu[0] != mtu[1])
		fer_log_warn("wire: the MTU of %s is %u, of %s %u: longer frames do not cross",
			     ports->name[0], mtu[0], ports->name[1], mtu[1]);
}

bool ports_are_there(const struct document *to)
{
	for (int port = PORT_OPTICAL; port <= PORT_ELECTRICAL; port++) {
		const char *name =
			fer_model_text(fer_config_find(model_of(to), port_path[port]), NULL);

		if (!name || !if_nametoindex(name))
			return false;
	}
	return true;
}

/* Both ports present and free? Their indices go to *ports. */
int ports_check(const struct document *to, struct backend_ports *ports, unsigned *mtu,
		uint8_t mac[6], struct fer_problems *list)
{
	unsigned mtus[2] = {0, 0};
	int result = 0;

	*mtu = HOST_MTU_MAX;
	for (int port = PORT_OPTICAL; port <= PORT_ELECTRICAL; port++) {
		const char *name =
			fer_model_text(fer_config_find(model_of(to), port_path[port]), NULL);
		struct link_info info = {0};
		char holder[16] = "";
		int err = port_check(name, &info, holder);

		if (err) {
			port_refuse(list, port, name, err, holder);
			result = err;
			continue;
		}
		ports->ifindex[port] = info.ifindex;
		snprintf(ports->name[port], sizeof(ports->name[port]), "%s", name);
		mtus[port] = info.mtu;
		if (info.mtu < *mtu)
			*mtu = info.mtu;
		if (port == PORT_ELECTRICAL)
			memcpy(mac, info.mac, 6);
	}
	if (!result)
		ports_remark(ports, mtus);
	return result;
}

struct way_in {
	const char *via;
	bool found;
};

static void address_look(const char *address, void *arg)
{
	struct way_in *in = arg;
	size_t length = strlen(in->via);

	if (!strncmp(address, in->via, length) && address[length] == '/')
		in->found = true;
}

static int port_guard(const struct fer_model *at, const struct backend_ports *ports, int port,
		      const char *via, struct fer_problems *list)
{
	struct way_in in = {via, false};

	if (via)
		netlink_addresses(ports->ifindex[port], address_look, &in);
	if (!in.found && !way_out_is_by(ports->ifindex[port]))
		return 0;
	fer_problem(list, at,
		    "%s %s: as a port of the wire it would be taken from this machine; "
		    "take another one, or say force: true",
		    in.found ? "you came in by" : "the default route of this machine leaves by",
		    ports->name[port]);
	return -EPERM;
}

int ports_guard(const char *run_dir, const struct document *to, const struct backend_ports *ports,
		const char *via, struct fer_problems *list)
{
	int err = 0;

	if (fer_model_flag(fer_config_find(model_of(to), "wire"), "force"))
		return 0;
	for (int port = PORT_OPTICAL; port <= PORT_ELECTRICAL; port++)
		if (!port_is_claimed(ports->name[port], run_dir) &&
		    port_guard(fer_config_find(model_of(to), port_path[port]), ports, port, via,
			       list))
			err = -EPERM;
	return err;
}

void ports_disturb(void *context, const struct document *from, const struct document *to,
		   struct fer_disturbances *list)
{
	(void)context;
	if (!has_wire(from))
		return;
	if (!has_wire(to)) {
		fer_disturb(list, false, "no frame crosses any more");
		return;
	}
	for (int port = PORT_OPTICAL; port <= PORT_ELECTRICAL; port++) {
		const char *was =
			fer_model_text(fer_config_find(model_of(from), port_path[port]), NULL);
		const char *is =
			fer_model_text(fer_config_find(model_of(to), port_path[port]), NULL);

		if (strcmp(was, is))
			fer_disturb(list, false, "leaves %s for %s", was, is);
	}
}

void engine_refuse(struct fer_problems *list, int err, const struct compile_problem *problem,
		   const char *what, const struct backend_ports *ports)
{
	const struct fer_model *at = fer_config_find(model_of(list->document), "filter");

	for (int port = PORT_OPTICAL; port <= PORT_ELECTRICAL; port++)
		if (!strcmp(what, ports->name[port]))
			at = fer_config_find(model_of(list->document), port_path[port]);
	if (err == -E2BIG && problem->what)
		fer_problem(list, at, "too many %s: the engine has room for %u", problem->what,
			    problem->limit);
	else if (err == -EBUSY)
		fer_problem(list, at,
			    "interface '%s' has an XDP program already, of another ferruled or "
			    "tool: see 'ip link show %s'",
			    what, what);
	else if (err == -EPROTONOSUPPORT)
		fer_problem(list, at,
			    "interface '%s' takes VLAN tags out of frames and cannot be told not "
			    "to, and its driver does not give them to XDP: use another port, or "
			    "'wire: {xdp-mode: generic}', whose filters see no outer tag there",
			    what);
	else
		fer_problem(list, at, "%s: %s", what, strerror(-err));
}
