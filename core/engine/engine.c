// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "compile.h"
#include "core/api/engine.h"
#include "core/api/event.h"
#include "core/base/mem.h"
#include "rules.h"
#include "slots.h"

/* Which counter slots belong to which filter name. */
struct slots {
	char name[FILTERS_MAX][FILTER_NAME_SIZE];
	uint32_t slot[FILTERS_MAX];
	unsigned count;
};

struct engine {
	const struct backend_ops *ops;
	struct backend *backend;
	struct fer_event *heartbeat;
	struct slots *slots;
	struct slots *staged;
	struct named_slots sessions, staged_sessions;
	struct named_slots captures, staged_captures;
	struct named_slots loans, staged_loans;
};

static uint8_t host_mac[6];

void fer_engine_host_mac(uint8_t mac[6])
{
	memcpy(mac, host_mac, sizeof(host_mac));
}

const struct backend_ops *engine_backend(const char *name)
{
	if (!strcmp(name, "null"))
		return &backend_null;
#ifdef FERRULE_XDP
	if (!strcmp(name, "auto") || !strcmp(name, "xdp"))
		return &backend_xdp;
#endif
	return NULL;
}

static void beat(void *arg)
{
	struct engine *e = arg;

	e->ops->heartbeat(e->backend);
	fer_timer_start(e->heartbeat, HEARTBEAT_MS);
}

/* ---- counter slots ---- */

static int name_order(const void *a, const void *b, void *arg)
{
	const struct slots *s = arg;

	return strcmp(s->name[*(const unsigned *)a], s->name[*(const unsigned *)b]);
}

/* Numbers of the slots' entries in the order of their names. */
static unsigned *slots_sorted(struct slots *s)
{
	unsigned *order = mem_alloc((s->count + 1) * sizeof(*order));

	for (unsigned i = 0; i < s->count; i++)
		order[i] = i;
	qsort_r(order, s->count, sizeof(*order), name_order, s);
	return order;
}

static uint32_t slot_find(const struct slots *s, const unsigned *order, const char *name)
{
	unsigned low = 0, high = s->count;

	while (low < high) {
		unsigned middle = (low + high) / 2;
		int sign = strcmp(name, s->name[order[middle]]);

		if (!sign)
			return s->slot[order[middle]];
		if (sign < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return COUNTER_SLOTS;
}

/* A filter keeps its slot by its name; a new one gets a slot that nobody counts in, emptied. */
static struct slots *slots_assign(struct engine *e, const struct rule_set *rules)
{
	struct slots *s = mem_zalloc(sizeof(*s));
	mem_auto unsigned *order = slots_sorted(e->slots);
	mem_auto bool *used = mem_zalloc(COUNTER_SLOTS * sizeof(*used));
	uint32_t next = 0;

	for (unsigned i = 0; i < e->slots->count; i++)
		used[e->slots->slot[i]] = true;
	s->count = rules->count;
	for (unsigned i = 0; i < rules->count; i++) {
		memcpy(s->name[i], rules->rule[i].name, FILTER_NAME_SIZE);
		s->slot[i] = slot_find(e->slots, order, s->name[i]);
		if (s->slot[i] != COUNTER_SLOTS)
			continue;
		while (used[next])
			next++;
		used[next] = true;
		s->slot[i] = next;
		e->ops->counter_clear(e->backend, next);
	}
	return s;
}

static void session_fresh(void *arg, uint32_t slot)
{
	struct engine *e = arg;

	e->ops->session_clear(e->backend, slot);
}

static void capture_fresh(void *arg, uint32_t slot)
{
	struct engine *e = arg;

	e->ops->capture_clear(e->backend, slot);
}

static void loan_fresh(void *arg, uint32_t slot)
{
	struct engine *e = arg;

	e->ops->loan_clear(e->backend, slot);
}

static void small_slots_assign(struct engine *e, const struct rule_set *rules)
{
	struct named_slots *sessions = &e->staged_sessions, *captures = &e->staged_captures;
	struct named_slots *loans = &e->staged_loans;

	memset(sessions, 0, sizeof(*sessions));
	memset(captures, 0, sizeof(*captures));
	memset(loans, 0, sizeof(*loans));
	sessions->count = rules->sessions;
	captures->count = rules->captures;
	loans->count = rules->loans;
	for (unsigned i = 0; i < rules->sessions; i++)
		memcpy(sessions->name[i], rules->session[i].name, FILTER_NAME_SIZE);
	for (unsigned i = 0; i < rules->captures; i++)
		memcpy(captures->name[i], rules->capture[i].name, FILTER_NAME_SIZE);
	for (unsigned i = 0; i < rules->loans; i++)
		memcpy(loans->name[i], rules->loan[i].name, FILTER_NAME_SIZE);
	slots_give(sessions, &e->sessions, SESSION_SLOTS, session_fresh, e);
	slots_give(captures, &e->captures, CAPTURE_SLOTS, capture_fresh, e);
	slots_give(loans, &e->loans, LOAN_SLOTS, loan_fresh, e);
}

static void small_slots_read(struct engine *e, const struct image *image)
{
	e->sessions.count = image->sessions <= SESSIONS_MAX ? image->sessions : 0;
	for (unsigned i = 0; i < e->sessions.count; i++) {
		memcpy(e->sessions.name[i], image->session[i].name, FILTER_NAME_SIZE - 1);
		e->sessions.slot[i] = image->session[i].slot % SESSION_SLOTS;
	}
	e->captures.count = image->captures <= CAPTURES_MAX ? image->captures : 0;
	for (unsigned i = 0; i < e->captures.count; i++) {
		memcpy(e->captures.name[i], image->capture[i].name, FILTER_NAME_SIZE - 1);
		e->captures.slot[i] = image->capture[i].slot % CAPTURE_SLOTS;
	}
	e->loans.count = image->loans <= LOANS_MAX ? image->loans : 0;
	for (unsigned i = 0; i < e->loans.count; i++) {
		memcpy(e->loans.name[i], image->loan[i].name, FILTER_NAME_SIZE - 1);
		e->loans.slot[i] = image->loan[i].slot % LOAN_SLOTS;
	}
}

/* A loan that is no more takes nothing, and what was learned for it is forgotten. */
static void loans_end(struct engine *e)
{
	for (unsigned i = 0; i < e->loans.count; i++) {
		bool stays = false;

		for (unsigned k = 0; k < e->staged_loans.count; k++)
			stays |= e->staged_loans.slot[k] == e->loans.slot[i];
		if (!stays)
			e->ops->loan_clear(e->backend, e->loans.slot[i]);
	}
}

/* Rings of captures that are no more. */
static void rings_end(struct engine *e)
{
	for (unsigned i = 0; i < e->captures.count; i++) {
		bool stays = false;

		for (unsigned k = 0; k < e->staged_captures.count; k++)
			stays |= e->staged_captures.slot[k] == e->captures.slot[i];
		if (!stays)
			e->ops->capture_clear(e->backend, e->captures.slot[i]);
	}
}

/* What the supervisor before us left in the engine. */
static void slots_read(struct engine *e)
{
	const struct image *image = e->ops->image_get(e->backend);

	e->slots = mem_zalloc(sizeof(*e->slots));
	if (!image || image->filters > FILTERS_MAX) {
		e->ops->image_put(e->backend, image);
		return;
	}
	e->slots->count = image->filters;
	for (unsigned i = 0; i < image->filters; i++) {
		memcpy(e->slots->name[i], image->name[i], FILTER_NAME_SIZE - 1);
		e->slots->slot[i] = image->filter[i].slot % COUNTER_SLOTS;
	}
	small_slots_read(e, image);
	e->ops->image_put(e->backend, image);
}

/* ---- life ---- */

int engine_new(struct engine **engine, const struct backend_ops *ops,
	       const struct backend_config *config)
{
	struct engine *e = mem_zalloc(sizeof(*e));
	int err;

	e->ops = ops;
	err = ops->open(&e->backend, config);
	if (err) {
		free(e);
		return err;
	}
	slots_read(e);
	e->heartbeat = fer_timer_new(beat, e);
	beat(e);
	*engine = e;
	return 0;
}

static void engine_clear(struct engine *e)
{
	fer_event_free(e->heartbeat);
	free(e->slots);
	free(e->staged);
	free(e);
}

void engine_free(struct engine *e)
{
	if (!e)
		return;
	e->ops->close(e->backend);
	engine_clear(e);
}

void engine_stop(struct engine *e)
{
	e->ops->stop(e->backend);
	engine_clear(e);
}

/* ---- plan, commit ---- */

int engine_plan(struct engine *e, const struct backend_ports *ports, struct rule_set *rules,
		struct compile_problem *problem, const char **what)
{
	mem_auto struct image *image = mem_alloc(sizeof(*image));
	struct slots *staged = slots_assign(e, rules);
	const struct image_slots slots = {staged->slot, e->staged_sessions.slot,
					  e->staged_captures.slot, e->staged_loans.slot};
	int err;

	small_slots_assign(e, rules);
	for (unsigned i = 0; i < rules->count; i++)
		rules->rule[i].slot = staged->slot[i];
	for (unsigned i = 0; i < rules->loans; i++)
		rules->loan[i].slot = e->staged_loans.slot[i];
	err = image_compile(rules, &slots, image, problem);
	*what = "filters";
	if (!err)
		err = e->ops->plan(e->backend, ports, image, rules->flows, what);
	if (err) {
		free(staged);
		return err;
	}
	free(e->staged);
	e->staged = staged;
	return 0;
}

void engine_commit(struct engine *e)
{
	const struct image *image;

	if (!e->staged)
		return;
	e->ops->commit(e->backend);
	free(e->slots);
	e->slots = e->staged;
	e->staged = NULL;
	e->sessions = e->staged_sessions;
	rings_end(e);
	e->captures = e->staged_captures;
	loans_end(e);
	e->loans = e->staged_loans;
	image = e->ops->image_get(e->backend);
	if (image)
		memcpy(host_mac, image->host_mac, sizeof(host_mac));
	e->ops->image_put(e->backend, image);
}

void engine_abort(struct engine *e)
{
	e->ops->abort(e->backend);
	free(e->staged);
	e->staged = NULL;
}

/* ---- state ---- */

void engine_shed(struct engine *e, unsigned what)
{
	e->ops->shed(e->backend, what);
}

const char *engine_name(const struct engine *e)
{
	return e->ops->name;
}

void engine_state(struct engine *e, struct backend_state *state)
{
	e->ops->state_get(e->backend, state);
}

unsigned engine_macs(struct engine *e, struct backend_mac *mac, unsigned room)
{
	return e->ops->macs_get(e->backend, mac, room);
}

struct engine_filter *engine_filters(struct engine *e, unsigned *count)
{
	mem_auto struct backend_counter *counter = mem_zalloc(COUNTER_SLOTS * sizeof(*counter));
	struct engine_filter *filters = mem_zalloc((e->slots->count + 1) * sizeof(*filters));

	e->ops->counters_get(e->backend, counter);
	for (unsigned i = 0; i < e->slots->count; i++) {
		memcpy(filters[i].name, e->slots->name[i], FILTER_NAME_SIZE);
		filters[i].packets = counter[e->slots->slot[i]].packets;
		filters[i].bytes = counter[e->slots->slot[i]].bytes;
	}
	*count = e->slots->count;
	return filters;
}

unsigned engine_count_anew(struct engine *e, const char *name)
{
	unsigned count = 0;

	for (unsigned i = 0; i < e->slots->count; i++) {
		if (name && strncmp(name, e->slots->name[i], FILTER_NAME_SIZE))
			continue;
		e->ops->counter_clear(e->backend, e->slots->slot[i]);
		count++;
	}
	return count;
}

unsigned engine_sessions(struct engine *e, struct backend_session session[SESSIONS_MAX])
{
	struct backend_session all[SESSION_SLOTS];

	e->ops->sessions_get(e->backend, all);
	for (unsigned i = 0; i < e->sessions.count; i++)
		session[i] = all[e->sessions.slot[i]];
	return e->sessions.count;
}

void engine_reach(struct engine *e, unsigned session, const struct backend_reach *reach)
{
	if (session < e->sessions.count)
		e->ops->reach_set(e->backend, e->sessions.slot[session], reach);
}

unsigned engine_captures(struct engine *e, struct backend_capture capture[CAPTURES_MAX])
{
	struct backend_capture all[CAPTURE_SLOTS];

	e->ops->captures_get(e->backend, all);
	for (unsigned i = 0; i < e->captures.count; i++)
		capture[i] = all[e->captures.slot[i]];
	return e->captures.count;
}

unsigned engine_loans(struct engine *e, struct backend_loan_count count[LOANS_MAX])
{
	for (unsigned i = 0; i < e->loans.count; i++)
		e->ops->loan_count(e->backend, e->loans.slot[i], &count[i]);
	return e->loans.count;
}

void engine_loan_get(struct engine *e, unsigned loan, struct backend_loan *state)
{
	memset(state, 0, sizeof(*state));
	if (loan < e->loans.count)
		e->ops->loan_get(e->backend, e->loans.slot[loan], state);
}

void engine_loan_set(struct engine *e, unsigned loan, const struct backend_loan *state)
{
	if (loan < e->loans.count)
		e->ops->loan_set(e->backend, e->loans.slot[loan], state);
}

void engine_sightings_clear(struct engine *e, unsigned loan)
{
	if (loan < e->loans.count)
		e->ops->sightings_clear(e->backend, e->loans.slot[loan]);
}

void engine_guests(struct engine *e, bool on)
{
	e->ops->guests_set(e->backend, on);
}

static unsigned loan_of_slot(const struct engine *e, uint32_t slot)
{
	unsigned i = 0;

	while (i < e->loans.count && e->loans.slot[i] != slot)
		i++;
	return i;
}

unsigned engine_sightings(struct engine *e, struct backend_sighting *sighting, unsigned room)
{
	unsigned count = e->ops->sightings_get(e->backend, sighting, room), kept = 0;

	for (unsigned i = 0; i < count; i++) {
		sighting[i].loan = loan_of_slot(e, sighting[i].loan);
		if (sighting[i].loan < e->loans.count)
			sighting[kept++] = sighting[i];
	}
	return kept;
}

unsigned engine_flows(struct engine *e, struct backend_flow *flow, unsigned room,
		      struct backend_flow_tables *tables)
{
	return e->ops->flows_get(e->backend, flow, room, tables);
}

int engine_ring(struct engine *e, const char *capture, uint32_t *id)
{
	for (unsigned i = 0; i < e->captures.count; i++)
		if (!strcmp(e->captures.name[i], capture))
			return e->ops->capture_ring(e->backend, e->captures.slot[i], id);
	return -ENOENT;
}

enum engine_port engine_mac_port(struct engine *e, const uint8_t address[6])
{
	return e->ops->mac_port(e->backend, address);
}

static uint64_t hash_words(uint64_t hash, const void *data, size_t size)
{
	for (size_t i = 0; i + 8 <= size; i += 8) {
		uint64_t word;

		memcpy(&word, (const char *)data + i, sizeof(word));
		hash = (hash ^ word) * 0x100000001b3ULL;
	}
	return hash;
}

/* Without the counter slots: they are where they are by history, and mean the same. */
uint64_t engine_digest(struct engine *e)
{
	const struct image *image = e->ops->image_get(e->backend);
	uint64_t hash = 0xcbf29ce484222325ULL;

	if (!image)
		return 0;
	hash = hash_words(hash, image, offsetof(struct image, session));
	for (unsigned i = 0; i < image->sessions && i < SESSIONS_MAX; i++) {
		struct image_session session = image->session[i];

		session.slot = 0;
		hash = hash_words(hash, &session, sizeof(session));
	}
	for (unsigned i = 0; i < image->captures && i < CAPTURES_MAX; i++) {
		struct image_capture capture = image->capture[i];

		capture.slot = 0;
		hash = hash_words(hash, &capture, sizeof(capture));
	}
	for (unsigned i = 0; i < image->loans && i < LOANS_MAX; i++) {
		struct image_loan loan = image->loan[i];

		loan.slot = 0;
		hash = hash_words(hash, &loan, sizeof(loan));
	}
	hash = hash_words(hash, image->answer, sizeof(image->answer));
	hash = hash_words(hash, image->lent_tcp, sizeof(image->lent_tcp));
	hash = hash_words(hash, image->lent_udp, sizeof(image->lent_udp));
	for (unsigned i = 0; i < image->filters && i < FILTERS_MAX; i++) {
		struct image_filter filter = image->filter[i];

		filter.slot = 0;
		hash = hash_words(hash, &filter, sizeof(filter));
	}
	hash = hash_words(hash, image->vector, sizeof(image->vector));
	hash = hash_words(hash, image->name, sizeof(image->name));
	e->ops->image_put(e->backend, image);
	return hash;
}
