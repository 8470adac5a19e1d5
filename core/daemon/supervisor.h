/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All that one ferruled is, in the order in which it starts.
 */
#pragma once

#include <time.h>

#include "core/config/store.h"
#include "options.h"

struct commit;
struct plugins;
struct schema;
struct server;
struct watchman;
struct wire;

struct supervisor {
	const struct options *options;
	int lock, state_lock;
	time_t started; /* CLOCK_MONOTONIC */
	struct schema *schema;
	struct plugins *plugins;
	void **instance; /* of each plugin; NULL where it did not start */
	struct store store;
	struct wire *wire;
	struct port_watch *port_watch;
	struct watchman *watchman;
	struct commit *commit;
	struct server *server;
};

/* 0, or a negative errno after a line in the log. */
int supervisor_start(struct supervisor *supervisor, const struct options *options);

/* The mirror of start; the wire and the services go on. */
void supervisor_stop(struct supervisor *supervisor);

/* `ferruled --stop-wire`; an exit code. */
int supervisor_stop_wire(const struct options *options);
