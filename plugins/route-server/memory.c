// SPDX-License-Identifier: GPL-2.0-or-later
#include "memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/api/event.h"
#include "core/api/log.h"
#include "route-server.h"
#include "watch.h"

enum {
	LOOK_MS = 500,
	REST = 20,	 /* looks behind a cut: BIRD needs a while to give back */
	LONG_REST = 600, /* where that did not help */
};

struct memory {
	struct route_server *rs;
	struct fer_event *timer;
	unsigned rest;
	uint64_t before; /* octets, at the last cut */
	bool tight;
};

static bool is_tight(const struct memory *memory)
{
	return bird_resident(memory->rs->bird) * 10 > memory->rs->now.memory * 9;
}

/* Which one, its counters say: they are asked for first. */
static void look(void *arg)
{
	struct memory *memory = arg;

	fer_timer_start(memory->timer, LOOK_MS);
	if (memory->rest)
		memory->rest--;
	if (!is_tight(memory))
		memory->before = 0;
	memory->tight = !memory->rest && bird_serves(memory->rs->bird) && is_tight(memory);
	if (memory->tight)
		bird_poll(memory->rs->bird);
}

struct memory *memory_new(struct route_server *rs)
{
	struct memory *memory = calloc(1, sizeof(*memory));

	if (!memory)
		abort();
	memory->rs = rs;
	memory->timer = fer_timer_new(look, memory);
	return memory;
}

void memory_free(struct memory *memory)
{
	if (memory)
		fer_event_free(memory->timer);
	free(memory);
}

void memory_watch(struct memory *memory, int on)
{
	memory->tight = false;
	if (on)
		fer_timer_start(memory->timer, LOOK_MS);
	else
		fer_event_stop(memory->timer);
}

static const struct watched *largest(const struct watch *watch)
{
	const struct watched *most = NULL, *w;

	for (unsigned i = 0; (w = watch_at(watch, i)); i++)
		if (w->up && !strcmp(w->type, "BGP") &&
		    (!most ||
		     w->all.imported + w->all.filtered > most->all.imported + most->all.filtered))
			most = w;
	return most;
}

void memory_turn(struct memory *memory)
{
	const struct watched *w = memory->tight ? largest(memory->rs->watch) : NULL;
	uint64_t now = bird_resident(memory->rs->bird);

	memory->tight = false;
	if (!w)
		return;
	/* it was not the members' */
	if (memory->before && now + now / 50 > memory->before) {
		fer_log_err("route-server: BIRD has %" PRIu64 " of %" PRIu64
			    " MB, and a cut gave nothing back: give it more memory",
			    now >> 20, memory->rs->now.memory >> 20);
		memory->rest = LONG_REST;
		memory->before = 0;
		return;
	}
	memory->before = now;
	memory->rest = REST;
	fer_log_err("route-server: BIRD has %" PRIu64 " of %" PRIu64
		    " MB: %s, with %u routes, is cut off",
		    now >> 20, memory->rs->now.memory >> 20, w->name,
		    w->all.imported + w->all.filtered);
	watch_cut(memory->rs->watch, w->name, "the route server has no memory for more routes");
}
