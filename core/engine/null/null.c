// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Remembers what it was told and moves nothing: for tests, and for a look at a configuration on a
 * machine that has no ports to spare.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../backend.h"
#include "core/base/mem.h"

struct backend {
	struct image image;
	struct image staged;
};

static int null_open(struct backend **backend, const struct backend_config *config)
{
	(void)config;
	*backend = mem_zalloc(sizeof(struct backend));
	return 0;
}

static void null_close(struct backend *b)
{
	free(b);
}

static int null_plan(struct backend *b, const struct backend_ports *ports,
		     const struct image *image, uint32_t flows, const char **what)
{
	(void)ports;
	(void)flows;
	(void)what;
	b->staged = *image;
	return 0;
}

static void null_commit(struct backend *b)
{
	b->image = b->staged;
}

static void null_nothing(struct backend *b)
{
	(void)b;
}

static void null_shed(struct backend *b, unsigned what)
{
	(void)b;
	(void)what;
}

static void null_state_get(struct backend *b, struct backend_state *state)
{
	(void)b;
	memset(state, 0, sizeof(*state));
	for (int port = 0; port < PORT_COUNT; port++)
		memcpy(state->port[port].mode, "none", 5);
}

static void null_counters_get(struct backend *b, struct backend_counter *counter)
{
	(void)b;
	memset(counter, 0, COUNTER_SLOTS * sizeof(*counter));
}

static void null_counter_clear(struct backend *b, uint32_t slot)
{
	(void)b;
	(void)slot;
}

static unsigned null_macs_get(struct backend *b, struct backend_mac *mac, unsigned room)
{
	(void)b;
	(void)mac;
	(void)room;
	return 0;
}

static const struct image *null_image_get(struct backend *b)
{
	return &b->image;
}

static void null_image_put(struct backend *b, const struct image *image)
{
	(void)b;
	(void)image;
}

static enum engine_port null_mac_port(struct backend *b, const uint8_t address[6])
{
	(void)b;
	(void)address;
	return PORT_COUNT;
}

static void null_sessions_get(struct backend *b, struct backend_session *session)
{
	(void)b;
	memset(session, 0, SESSION_SLOTS * sizeof(*session));
}

static void null_reach_set(struct backend *b, uint32_t slot, const struct backend_reach *reach)
{
	(void)b;
	(void)slot;
	(void)reach;
}

static void null_captures_get(struct backend *b, struct backend_capture *capture)
{
	(void)b;
	memset(capture, 0, CAPTURE_SLOTS * sizeof(*capture));
}

static int null_capture_ring(struct backend *b, uint32_t slot, uint32_t *id)
{
	(void)b;
	(void)id;
	(void)slot;
	return -EOPNOTSUPP;
}

static void null_loan_get(struct backend *b, uint32_t slot, struct backend_loan *loan)
{
	(void)b;
	(void)slot;
	memset(loan, 0, sizeof(*loan));
}

static void null_loan_set(struct backend *b, uint32_t slot, const struct backend_loan *loan)
{
	(void)b;
	(void)slot;
	(void)loan;
}

static void null_loan_count(struct backend *b, uint32_t slot, struct backend_loan_count *count)
{
	(void)b;
	(void)slot;
	memset(count, 0, sizeof(*count));
}

static void null_guests_set(struct backend *b, bool on)
{
	(void)b;
	(void)on;
}

static unsigned null_sightings_get(struct backend *b, struct backend_sighting *sighting,
				   unsigned room)
{
	(void)b;
	(void)sighting;
	(void)room;
	return 0;
}

static unsigned null_flows_get(struct backend *b, struct backend_flow *flow, unsigned room,
			       struct backend_flow_tables *tables)
{
	(void)b;
	(void)flow;
	(void)room;
	memset(tables, 0, sizeof(*tables));
	return 0;
}

const struct backend_ops backend_null = {
	.name = "null",
	.open = null_open,
	.close = null_close,
	.stop = null_close,
	.plan = null_plan,
	.commit = null_commit,
	.abort = null_nothing,
	.heartbeat = null_nothing,
	.shed = null_shed,
	.state_get = null_state_get,
	.counters_get = null_counters_get,
	.counter_clear = null_counter_clear,
	.macs_get = null_macs_get,
	.mac_port = null_mac_port,
	.sessions_get = null_sessions_get,
	.session_clear = null_counter_clear,
	.reach_set = null_reach_set,
	.captures_get = null_captures_get,
	.capture_clear = null_counter_clear,
	.capture_ring = null_capture_ring,
	.loan_clear = null_counter_clear,
	.loan_get = null_loan_get,
	.loan_set = null_loan_set,
	.loan_count = null_loan_count,
	.sightings_clear = null_counter_clear,
	.guests_set = null_guests_set,
	.sightings_get = null_sightings_get,
	.flows_get = null_flows_get,
	.image_get = null_image_get,
	.image_put = null_image_put,
};
