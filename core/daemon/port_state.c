// SPDX-License-Identifier: GPL-2.0-or-later
#include "port_state.h"

#include <libyang/libyang.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/api/state.h"
#include "core/base/mem.h"
#include "core/control/state.h"
#include "core/engine/backend.h"
#include "core/link/ethtool.h"
#include "core/link/module.h"
#include "core/link/netlink.h"
#include "wire.h"

static const char *const side[] = {"optical", "electrical"};

static void errors_add(struct fer_state *state, const char *base, const char *interface)
{
	struct link_errors e;

	if (netlink_errors(interface, &e))
		return;
	fer_state_number(state, e.receive, "%s/errors/receive", base);
	fer_state_number(state, e.receive_dropped, "%s/errors/receive-dropped", base);
	fer_state_number(state, e.crc, "%s/errors/crc", base);
	fer_state_number(state, e.length, "%s/errors/length", base);
	fer_state_number(state, e.send, "%s/errors/send", base);
	fer_state_number(state, e.send_dropped, "%s/errors/send-dropped", base);
	fer_state_number(state, e.carrier, "%s/errors/carrier", base);
}

static void decimal_add(struct fer_state *state, double value, unsigned digits, const char *base,
			const char *name)
{
	mem_auto char *text = mem_printf("%.*f", digits, value);

	fer_state_text(state, text, "%s/%s", base, name);
}

/* dBm of mW; no light is -40, as modules have it. */
static double dbm(double milliwatt)
{
	return milliwatt > 0.0001 ? 10 * log10(milliwatt) : -40;
}

static void module_add(struct fer_state *state, const char *base, const char *interface)
{
	mem_auto char *at = mem_printf("%s/module", base);
	struct module module;

	if (module_read(interface, &module))
		return;
	fer_state_text(state, module.vendor, "%s/vendor", at);
	fer_state_text(state, module.part, "%s/part", at);
	fer_state_text(state, module.serial, "%s/serial", at);
	if (!module.diagnostics)
		return;
	decimal_add(state, module.temperature, 1, at, "temperature");
	decimal_add(state, module.voltage, 3, at, "voltage");
	for (unsigned i = 0; i < module.lanes; i++) {
		mem_auto char *lane = mem_printf("%s/lane[number='%u']", at, i + 1);

		decimal_add(state, dbm(module.lane[i].rx_power), 2, lane, "receive-power");
		decimal_add(state, dbm(module.lane[i].tx_power), 2, lane, "send-power");
		decimal_add(state, module.lane[i].bias, 2, lane, "bias");
	}
}

static void port_add(struct fer_state *state, const char *name, const char *interface, bool held)
{
	mem_auto char *base = mem_printf("port[name='%s']", name);
	struct link_info info = {0};
	unsigned speed = ethtool_speed(interface);

	fer_state_text(state, interface, "%s/interface", base);
	if (netlink_link_get(interface, &info)) {
		fer_state_text(state, "missing", "%s/link", base);
		return;
	}
	fer_state_text(state, held ? "held down" : info.carrier ? "up" : "down", "%s/link", base);
	fer_state_number(state, info.mtu, "%s/mtu", base);
	if (speed)
		fer_state_number(state, speed, "%s/speed", base);
	errors_add(state, base, interface);
	module_add(state, base, interface);
}

void port_state_add(struct fer_state *state, const struct wire *wire)
{
	const struct backend_ports *ports = wire_ports(wire);

	for (int port = 0; wire_engine(wire) && port < 2; port++)
		if (ports->ifindex[port])
			port_add(state, side[port], ports->name[port], wire_holds(wire, port));
}
