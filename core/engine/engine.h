/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The engine as the supervisor has it: a backend, the counter slots of the filters, the heartbeat.
 */
#pragma once

#include "backend.h"

struct engine;
struct rule_set;
struct compile_problem;

enum { HEARTBEAT_MS = 1000 };

struct engine_filter {
	char name[FILTER_NAME_SIZE];
	uint64_t packets;
	uint64_t bytes;
};

/* The backend by its name: "auto", "xdp", "null"; NULL where it is not built in. */
const struct backend_ops *engine_backend(const char *name);

/* Finds the running engine of the instance or prepares one. */
int engine_new(struct engine **engine, const struct backend_ops *ops,
	       const struct backend_config *config);

/* The frames go on. */
void engine_free(struct engine *engine);

/* The frames stop, and nothing of the engine stays. Frees it too. */
void engine_stop(struct engine *engine);

/* Gives the rules their slots. -E2BIG: *problem; other errors: *what names the object. */
int engine_plan(struct engine *engine, const struct backend_ports *ports, struct rule_set *rules,
		struct compile_problem *problem, const char **what);
void engine_commit(struct engine *engine);
void engine_abort(struct engine *engine);

/* enum engine_shed: what the engine does without for now. */
void engine_shed(struct engine *engine, unsigned what);

const char *engine_name(const struct engine *engine);
void engine_state(struct engine *engine, struct backend_state *state);
unsigned engine_macs(struct engine *engine, struct backend_mac *mac, unsigned room);

/* Counters of all filters in force; the caller frees them. */
struct engine_filter *engine_filters(struct engine *engine, unsigned *count);

/* Counters of the filter (NULL: of all) begin at 0. How many filters that were. */
unsigned engine_count_anew(struct engine *engine, const char *name);

/* ERSPAN sessions in force, in the order of the rule set. */
unsigned engine_sessions(struct engine *engine, struct backend_session session[SESSIONS_MAX]);
void engine_reach(struct engine *engine, unsigned session, const struct backend_reach *reach);

/* Captures in force, in the order of the rule set. */
unsigned engine_captures(struct engine *engine, struct backend_capture capture[CAPTURES_MAX]);

/* Loans in force, in the order of the rule set. */
unsigned engine_loans(struct engine *engine, struct backend_loan_count count[LOANS_MAX]);
void engine_loan_get(struct engine *engine, unsigned loan, struct backend_loan *state);
void engine_loan_set(struct engine *engine, unsigned loan, const struct backend_loan *state);

void engine_sightings_clear(struct engine *engine, unsigned loan);

/* The rules that redirect what guests are sent are in force; else no new flow is taken. */
void engine_guests(struct engine *engine, bool on);

/* What was seen of the owners of loans in force. How many. */
unsigned engine_sightings(struct engine *engine, struct backend_sighting *sighting, unsigned room);

/* Flows that the module answers as somebody else, at most `room`; how many. */
unsigned engine_flows(struct engine *engine, struct backend_flow *flow, unsigned room,
		      struct backend_flow_tables *tables);

/* A descriptor of a capture's ring, made where there is none; the caller closes it. *id is that of
 * no other ring. Negative errno: -EOPNOTSUPP where the engine has none. */
int engine_ring(struct engine *engine, const char *capture, uint32_t *id);

enum engine_port engine_mac_port(struct engine *engine, const uint8_t address[6]);

/* Of the tables in force, as read back. */
uint64_t engine_digest(struct engine *engine);
