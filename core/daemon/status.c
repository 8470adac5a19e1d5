// SPDX-License-Identifier: GPL-2.0-or-later
#include "status.h"

#include <arpa/inet.h>
#include <libyang/libyang.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/api/model.h"
#include "core/api/state.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/config/commit.h"
#include "core/config/filters.h"
#include "core/config/model.h"
#include "core/config/omission.h"
#include "core/config/plugins.h"
#include "core/config/schema.h"
#include "core/control/state.h"
#include "core/engine/engine.h"
#include "core/link/netlink.h"
#include "core/run/machine.h"
#include "captures.h"
#include "collectors.h"
#include "governor.h"
#include "guest_state.h"
#include "guests.h"
#include "port_state.h"
#include "status_path.h"
#include "supervisor.h"
#include "trouble.h"
#include "wire.h"

static const struct supervisor *supervisor_of(const struct fer_state *state)
{
	return state->context;
}

static void flag(struct fer_state *state, bool value, const char *path)
{
	fer_state_text(state, value ? "true" : "false", "%s", path);
}

static const char *config_text(const struct fer_state *state, const char *path)
{
	const struct fer_config *config = model_of(commit_running(supervisor_of(state)->commit));

	return fer_model_text(fer_config_find(config, path), NULL);
}

/* ---- the parts ---- */

static uint64_t resident(void)
{
	mem_auto char *text = NULL;
	unsigned long total, pages = 0;

	if (!file_read("/proc/self/statm", 4096, &text, NULL))
		sscanf(text, "%lu %lu", &total, &pages);
	return (uint64_t)pages * sysconf(_SC_PAGESIZE);
}

static void add_system(struct fer_state *state)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	fer_state_text(state, config_text(state, "system/name"), "system/name");
	fer_state_text(state, PACKAGE_VERSION, "system/software");
	fer_state_number(state, now.tv_sec - supervisor_of(state)->started, "system/uptime");
	fer_state_number(state, getpid(), "system/pid");
	fer_state_number(state, resident(), "system/memory");
	flag(state, wire_forwarding(supervisor_of(state)->wire), "system/ready");
}

static void add_omission(struct fer_state *state, const struct omission *omission)
{
	/* a quote would end the predicate */
	char quote = strchr(omission->path, '\'') ? '"' : '\'';

	fer_state_text(state, omission->reason, "commit/left-out[path=%c%s%c]/reason", quote,
		       omission->path, quote);
}

static void add_commit(struct fer_state *state)
{
	struct commit_status status;
	mem_auto char *lines = NULL;
	char *save = NULL;

	commit_status(supervisor_of(state)->commit, &status);
	fer_state_number(state, status.number, "commit/number");
	flag(state, commit_candidate_differs(supervisor_of(state)->commit),
	     "commit/candidate-differs");
	flag(state, status.pending, "commit/pending");
	if (status.pending)
		fer_state_number(state, status.seconds, "commit/pending-seconds");
	if (status.rolled_back)
		fer_state_text(state, status.rolled_back, "commit/rolled-back");
	if (status.unwritten)
		fer_state_text(state, status.unwritten, "commit/unwritten");
	for (unsigned i = 0; i < status.omissions->count; i++)
		add_omission(state, &status.omissions->at[i]);
	if (status.doing) {
		mem_auto char *doing = mem_printf("%s: %s", status.doing_part, status.doing);

		fer_state_text(state, doing, "commit/doing");
	}
	lines = mem_strdup(status.differs);
	for (char *line = strtok_r(lines, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		fer_state_text(state, line, "commit/differs");
}

static void add_port(struct fer_state *state, const char *role, const char *interface, bool held,
		     const struct backend_port_state *port)
{
	struct link_info info = {0};
	bool present = !netlink_link_get(interface, &info);
	char base[64], path[96];

	snprintf(base, sizeof(base), "wire/port[name='%s']", role);
	fer_state_text(state, interface, "%s/interface", base);
	snprintf(path, sizeof(path), "%s/present", base);
	flag(state, present, path);
	snprintf(path, sizeof(path), "%s/carrier", base);
	flag(state, info.carrier, path);
	snprintf(path, sizeof(path), "%s/held", base);
	flag(state, held, path);
	fer_state_number(state, info.mtu, "%s/mtu", base);
	fer_state_text(state, port->mode, "%s/mode", base);
	fer_state_number(state, port->rx_packets, "%s/received/packets", base);
	fer_state_number(state, port->rx_bytes, "%s/received/bytes", base);
	fer_state_number(state, port->tx_packets, "%s/sent/packets", base);
	fer_state_number(state, port->tx_bytes, "%s/sent/bytes", base);
	fer_state_number(state, port->dropped, "%s/dropped", base);
}

static void add_wire(struct fer_state *state)
{
	static const char *const role[PORT_COUNT] = {"optical", "electrical", "host"};
	const struct wire *wire = supervisor_of(state)->wire;
	struct engine *engine = wire_engine(wire);
	struct backend_state now;

	if (!engine)
		return;
	engine_state(engine, &now);
	flag(state, config_text(state, "wire/optical"), "wire/configured");
	fer_state_text(state, engine_name(engine), "wire/engine");
	flag(state, now.adopted, "wire/adopted");
	flag(state, wire_forwarding(wire), "wire/forwarding");
	for (int port = 0; port < PORT_COUNT; port++)
		if (wire_ports(wire)->ifindex[port])
			add_port(state, role[port], wire_ports(wire)->name[port],
				 wire_holds(wire, port), &now.port[port]);
}

static void add_port_health(struct fer_state *state)
{
	port_state_add(state, supervisor_of(state)->wire);
}

static void add_address(const char *address, void *arg)
{
	fer_state_text(arg, address, "host-link/address");
}

static void add_neighbours(struct fer_state *state, struct engine *engine)
{
	static const char *const side[] = {"optical", "electrical"};
	struct backend_mac mac[256];
	unsigned count = engine_macs(engine, mac, 256);

	for (unsigned i = 0; i < count; i++) {
		const uint8_t *a = mac[i].address;
		char base[64];

		snprintf(base, sizeof(base),
			 "host-link/neighbour[mac-address='%02x:%02x:%02x:%02x:%02x:%02x']", a[0],
			 a[1], a[2], a[3], a[4], a[5]);
		fer_state_text(state, side[mac[i].port & 1], "%s/port", base);
		fer_state_number(state, mac[i].age, "%s/age", base);
	}
}

static void add_host_link(struct fer_state *state)
{
	const char *interface = config_text(state, "host-link/interface");
	struct engine *engine = wire_engine(supervisor_of(state)->wire);
	struct backend_state now;
	struct link_info info;
	char mac[18];

	if (!engine || !interface)
		return;
	engine_state(engine, &now);
	fer_state_text(state, interface, "host-link/interface");
	if (!netlink_link_get(interface, &info)) {
		snprintf(mac, sizeof(mac), "%02x:%02x:%02x:%02x:%02x:%02x", info.mac[0],
			 info.mac[1], info.mac[2], info.mac[3], info.mac[4], info.mac[5]);
		fer_state_text(state, mac, "host-link/mac-address");
		netlink_addresses(info.ifindex, add_address, state);
	}
	fer_state_number(state, now.host_policed, "host-link/policed");
	fer_state_number(state, now.copies_long, "host-link/copies-too-long");
	fer_state_number(state, now.copies_refused, "host-link/copies-refused");
	fer_state_number(state, now.resets, "host-link/resets");
	fer_state_number(state, now.diverted, "host-link/diverted");
	fer_state_number(state, now.arp_answers, "host-link/arp-answers");
	fer_state_number(state, now.guest_lost, "host-link/guest-lost");
	if (guests_problem(wire_guests(supervisor_of(state)->wire)))
		fer_state_text(state, guests_problem(wire_guests(supervisor_of(state)->wire)),
			       "host-link/guest-problem");
	add_neighbours(state, engine);
}

/* Configured, and not in force: the engine's tables go on without it. */
static bool is_left_out(const struct fer_state *state, const char *list, const char *name)
{
	mem_auto char *path = mem_printf("%s[%s]", list, name);
	struct commit_status status;

	commit_status(supervisor_of(state)->commit, &status);
	return omissions_cover(status.omissions, path);
}

static void add_filter(struct fer_state *state, const struct fer_model *filter, unsigned number,
		       const struct engine_filter *counters, bool left_out)
{
	mem_auto char *match = filter_match_words(filter);
	mem_auto char *copies = filter_copies_words(filter);
	const char *action = fer_model_text(filter, "action");
	struct lyd_node *entry;

	lyd_new_list(state->root, NULL, "filter", 0, &entry, fer_model_text(filter, "name"));
	state_leaf_number(entry, "number", number);
	state_leaf(entry, "enabled", fer_model_text(filter, "enabled"));
	if (left_out)
		state_leaf(entry, "left-out", "true");
	state_leaf(entry, "from", fer_model_text(filter, "from"));
	state_leaf(entry, "match", match);
	state_leaf(entry, "copies", copies);
	state_leaf(entry, "action", action ? action : "");
	state_leaf_number(entry, "packets", counters ? counters->packets : 0);
	state_leaf_number(entry, "bytes", counters ? counters->bytes : 0);
}

/* The engine has those that are enabled and in force, in the same order. */
static void add_filters(struct fer_state *state)
{
	const struct fer_config *config = model_of(commit_running(supervisor_of(state)->commit));
	const struct fer_model *filter = fer_config_find(config, "filter");
	struct engine *engine = wire_engine(supervisor_of(state)->wire);
	mem_auto struct engine_filter *counters = NULL;
	unsigned count = 0, at = 0;

	if (engine)
		counters = engine_filters(engine, &count);
	for (unsigned number = 1; filter; filter = fer_model_next(filter), number++) {
		bool out = is_left_out(state, "filter", fer_model_text(filter, "name"));
		bool counted = fer_model_flag(filter, "enabled") && !out && at < count;

		add_filter(state, filter, number, counted ? &counters[at++] : NULL, out);
	}
}

static void leaf_address(struct lyd_node *entry, const char *name, unsigned family,
			 const uint8_t *address)
{
	char text[INET6_ADDRSTRLEN];

	state_leaf(entry, name,
		   inet_ntop(family == 4 ? AF_INET : AF_INET6, address, text, sizeof(text)));
}

static void add_collector(struct lyd_node *entry, const struct collector *collector, bool used)
{
	state_leaf(entry, "state",
		   !used		  ? "unused"
		   : collector->reachable ? "reachable"
					  : "unreachable");
	if (!collector->reachable) {
		state_leaf(entry, "reason", collector->reason);
		return;
	}
	state_leaf(entry, "port", collector->port == PORT_OPTICAL ? "optical" : "electrical");
	leaf_address(entry, "source", collector->family, collector->source);
	leaf_address(entry, "next-hop", collector->family, collector->next_hop);
	state_leaf_mac(entry, "mac-address", collector->mac);
	state_leaf_number(entry, "mtu", collector->mtu);
}

static bool is_mirrored_to(const struct fer_config *config, const char *session)
{
	const struct fer_model *filter = fer_config_find(config, "filter");

	for (; filter; filter = fer_model_next(filter)) {
		const struct fer_model *mirror = fer_model_find(filter, "mirror");

		for (; mirror && fer_model_flag(filter, "enabled"); mirror = fer_model_next(mirror))
			if (!strcmp(fer_model_text(mirror, NULL), session))
				return true;
	}
	return false;
}

static void add_session(struct fer_state *state, const struct fer_model *session, bool used,
			const struct collector *collector, const struct backend_session *counters)
{
	struct lyd_node *entry;

	lyd_new_list(state->root, NULL, "erspan", 0, &entry, fer_model_text(session, "name"));
	state_leaf(entry, "destination", fer_model_text(session, "destination"));
	state_leaf(entry, "version", fer_model_text(session, "version"));
	state_leaf(entry, "session-id", fer_model_text(session, "session-id"));
	if (collector)
		add_collector(entry, collector, used);
	else
		state_leaf(entry, "reason", "left out: 'ferrule status' says why");
	state_leaf_number(entry, "packets", counters->packets);
	state_leaf_number(entry, "bytes", counters->bytes);
	state_leaf_number(entry, "truncated", counters->truncated);
	state_leaf_number(entry, "limited", counters->limited);
	state_leaf_number(entry, "oversized", counters->oversized);
	state_leaf_number(entry, "looped", counters->looped);
}

static void add_erspan(struct fer_state *state)
{
	const struct supervisor *s = supervisor_of(state);
	const struct fer_config *config = model_of(commit_running(s->commit));
	const struct fer_model *session = fer_config_find(config, "erspan");
	struct backend_session counters[SESSIONS_MAX] = {0}, none = {0};
	struct engine *engine = wire_engine(s->wire);

	if (engine)
		engine_sessions(engine, counters);
	for (unsigned i = 0; session && i < SESSIONS_MAX; session = fer_model_next(session)) {
		const char *name = fer_model_text(session, "name");
		bool out = is_left_out(state, "erspan", name);

		add_session(state, session, is_mirrored_to(config, name),
			    out ? NULL : collectors_get(wire_collectors(s->wire), i),
			    out ? &none : &counters[i]);
		i += !out;
	}
}

static void add_capture(struct fer_state *state, const char *name,
			const struct backend_capture *counters)
{
	const struct supervisor *s = supervisor_of(state);
	const struct fer_process *process = captures_process(wire_captures(s->wire), name);
	mem_auto char *folder = captures_folder(s->options->run_dir);
	struct lyd_node *entry;
	uint64_t size;

	lyd_new_list(state->root, NULL, "capture", 0, &entry, name);
	state_leaf(entry, "state",
		   machine_state_name(process ? fer_process_state(process) : FER_PROCESS_STOPPED));
	if (process && *fer_process_reason(process))
		state_leaf(entry, "reason", fer_process_reason(process));
	state_leaf(entry, "folder", folder);
	state_leaf_number(entry, "files", captures_files(folder, name, &size));
	state_leaf_number(entry, "size", size);
	state_leaf_number(entry, "packets", counters->packets);
	state_leaf_number(entry, "bytes", counters->bytes);
	state_leaf_number(entry, "lost", counters->lost);
}

static void add_captures(struct fer_state *state)
{
	const struct supervisor *s = supervisor_of(state);
	const struct fer_config *config = model_of(commit_running(s->commit));
	const struct fer_model *capture = fer_config_find(config, "capture");
	struct backend_capture counters[CAPTURES_MAX] = {0}, none = {0};

	if (wire_engine(s->wire))
		engine_captures(wire_engine(s->wire), counters);
	for (unsigned i = 0; capture && i < CAPTURES_MAX; capture = fer_model_next(capture)) {
		const char *name = fer_model_text(capture, "name");
		bool out = is_left_out(state, "capture", name);

		add_capture(state, name, out ? &none : &counters[i]);
		i += !out;
	}
}

static void add_loans(struct fer_state *state)
{
	loan_state_add(state, supervisor_of(state)->wire,
		       model_of(commit_running(supervisor_of(state)->commit)));
}

static void add_governor(struct fer_state *state)
{
	watchman_state(supervisor_of(state)->watchman, state);
}

static void add_flows(struct fer_state *state)
{
	flow_state_add(state, supervisor_of(state)->wire);
}

static void add_flow_table(struct fer_state *state)
{
	flow_table_state_add(state, supervisor_of(state)->wire);
}

static void add_plugins(struct fer_state *state)
{
	const struct plugins *plugins = supervisor_of(state)->plugins;

	for (unsigned i = 0; i < plugins->count; i++) {
		const struct fer_plugin *plugin = plugins->at[i].plugin;

		fer_state_text(state, plugin->version, "plugin[name='%s']/version", plugin->name);
		if (plugin->state && supervisor_of(state)->instance[i])
			plugin->state(supervisor_of(state)->instance[i], state);
	}
}

static const struct {
	const char *name; /* NULL: whatever plugins show */
	void (*add)(struct fer_state *state);
} parts[] = {
	{"system", add_system},
	{"commit", add_commit},
	{"wire", add_wire},
	{"host-link", add_host_link},
	{"filter", add_filters},
	{"port", add_port_health},
	{"erspan", add_erspan},
	{"capture", add_captures},
	{"loan", add_loans},
	{"flow", add_flows},
	{"flow-table", add_flow_table},
	{"governor", add_governor},
	{"trouble", trouble_add},
	{NULL, add_plugins},
};

/* ---- the path ---- */

static bool is_part(const char *name)
{
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if (parts[i].name && !strcmp(parts[i].name, name))
			return true;
	return false;
}

struct lyd_node *status_build(const struct supervisor *supervisor, const char *const *words,
			      size_t count, struct problems *problems)
{
	struct fer_state state = {.context = supervisor};

	lyd_new_inner(NULL, supervisor->schema->control, "state", 0, &state.root);
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		if (count && parts[i].name && strcmp(parts[i].name, words[0]))
			continue;
		/* roles have trouble of their own */
		if (count && !parts[i].name && is_part(words[0]) && strcmp(words[0], "trouble"))
			continue;
		parts[i].add(&state);
	}
	if (!status_cut(state.root, words, count, supervisor->plugins, problems))
		return state.root;
	lyd_free_all(state.root);
	return NULL;
}
