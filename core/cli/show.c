// SPDX-License-Identifier: GPL-2.0-or-later
#include "show.h"

#include <ctype.h>
#include <libfyaml.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "reply.h"
#include "table.h"

static bool is_true(struct fy_node *node, const char *key)
{
	return !strcmp(reply_text(node, key), "true");
}

static unsigned long long number(struct fy_node *node, const char *key)
{
	return strtoull(reply_text(node, key), NULL, 10);
}

/* 1234567 -> 1.23 M */
static char *scaled(unsigned long long value)
{
	static const char unit[] = " kMGTPE";
	double x = value;
	unsigned i = 0;

	if (value < 10000)
		return mem_printf("%llu", value);
	while (x >= 1000 && i < 6) {
		x /= 1000;
		i++;
	}
	return mem_printf("%.4g %c", x, unit[i]);
}

static char *duration(unsigned long long s)
{
	if (s < 60)
		return mem_printf("%llu s", s);
	if (s < 3600)
		return mem_printf("%llu min %llu s", s / 60, s % 60);
	if (s < 86400)
		return mem_printf("%llu h %llu min", s / 3600, s % 3600 / 60);
	return mem_printf("%llu d %llu h", s / 86400, s % 86400 / 3600);
}

static char *joined(struct fy_node *list)
{
	struct text text = {0};
	struct fy_node *item;
	void *iterator = NULL;

	while ((item = reply_next(list, &iterator)))
		text_add(&text, "%s%s", text.length ? ", " : "", reply_scalar(item));
	return text_take(&text);
}

/* ---- parts ---- */

static void show_ports(struct fy_node *wire)
{
	struct table *table = table_new(
		"PORT|INTERFACE|LINK|MODE|>MTU|>RX FRAMES|>RX BYTES|>TX FRAMES|>TX BYTES|>DROPPED");
	struct fy_node *list = reply_child(wire, "port"), *port;
	void *iterator = NULL;

	while ((port = reply_next(list, &iterator))) {
		struct fy_node *rx = reply_child(port, "received"), *tx = reply_child(port, "sent");
		mem_auto char *rx_packets = scaled(number(rx, "packets"));
		mem_auto char *rx_bytes = scaled(number(rx, "bytes"));
		mem_auto char *tx_packets = scaled(number(tx, "packets"));
		mem_auto char *tx_bytes = scaled(number(tx, "bytes"));
		mem_auto char *dropped = scaled(number(port, "dropped"));

		table_add(table, reply_text(port, "name"), reply_text(port, "interface"),
			  !is_true(port, "present")  ? "missing"
			  : is_true(port, "held")    ? "held down"
			  : is_true(port, "carrier") ? "up"
						     : "down",
			  reply_text(port, "mode"), reply_text(port, "mtu"), rx_packets, rx_bytes,
			  tx_packets, tx_bytes, dropped);
	}
	table_print(table);
	table_free(table);
}

/* "3 (2 crc)" */
static char *errors_words(struct fy_node *errors, const char *all, const char *some,
			  const char *what)
{
	unsigned long long count = number(errors, all), part = number(errors, some);

	if (!part)
		return mem_printf("%llu", count);
	return mem_printf("%llu (%llu %s)", count, part, what);
}

static void health_row(struct table *table, struct fy_node *port)
{
	struct fy_node *errors = reply_child(port, "errors"), *module = reply_child(port, "module");
	void *iterator = NULL;
	struct fy_node *lane = reply_next(reply_child(module, "lane"), &iterator);
	mem_auto char *received = errors_words(errors, "receive", "crc", "crc");
	mem_auto char *sent = errors_words(errors, "send", "carrier", "carrier");
	mem_auto char *name =
		mem_printf("%s %s", reply_text(module, "vendor"), reply_text(module, "part"));

	table_cell(table, reply_text(port, "name"));
	table_cell(table, reply_text(port, "interface"));
	table_cell(table, reply_text(port, "link"));
	table_cell(table, reply_text(port, "speed"));
	table_cell(table, received);
	table_cell(table, reply_text(errors, "receive-dropped"));
	table_cell(table, sent);
	table_cell(table, reply_text(errors, "send-dropped"));
	table_cell(table, module ? name : "");
	table_cell(table, reply_text(module, "temperature"));
	table_cell(table, reply_text(module, "voltage"));
	table_cell(table, reply_text(lane, "receive-power"));
	table_cell(table, reply_text(lane, "send-power"));
}

static void show_health(struct fy_node *list)
{
	struct table *table =
		table_new("PORT|INTERFACE|LINK|>MBIT/S|>RX ERR|>RX DROP|>TX ERR|>TX DROP|MODULE|"
			  ">DEG C|>V|>RX dBm|>TX dBm");
	struct fy_node *port;
	void *iterator = NULL;

	while ((port = reply_next(list, &iterator)))
		health_row(table, port);
	table_print(table);
	table_free(table);
}

static void show_filters(struct fy_node *list)
{
	struct table *table =
		table_new(">NR|NAME|FROM|MATCH|COPIES|ACTION|>PACKETS|>BYTES|ENABLED");
	struct fy_node *filter;
	void *iterator = NULL;

	while ((filter = reply_next(list, &iterator)))
		table_add(table, reply_text(filter, "number"), reply_text(filter, "name"),
			  reply_text(filter, "from"), reply_text(filter, "match"),
			  reply_text(filter, "copies"), reply_text(filter, "action"),
			  reply_text(filter, "packets"), reply_text(filter, "bytes"),
			  is_true(filter, "left-out")  ? "left out"
			  : is_true(filter, "enabled") ? "yes"
						       : "no");
	table_print(table);
	table_free(table);
}

static void show_sessions(struct fy_node *list)
{
	struct table *table = table_new("SESSION|COLLECTOR|>VERSION|>ID|STATE|PORT|>SENT|>BYTES|>"
					"TRUNCATED|>DROPPED|REASON");
	struct fy_node *session;
	void *iterator = NULL;

	while ((session = reply_next(list, &iterator))) {
		mem_auto char *sent = scaled(number(session, "packets"));
		mem_auto char *bytes = scaled(number(session, "bytes"));
		mem_auto char *truncated = scaled(number(session, "truncated"));
		mem_auto char *dropped =
			scaled(number(session, "limited") + number(session, "oversized") +
			       number(session, "looped"));

		table_add(table, reply_text(session, "name"), reply_text(session, "destination"),
			  reply_text(session, "version"), reply_text(session, "session-id"),
			  reply_text(session, "state"), reply_text(session, "port"), sent, bytes,
			  truncated, dropped, reply_text(session, "reason"));
	}
	table_print(table);
	table_free(table);
}

static void show_captures(struct fy_node *list)
{
	struct table *table =
		table_new("CAPTURE|STATE|>FRAMES|>BYTES|>LOST|>FILES|>SIZE|FOLDER|REASON");
	struct fy_node *capture;
	void *iterator = NULL;

	while ((capture = reply_next(list, &iterator))) {
		mem_auto char *frames = scaled(number(capture, "packets"));
		mem_auto char *bytes = scaled(number(capture, "bytes"));
		mem_auto char *lost = scaled(number(capture, "lost"));
		mem_auto char *size = mem_printf("%.1f MB", number(capture, "size") / 1e6);

		table_add(table, reply_text(capture, "name"), reply_text(capture, "state"), frames,
			  bytes, lost, reply_text(capture, "files"), size,
			  reply_text(capture, "folder"), reply_text(capture, "reason"));
	}
	table_print(table);
	table_free(table);
}

static void show_loans(struct fy_node *list)
{
	struct table *table =
		table_new("LOAN|STATE|LENT|OWNER|GATEWAY|>RECEIVED|>SENT|OWNER ANSWERS ON|REASON");
	struct fy_node *loan;
	void *iterator = NULL;

	while ((loan = reply_next(list, &iterator))) {
		mem_auto char *received = scaled(number(reply_child(loan, "received"), "packets"));
		mem_auto char *sent = scaled(number(reply_child(loan, "sent"), "packets"));
		mem_auto char *ports = joined(reply_child(loan, "owner-port"));

		table_add(table, reply_text(loan, "address"), reply_text(loan, "state"),
			  reply_text(loan, "lent"), reply_text(loan, "owner"),
			  reply_text(loan, "gateway"), received, sent, ports,
			  reply_text(loan, "reason"));
	}
	table_print(table);
	table_free(table);
}

static void show_flows(struct fy_node *list)
{
	struct table *table =
		table_new("PROTOCOL|REMOTE|ANSWERED AS|PORT|MAC ADDRESS|BY|ANSWERED|>AGE");
	struct fy_node *flow;
	void *iterator = NULL;

	while ((flow = reply_next(list, &iterator))) {
		mem_auto char *age = duration(number(flow, "age"));

		table_add(table, reply_text(flow, "protocol"), reply_text(flow, "remote"),
			  reply_text(flow, "local"), reply_text(flow, "port"),
			  reply_text(flow, "mac-address"), reply_text(flow, "by"),
			  is_true(flow, "answered") ? "yes" : "no", age);
	}
	table_print(table);
	table_free(table);
}

static void show_services(struct fy_node *list)
{
	struct table *table =
		table_new("SERVICE|ROLE|STATE|>SERVING|>PID|>MEMORY|>RESTARTS|REASON");
	struct fy_node *service;
	void *iterator = NULL;

	while ((service = reply_next(list, &iterator))) {
		mem_auto char *serving = *reply_text(service, "serving")
						 ? duration(number(service, "serving"))
						 : mem_strdup("");
		mem_auto char *memory = mem_printf("%.1f MB", number(service, "memory") / 1e6);

		table_add(table, reply_text(service, "name"), reply_text(service, "role"),
			  reply_text(service, "state"), serving, reply_text(service, "pid"), memory,
			  reply_text(service, "restarts"), reply_text(service, "reason"));
	}
	table_print(table);
	table_free(table);
}

static void show_neighbours(struct fy_node *list)
{
	struct table *table = table_new("MAC ADDRESS|PORT|>AGE");
	struct fy_node *entry;
	void *iterator = NULL;

	while ((entry = reply_next(list, &iterator))) {
		mem_auto char *age = duration(number(entry, "age"));

		table_add(table, reply_text(entry, "mac-address"), reply_text(entry, "port"), age);
	}
	table_print(table);
	table_free(table);
}

/* ---- status ---- */

static void status_governor(struct fy_node *governor)
{
	mem_auto char *shed = joined(reply_child(governor, "shed"));

	if (!governor)
		return;
	printf("governor    ");
	if (*reply_text(governor, "temperature"))
		printf("%s degrees, ", reply_text(governor, "temperature"));
	printf("CPU %s percent", reply_text(governor, "cpu"));
	if (*shed)
		printf("; %swithout %s%s", colour_bad(), shed, colour_plain());
	printf("\n");
}

static void status_left_out(struct fy_node *list)
{
	struct fy_node *entry;
	void *iterator = NULL;

	while ((entry = reply_next(list, &iterator)))
		printf("            %sleft out, tried again: %s%s: %s\n", colour_bad(),
		       reply_text(entry, "path"), colour_plain(), reply_text(entry, "reason"));
}

static void status_commit(struct fy_node *commit)
{
	struct fy_node *list = reply_child(commit, "differs"), *line;
	void *iterator = NULL;

	printf("commit      %s", reply_text(commit, "number"));
	if (is_true(commit, "pending"))
		printf(", %srolls back in %s s unless confirmed%s", colour_bad(),
		       reply_text(commit, "pending-seconds"), colour_plain());
	if (is_true(commit, "candidate-differs"))
		printf(", the candidate differs ('ferrule diff')");
	printf("\n");
	if (*reply_text(commit, "rolled-back"))
		printf("            %s%s%s\n", colour_bad(), reply_text(commit, "rolled-back"),
		       colour_plain());
	if (*reply_text(commit, "unwritten"))
		printf("            %snot on disk yet, tried again: %s%s\n", colour_bad(),
		       reply_text(commit, "unwritten"), colour_plain());
	while ((line = reply_next(list, &iterator)))
		printf("            not restored: %s\n", reply_scalar(line));
	status_left_out(reply_child(commit, "left-out"));
}

static void status_wire(struct fy_node *wire, struct fy_node *host)
{
	mem_auto char *addresses = joined(reply_child(host, "address"));
	bool forwarding = is_true(wire, "forwarding");

	if (wire && !is_true(wire, "configured")) {
		printf("wire        none: 'ferrule set wire optical IF', 'ferrule set wire "
		       "electrical IF' "
		       "and 'ferrule commit --confirm 5' make one\n");
		return;
	}
	printf("wire        %s%s%s, engine %s%s\n", forwarding ? colour_good() : colour_bad(),
	       forwarding ? "forwarding" : "not forwarding", colour_plain(),
	       reply_text(wire, "engine"), is_true(wire, "adopted") ? ", adopted" : "");
	printf("host link   %s %s, %s; %s frames kept back by the rate limit\n",
	       reply_text(host, "interface"), reply_text(host, "mac-address"),
	       *addresses ? addresses : "no address", reply_text(host, "policed"));
}

void show_status(struct fy_node *state)
{
	struct fy_node *system = reply_child(state, "system"), *wire = reply_child(state, "wire");
	struct fy_node *host = reply_child(state, "host-link");
	mem_auto char *uptime = duration(number(system, "uptime"));
	struct fy_node *conflicts = reply_child(host, "conflict"), *conflict;
	void *iterator = NULL;

	printf("%s%s%s  ferruled %s, up %s, %.1f MB\n", colour_bold(), reply_text(system, "name"),
	       colour_plain(), reply_text(system, "software"), uptime,
	       number(system, "memory") / 1e6);
	status_wire(wire, host);
	while ((conflict = reply_next(conflicts, &iterator)))
		printf("            %s%s is in use by somebody else%s\n", colour_bad(),
		       reply_scalar(conflict), colour_plain());
	status_commit(reply_child(state, "commit"));
	status_governor(reply_child(state, "governor"));
	printf("\n");
	show_ports(wire);
	if (reply_child(state, "filter")) {
		printf("\n");
		show_filters(reply_child(state, "filter"));
	}
	if (reply_child(state, "erspan")) {
		printf("\n");
		show_sessions(reply_child(state, "erspan"));
	}
	if (reply_child(state, "capture")) {
		printf("\n");
		show_captures(reply_child(state, "capture"));
	}
	if (reply_child(state, "loan")) {
		printf("\n");
		show_loans(reply_child(state, "loan"));
	}
	if (reply_child(state, "service")) {
		printf("\n");
		show_services(reply_child(state, "service"));
	}
}

/* ---- show ---- */

/* Entries that hold nothing but values make a table, of all the keys that any of them has. */
static bool is_tabular(struct fy_node *list)
{
	struct fy_node *item;
	void *iterator = NULL;
	bool any = false;

	while ((item = reply_next(list, &iterator))) {
		struct fy_node_pair *pair;
		void *inner = NULL;

		if (!fy_node_is_mapping(item))
			return false;
		while ((pair = fy_node_mapping_iterate(item, &inner)))
			if (!fy_node_is_scalar(fy_node_pair_value(pair)))
				return false;
		any = true;
	}
	return any;
}

static bool has_column(const struct text *columns, const char *key)
{
	size_t length = strlen(key);

	for (const char *at = columns->data; at; at = strchr(at, '|') ? strchr(at, '|') + 1 : NULL)
		if (!strncmp(at, key, length) && (at[length] == '|' || !at[length]))
			return true;
	return false;
}

static void columns_collect(struct fy_node *list, struct text *columns)
{
	struct fy_node *item;
	void *iterator = NULL;
	unsigned count = 0;

	while ((item = reply_next(list, &iterator))) {
		struct fy_node_pair *pair;
		void *inner = NULL;

		while ((pair = fy_node_mapping_iterate(item, &inner))) {
			const char *key = reply_scalar(fy_node_pair_key(pair));

			if (has_column(columns, key) || count == TABLE_COLUMNS_MAX)
				continue;
			text_add(columns, "%s%s", columns->length ? "|" : "", key);
			count++;
		}
	}
}

static void show_list(struct fy_node *list)
{
	struct text text_auto columns = {0};
	mem_auto char *heads = NULL;
	struct table *table;
	struct fy_node *item;
	void *iterator = NULL;

	columns_collect(list, &columns);
	heads = mem_strdup(columns.data);
	for (char *at = heads; *at; at++)
		*at = toupper((unsigned char)*at);
	table = table_new(heads);
	while ((item = reply_next(list, &iterator))) {
		mem_auto char *keys = mem_strdup(columns.data);
		char *save = NULL;

		for (char *key = strtok_r(keys, "|", &save); key; key = strtok_r(NULL, "|", &save))
			table_cell(table, reply_text(item, key));
	}
	table_print(table);
	table_free(table);
}

/* What has no table of its own: as indented keys. */
static void show_plain(struct fy_node *node, int indent)
{
	struct fy_node_pair *pair;
	struct fy_node *item;
	void *iterator = NULL;

	if (fy_node_is_sequence(node) && is_tabular(node)) {
		show_list(node);
		return;
	}
	if (fy_node_is_sequence(node)) {
		while ((item = reply_next(node, &iterator)))
			show_plain(item, indent);
		return;
	}
	if (!fy_node_is_mapping(node)) {
		printf("%*s%s\n", indent, "", reply_scalar(node));
		return;
	}
	while ((pair = fy_node_mapping_iterate(node, &iterator))) {
		struct fy_node *value = fy_node_pair_value(pair);
		const char *key = reply_scalar(fy_node_pair_key(pair));
		const char *colon = strchr(key, ':');

		printf("%*s%s:", indent, "", colon ? colon + 1 : key);
		if (fy_node_is_scalar(value)) {
			printf(" %s\n", reply_scalar(value));
			continue;
		}
		printf("\n");
		show_plain(value, indent + 2);
	}
}

static const struct {
	const char *key;
	void (*show)(struct fy_node *node);
} tables[] = {
	{"filter", show_filters},	{"service", show_services}, {"port", show_ports},
	{"neighbour", show_neighbours}, {"erspan", show_sessions},  {"capture", show_captures},
	{"loan", show_loans},		{"flow", show_flows},
};

/* Ports are in the state twice: what crossed them, and how they are. */
static bool has_health(struct fy_node *list)
{
	void *iterator = NULL;
	struct fy_node *port = reply_next(list, &iterator);

	return port && *reply_text(port, "link");
}

/* A part whose only content is one table is that table. */
static bool show_table(struct fy_node *node)
{
	struct fy_node_pair *pair;
	void *iterator = NULL;
	const char *key;

	if (!fy_node_is_mapping(node) || fy_node_mapping_item_count(node) != 1)
		return false;
	pair = fy_node_mapping_iterate(node, &iterator);
	key = reply_scalar(fy_node_pair_key(pair));
	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++) {
		if (strcmp(key, tables[i].key))
			continue;
		if (!strcmp(key, "port") && has_health(fy_node_pair_value(pair)))
			show_health(fy_node_pair_value(pair));
		else
			tables[i].show(i == 2 ? node : fy_node_pair_value(pair));
		return true;
	}
	return show_table(fy_node_pair_value(pair));
}

void show_state(struct fy_node *state)
{
	if (!show_table(state))
		show_plain(state, 0);
}

void show_history(struct fy_node *reply)
{
	struct table *table = table_new(">COMMIT|TIME|USER|COMMENT");
	struct fy_node *list = reply_child(reply, "entry"), *entry;
	void *iterator = NULL;

	while ((entry = reply_next(list, &iterator)))
		table_add(table, reply_text(entry, "number"), reply_text(entry, "time"),
			  reply_text(entry, "user"), reply_text(entry, "comment"));
	table_print(table);
	table_free(table);
}

unsigned long long show_log(struct fy_node *reply, unsigned long long after)
{
	struct fy_node *list = reply_child(reply, "line"), *line;
	void *iterator = NULL;

	while ((line = reply_next(list, &iterator))) {
		after = number(line, "number");
		printf("%s %-7s %s\n", reply_text(line, "time"), reply_text(line, "priority"),
		       reply_text(line, "text"));
	}
	fflush(stdout);
	return after;
}
