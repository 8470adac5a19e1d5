// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest_state.h"

#include <arpa/inet.h>
#include <libyang/libyang.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/api/model.h"
#include "core/api/state.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/config/model.h"
#include "core/control/state.h"
#include "core/engine/engine.h"
#include "guests.h"
#include "loans.h"
#include "wire.h"

enum { FLOWS_SHOWN = 1000, SEEN_MAX = 4096 };

static const char *const side[] = {"optical", "electrical"};

/* ---- loans ---- */

static void lent_add(struct text *text, const struct fer_model *at, const char *name,
		     const char *label)
{
	const struct fer_model *value = fer_model_find(at, name);

	for (bool first = true; value; value = fer_model_next(value), first = false)
		text_add(text, "%s%s%s",
			 !first		? ","
			 : text->length ? "; "
					: "",
			 first ? label : "", fer_model_text(value, NULL));
}

static char *lent_words(const struct fer_model *loan)
{
	struct text text = {0};

	lent_add(&text, loan, "tcp", "tcp ");
	lent_add(&text, loan, "udp", "udp ");
	lent_add(&text, loan, "source-ports", "from ");
	return text_take(&text);
}

static void counters_add(struct lyd_node *entry, const char *name, uint64_t packets, uint64_t bytes)
{
	struct lyd_node *inner;

	lyd_new_inner(entry, NULL, name, 0, &inner);
	state_leaf_number(inner, "packets", packets);
	state_leaf_number(inner, "bytes", bytes);
}

static void owner_add(struct lyd_node *entry, const struct owner *owner)
{
	char text[80];

	state_leaf(entry, "state", owner_state_name(owner->state));
	if (*owner->reason)
		state_leaf(entry, "reason", owner->reason);
	if (owner->is_known) {
		owner_words(&owner->known, text, sizeof(text));
		state_leaf(entry, "port", side[owner->known.side & 1]);
		state_leaf(entry, "owner", text);
	}
	if (owner->has_gateway)
		state_leaf_mac(entry, "gateway", owner->gateway);
}

static void owner_ports_add(struct lyd_node *entry, unsigned number,
			    const struct backend_sighting *seen, unsigned count)
{
	char text[32];

	for (unsigned i = 0; i < count; i++) {
		if (seen[i].loan != number || seen[i].kind != SEEN_PORT)
			continue;
		snprintf(text, sizeof(text), "%s %u", seen[i].protocol == 6 ? "tcp" : "udp",
			 seen[i].port);
		state_leaf(entry, "owner-port", text);
	}
}

void loan_state_add(struct fer_state *state, const struct wire *wire,
		    const struct fer_config *config)
{
	const struct fer_model *loan = fer_config_find(config, "loan");
	struct engine *engine = wire_engine(wire);
	struct backend_loan_count count[LOANS_MAX] = {0};
	mem_auto struct backend_sighting *seen = NULL;
	unsigned seen_count = 0, number;

	if (!loan || !engine)
		return;
	seen = mem_alloc(SEEN_MAX * sizeof(*seen));
	seen_count = engine_sightings(engine, seen, SEEN_MAX);
	engine_loans(engine, count);
	for (; loan; loan = fer_model_next(loan)) {
		const char *address = fer_model_text(loan, "address");
		const struct owner *owner =
			loans_get(guests_loans(wire_guests(wire)), address, &number);
		mem_auto char *lent = lent_words(loan);
		struct lyd_node *entry;

		lyd_new_list(state->root, NULL, "loan", 0, &entry, address);
		state_leaf(entry, "lent", lent);
		if (!owner) {
			state_leaf(entry, "state", "off");
			continue;
		}
		owner_add(entry, owner);
		owner_ports_add(entry, number, seen, seen_count);
		counters_add(entry, "received", count[number].rx_packets, count[number].rx_bytes);
		counters_add(entry, "sent", count[number].tx_packets, count[number].tx_bytes);
	}
}

/* ---- flows ---- */

static void end_add(struct lyd_node *entry, const char *name, unsigned family,
		    const uint8_t address[16], uint16_t port)
{
	char text[INET6_ADDRSTRLEN], both[INET6_ADDRSTRLEN + 10];

	inet_ntop(family == 4 ? AF_INET : AF_INET6, address, text, sizeof(text));
	snprintf(both, sizeof(both), family == 4 ? "%s:%u" : "[%s]:%u", text, port);
	state_leaf(entry, name, both);
}

static void flow_add(struct fer_state *state, unsigned number, const struct backend_flow *flow)
{
	struct lyd_node *entry;
	char text[16];

	snprintf(text, sizeof(text), "%u", number);
	lyd_new_list(state->root, NULL, "flow", 0, &entry, text);
	state_leaf(entry, "protocol",
		   flow->protocol == 6	  ? "tcp"
		   : flow->protocol == 17 ? "udp"
					  : "other");
	end_add(entry, "remote", flow->family, flow->remote, flow->remote_port);
	end_add(entry, "local", flow->family, flow->local, flow->local_port);
	state_leaf(entry, "port", side[flow->side & 1]);
	state_leaf_mac(entry, "mac-address", flow->mac);
	state_leaf(entry, "by", flow->loan ? "loan" : "filter");
	state_leaf(entry, "answered", flow->answered ? "true" : "false");
	state_leaf_number(entry, "age", flow->age);
}

void flow_state_add(struct fer_state *state, const struct wire *wire)
{
	mem_auto struct backend_flow *flow = mem_alloc(FLOWS_SHOWN * sizeof(*flow));
	struct engine *engine = wire_engine(wire);
	struct backend_flow_tables tables;
	unsigned count = engine ? engine_flows(engine, flow, FLOWS_SHOWN, &tables) : 0;

	for (unsigned i = 0; i < count; i++)
		flow_add(state, i + 1, &flow[i]);
}

void flow_table_state_add(struct fer_state *state, const struct wire *wire)
{
	struct engine *engine = wire_engine(wire);
	struct backend_flow_tables tables = {0};

	if (engine)
		engine_flows(engine, NULL, 0, &tables);
	if (!tables.room)
		return;
	fer_state_number(state, tables.room, "flow-table/room");
	fer_state_number(state, tables.answered, "flow-table/answered");
	fer_state_number(state, tables.fresh, "flow-table/new");
	fer_state_number(state, tables.owners, "flow-table/owners");
}
