// SPDX-License-Identifier: GPL-2.0-or-later
#include "wire.h"

#include <errno.h>
#include <inttypes.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/api/event.h"
#include "core/api/log.h"
#include "core/api/model.h"
#include "core/api/plugin.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/config/document.h"
#include "core/config/filters.h"
#include "core/config/links.h"
#include "core/config/model.h"
#include "core/config/problem.h"
#include "core/config/transaction.h"
#include "core/engine/compile.h"
#include "core/engine/engine.h"
#include "core/engine/rules.h"
#include "core/link/copier.h"
#include "core/link/ethtool.h"
#include "core/link/guest.h"
#include "core/link/host.h"
#include "core/link/netlink.h"
#include "core/link/port.h"
#include "captures.h"
#include "collectors.h"
#include "engines.h"
#include "fault.h"
#include "guests.h"
#include "host_link.h"
#include "loans.h"
#include "once.h"
#include "ports.h"

enum {
	LOOK_AFTER_MS = 1000,
};

struct wire {
	char *run_dir;
	struct engines engines;
	struct backend_ports ports;
	struct backend_ports staged;
	/* In force, for taking ports in again; borrowed: this part is in every commit, so that the
	 * one that is let go is never the one here. */
	const struct document *config;
	const struct document *staged_config;
	struct rule_set *rules; /* of the plan under way */
	struct collectors *collectors;
	struct captures *captures;
	struct guests *guests;
	struct once *once;
	struct fault *fault;
	struct fer_event *timer;
	bool broken; /* a port is missing */
	/* What the plan under way took that was not ours before; given back unless it commits. */
	bool fresh_port[2];
	bool fresh_host, fresh_copier, fresh_guest;
	char fresh_host_name[16];
};

/* ---- validation ---- */

static bool mode_differs(const struct document *a, const struct document *b)
{
	return strcmp(fer_model_text(fer_config_find(model_of(a), "wire"), "xdp-mode"),
		      fer_model_text(fer_config_find(model_of(b), "wire"), "xdp-mode"));
}

int wire_validate(void *context, const struct document *document, struct problems *problems)
{
	struct fer_problems list = {document, problems};
	struct rule_set *rules = filters_load(model_of(document), &list);
	struct wire *wire = context;
	const struct backend_ops *ops = engines_wanted(document);
	bool stays = wire && wire->config && has_wire(document) && has_wire(wire->config);

	links_validate(model_of(document), &list);
	if (!ops)
		fer_problem(&list, fer_config_find(model_of(document), "wire/engine"),
			    "'%s' is not built into this ferruled",
			    fer_model_text(fer_config_find(model_of(document), "wire"), "engine"));
	else if (stays && strcmp(ops->name, wire->engines.name))
		fer_problem(&list, fer_config_find(model_of(document), "wire/engine"),
			    "the engine cannot be changed under a running wire: stop ferruled, "
			    "'ferruled --stop-wire', start it again");
	else if (stays && mode_differs(document, wire->config))
		fer_problem(&list, fer_config_find(model_of(document), "wire/xdp-mode"),
			    "the mode cannot be changed under a running wire: stop ferruled, "
			    "'ferruled --stop-wire', start it again");
	rule_set_free(rules);
	return problems->count ? -EINVAL : 0;
}

/* ---- plan ---- */

static int ports_claim(struct wire *wire, struct backend_ports *ports, bool soft,
		       struct fer_problems *list)
{
	for (int port = PORT_OPTICAL; port <= PORT_ELECTRICAL; port++) {
		int err = port_claim(ports->name[port], wire->run_dir, &wire->fresh_port[port]);

		if (err) {
			port_refuse(list, port, ports->name[port], err, "");
			return err;
		}
		ports->tags[port] = port_tags(ports->name[port]);
		/* a wire that ran, or is to run again, is worth more than tags */
		if (soft && ports->tags[port] == TAGS_BESIDE_ALWAYS)
			ports->tags[port] = TAGS_BESIDE;
	}
	return 0;
}

/* The last of a wire that has gone. */
static void wire_leave(const struct wire *wire)
{
	port_release_others(wire->run_dir, NULL, NULL);
	copier_remove(host_interface(wire->config));
	guest_remove(host_interface(wire->config));
	host_link_remove(host_interface(wire->config));
	fer_log_notice("wire: taken down; no frame crosses any more");
}

/* Only what changes frames needs it. */
static int copier_prepare(struct wire *wire, const struct document *to, struct fer_problems *list)
{
	int err;

	if (!engines_move(&wire->engines) || !rules_change_frames(wire->rules))
		return 0;
	err = copier_make(host_interface(to), &wire->staged, &wire->fresh_copier);
	if (err)
		fer_problem(list, fer_config_find(model_of(to), "host-link/interface"),
			    "the interfaces for mirrored frames beside '%s' cannot be made: %s",
			    host_interface(to), strerror(-err));
	return err;
}

static int guest_prepare(struct wire *wire, const struct document *to, unsigned mtu,
			 struct fer_problems *list)
{
	int err;

	if (!engines_move(&wire->engines))
		return 0;
	err = guests_prepare(host_interface(to), wire->rules, mtu, &wire->staged,
			     &wire->fresh_guest);
	if (err)
		fer_problem(list, fer_config_find(model_of(to), "host-link/interface"),
			    "the interface for diverted frames beside '%s' cannot be made: %s",
			    host_interface(to), strerror(-err));
	return err;
}

static int engine_prepare(struct wire *wire, const struct document *to, unsigned mtu,
			  const uint8_t mac[6], struct fer_problems *list)
{
	struct compile_problem problem = {0};
	const char *what = "";
	int err;

	wire->rules = filters_load(model_of(to), list);
	if (!wire->rules)
		return -EINVAL;
	memcpy(wire->rules->host_mac, mac, 6);
	once_append(wire->once, wire->rules);
	err = copier_prepare(wire, to, list);
	if (!err)
		err = guest_prepare(wire, to, mtu, list);
	if (err)
		return err;
	err = engine_plan(wire->engines.now, &wire->staged, wire->rules, &problem, &what);
	if (err)
		engine_refuse(list, err, &problem, what, &wire->staged);
	return err;
}

static void plan_begin(struct wire *wire)
{
	wire->staged = (struct backend_ports){0};
	wire->fresh_port[0] = wire->fresh_port[1] = false;
	wire->fresh_host = wire->fresh_copier = wire->fresh_guest = false;
	rule_set_free(wire->rules);
	wire->rules = NULL;
}

/* As if the plan had never been: a wire that runs, ours or adopted, is not touched. */
static void plan_undo(struct wire *wire)
{
	for (int port = PORT_OPTICAL; port <= PORT_ELECTRICAL; port++)
		if (wire->fresh_port[port])
			port_release(wire->staged.name[port], wire->run_dir);
	if (wire->fresh_copier)
		copier_remove(wire->fresh_host_name);
	if (wire->fresh_guest)
		guest_remove(wire->fresh_host_name);
	if (wire->fresh_host)
		host_link_remove(wire->fresh_host_name);
	plan_begin(wire);
}

/* What was planned is in force. */
static void engine_enforce(struct wire *wire, const struct document *document)
{
	bool guests = engines_move(&wire->engines) || wire->engines.leaving;

	collectors_leave(wire->collectors, wire->rules);
	if (guests)
		guests_stage(wire->guests, wire->engines.now, host_interface(document),
			     &wire->staged, wire->rules);
	engine_commit(wire->engines.now);
	wire->ports = wire->staged;
	wire->broken = false;
	if (!wire->ports.copier && engines_move(&wire->engines))
		copier_remove(host_interface(document));
	if (guests)
		guests_enforce(wire->guests, host_interface(document), &wire->ports, wire->rules);
	fault_set(wire->fault, fer_config_find(model_of(document), "wire/link-fault-propagation"),
		  &wire->ports);
	captures_set(wire->captures, wire->engines.now, &wire->ports,
		     fer_config_find(model_of(document), "capture"), wire->rules);
	collectors_set(wire->collectors, wire->engines.now, &wire->ports, host_interface(document),
		       wire->rules);
}

static int host_stage(struct wire *wire, const struct document *to, unsigned mtu, uint8_t mac[6],
		      struct fer_problems *list)
{
	snprintf(wire->fresh_host_name, sizeof(wire->fresh_host_name), "%s", host_interface(to));
	return host_prepare(to, mtu, mac, &wire->staged, &wire->fresh_host, list);
}

/* A plan that comes to nothing takes no port from the machine. */
static bool is_looked_at_only(const struct wire *wire, const struct fer_plan *plan)
{
	return plan && plan_is_dry(plan) &&
	       !(port_is_claimed(wire->staged.name[PORT_OPTICAL], wire->run_dir) &&
		 port_is_claimed(wire->staged.name[PORT_ELECTRICAL], wire->run_dir));
}

/* plan: NULL where what is in force is put in again. */
static int wire_stage(struct wire *wire, const struct document *to, struct fer_plan *plan,
		      struct fer_problems *list)
{
	bool moves = engines_move(&wire->engines), soft = !plan || fer_plan_best_effort(plan);
	uint8_t mac[6] = {0x02};
	unsigned mtu = 0;
	int err = 0;

	plan_begin(wire);
	if (moves)
		err = ports_check(to, &wire->staged, &mtu, mac, list);
	if (!err && moves)
		err = ports_guard(wire->run_dir, to, &wire->staged,
				  plan ? fer_plan_via(plan) : NULL, list);
	if (!err && moves && is_looked_at_only(wire, plan))
		return 0;
	if (!err && moves)
		err = ports_claim(wire, &wire->staged, soft, list);
	if (!err && moves)
		err = host_stage(wire, to, mtu, mac, list);
	if (!err)
		err = engine_prepare(wire, to, mtu, mac, list);
	return err;
}

/* What only somebody who is there can mend is no reason to refuse a start. */
static void plan_check(const struct wire *wire, const struct document *from,
		       const struct document *to, struct fer_problems *list)
{
	/* an address that comes with the same commit may bring the route */
	if (document_equal_below(from, to, "host-link") &&
	    !document_equal_below(from, to, "erspan"))
		collectors_check(fer_config_find(model_of(to), "erspan"), wire->rules, list);
	if (!document_equal_below(from, to, "loan"))
		loans_check(guests_loans(wire->guests), fer_config_find(model_of(to), "loan"),
			    wire->rules, list);
	if (!document_equal_below(from, to, "capture"))
		captures_check(wire->run_dir, fer_config_find(model_of(to), "capture"), list);
}

/* Said before an engine is loaded for them: this is tried again each second. */
static bool ports_missing(const struct document *to, struct fer_problems *list)
{
	const struct backend_ops *ops = engines_wanted(to);
	struct backend_ports ports = {0};
	uint8_t mac[6] = {0};
	unsigned mtu;

	if (!has_wire(to) || !ops || !strcmp(ops->name, "null") || ports_are_there(to))
		return false;
	return ports_check(to, &ports, &mtu, mac, list);
}

/* The file has lost its wire while no supervisor was there. */
static void orphan_take_down(const struct wire *wire)
{
	mem_auto char *links = mem_printf("%s/links", wire->run_dir);

	if (!access(links, F_OK))
		wire_take_down(wire->run_dir);
}

int wire_plan(void *context, struct fer_plan *plan, const struct document *from,
	      const struct document *to, struct problems *problems)
{
	struct fer_problems list = {to, problems};
	struct wire *wire = context;
	bool first = !wire->engines.now;
	int err = ports_missing(to, &list) ? -ENODEV
					   : engines_open(&wire->engines, wire->run_dir, to, &list);

	if (!err)
		err = wire_stage(wire, to, plan, &list);
	if (!err && from && wire->rules) {
		/* what is wrong with other roles is no reason: a start goes without those */
		unsigned before = problems->count;

		plan_check(wire, from, to, &list);
		err = problems->count > before ? -EINVAL : 0;
		if (err)
			engine_abort(wire->engines.now);
	}
	if (!err) {
		wire->staged_config = to;
		return 0;
	}
	plan_undo(wire);
	engines_keep(&wire->engines);
	if (first) {
		engine_free(wire->engines.now);
		wire->engines.now = NULL;
	}
	return err;
}

void wire_commit(void *context)
{
	struct wire *wire = context;
	bool first = !wire->config;

	if (first && !has_wire(wire->staged_config))
		orphan_take_down(wire);
	host_mac_put(wire->staged_config);
	engine_enforce(wire, wire->staged_config);
	port_release_others(wire->run_dir, wire->ports.name[PORT_OPTICAL],
			    wire->ports.name[PORT_ELECTRICAL]);
	if (wire->config)
		host_remove_other(wire->config, wire->staged_config);
	if (engines_leave(&wire->engines))
		wire_leave(wire);
	wire->config = wire->staged_config;
	wire->staged_config = NULL;
	host_note(wire->run_dir, wire->config);
	if (first)
		fer_timer_start(wire->timer, LOOK_AFTER_MS);
}

void wire_abort(void *context)
{
	struct wire *wire = context;

	engine_abort(wire->engines.now);
	plan_undo(wire);
	engines_keep(&wire->engines);
	wire->staged_config = NULL;
}

/* A plan is under way: what it staged is not to be disturbed. */
static bool is_busy(const struct wire *wire)
{
	return wire->staged_config || !wire->config;
}

/* ---- looking after ---- */

static bool port_changed(const struct wire *wire, int port)
{
	struct link_info info;

	if (netlink_link_get(wire->ports.name[port], &info))
		return true;
	return info.ifindex != wire->ports.ifindex[port] ||
	       (!info.up && !fault_holds(wire->fault, port)) ||
	       (port < PORT_HOST && !info.promiscuous);
}

static void take_in_again(struct wire *wire)
{
	struct problems problems_auto problems = {0};
	struct fer_problems list = {wire->config, &problems};

	if (wire_stage(wire, wire->config, NULL, &list)) {
		plan_undo(wire);
		if (!wire->broken && problems.count)
			fer_log_err("wire: %s", problems.at[0].message);
		wire->broken = true;
		return;
	}
	engine_enforce(wire, wire->config);
	fer_log_notice("wire: %s and %s taken in again", wire->ports.name[PORT_OPTICAL],
		       wire->ports.name[PORT_ELECTRICAL]);
}

/* The engine's tables anew, of the configuration that is in force. 0, or with problems. */
static int enforce_again(struct wire *wire, struct problems *problems)
{
	struct fer_problems list = {wire->config, problems};
	int err = wire_stage(wire, wire->config, NULL, &list);

	if (err)
		plan_undo(wire);
	else
		engine_enforce(wire, wire->config);
	return err;
}

static void look_after(void *arg)
{
	struct problems problems_auto problems = {0};
	struct wire *wire = arg;
	bool changed = wire->broken,
	     again = engines_move(&wire->engines) && guests_look(wire->guests);

	for (int port = 0; port < LINK_COUNT && engines_move(&wire->engines); port++)
		changed |= wire->ports.ifindex[port] && port_changed(wire, port);
	if (changed && !is_busy(wire))
		take_in_again(wire);
	else if (again && !is_busy(wire))
		enforce_again(wire, &problems);
	fer_timer_start(wire->timer, LOOK_AFTER_MS);
}

/* ---- in passing ---- */

/* There was room for it, and the engine has a ring. */
static bool once_runs(const struct wire *wire, const char *name, struct problems *problems)
{
	uint32_t id;
	int fd = engine_ring(wire->engines.now, name, &id);

	if (fd >= 0)
		close(fd);
	else if (fd == -ENOENT)
		problems_add(problems, NULL,
			     "%d captures, or %d filters, are all that the engine has room for",
			     CAPTURES_MAX, FILTERS_MAX);
	else
		problems_add(problems, NULL, "the engine does not capture here: %s%s",
			     strerror(-fd), fd == -EOPNOTSUPP ? " (Linux 5.18 does)" : "");
	return fd >= 0;
}

const char *wire_once(struct wire *wire, const struct schema *schema,
		      const struct once_request *request, struct problems *problems)
{
	struct problems problems_auto nobody = {0};
	const char *name;

	if (is_busy(wire)) {
		problems_add(problems, NULL, "a commit is under way; try again when it is done");
		return NULL;
	}
	name = once_add(wire->once, schema, model_of(wire->config), request, problems);
	if (!name)
		return NULL;
	if (!enforce_again(wire, problems) && once_runs(wire, name, problems))
		return name;
	once_remove(wire->once, name);
	enforce_again(wire, &nobody);
	return NULL;
}

/* A commit that is under way has it among its rules: then it goes with the next one. */
static void once_ended(void *arg, const char *name)
{
	struct problems problems_auto problems = {0};
	struct wire *wire = arg;
	mem_auto char *gone = mem_strdup(name);

	once_remove(wire->once, gone);
	if (!is_busy(wire))
		enforce_again(wire, &problems);
}

/* ---- the object ---- */

struct wire *wire_new(const char *run_dir)
{
	struct wire *wire = mem_zalloc(sizeof(*wire));

	wire->run_dir = mem_strdup(run_dir);
	wire->timer = fer_timer_new(look_after, wire);
	wire->collectors = collectors_new();
	wire->guests = guests_new(run_dir);
	wire->once = once_new();
	wire->captures = captures_new(run_dir, once_ended, wire);
	wire->fault = fault_new(run_dir);
	return wire;
}

void wire_free(struct wire *wire)
{
	if (!wire)
		return;
	fer_event_free(wire->timer);
	collectors_free(wire->collectors);
	guests_free(wire->guests);
	captures_free(wire->captures);
	once_free(wire->once);
	fault_free(wire->fault);
	rule_set_free(wire->rules);
	engine_free(wire->engines.now);
	free(wire->run_dir);
	free(wire);
}

bool wire_holds(const struct wire *wire, int port)
{
	return fault_holds(wire->fault, port);
}

const struct captures *wire_captures(const struct wire *wire)
{
	return wire->captures;
}

const struct collectors *wire_collectors(const struct wire *wire)
{
	return wire->collectors;
}

const struct guests *wire_guests(const struct wire *wire)
{
	return wire->guests;
}

struct engine *wire_engine(const struct wire *wire)
{
	return wire->config ? wire->engines.now : NULL;
}

const struct backend_ports *wire_ports(const struct wire *wire)
{
	return &wire->ports;
}

bool wire_forwarding(const struct wire *wire)
{
	return wire->config && !wire->broken && engines_move(&wire->engines);
}

static void observe_address(const char *address, void *arg)
{
	if (!strstr(address, "tentative"))
		text_add(arg, "address %s\n", address);
}

void wire_observe(const struct wire *wire, struct text *text)
{
	static const char *const name[PORT_COUNT] = {"optical", "electrical", "host"};
	struct backend_state state;
	unsigned host;

	if (!wire_engine(wire))
		return;
	engine_state(wire->engines.now, &state);
	for (int port = 0; port < PORT_COUNT; port++)
		text_add(text, "%s %s %s\n", name[port], wire->ports.name[port],
			 state.port[port].mode);
	text_add(text, "tables %016" PRIx64 "\n", engine_digest(wire->engines.now));
	host = if_nametoindex(host_interface(wire->config));
	if (host)
		netlink_addresses(host, observe_address, text);
}
