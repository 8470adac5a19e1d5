// SPDX-License-Identifier: GPL-2.0-or-later
#include "loads.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/api/event.h"
#include "core/api/log.h"
#include "route-server.h"

enum {
	CACHES_MAX = 8,
	PAUSE_FIRST = 1000, /* ms, before it is asked anew; doubled with each break */
	PAUSE_MOST = 60000,
};

struct load {
	char name[16]; /* "r_1" */
	bool broken;
	bool anew; /* asked for all since it broke */
	unsigned breaks;
	struct fer_event *timer;
	struct loads *loads;
};

struct loads {
	struct route_server *rs;
	struct load at[CACHES_MAX];
	unsigned count;
};

struct loads *loads_new(struct route_server *rs)
{
	struct loads *loads = calloc(1, sizeof(*loads));

	if (!loads)
		abort();
	loads->rs = rs;
	return loads;
}

void loads_starting(struct loads *loads)
{
	for (unsigned i = 0; i < loads->count; i++) {
		fer_event_free(loads->at[i].timer);
		memset(&loads->at[i], 0, sizeof(loads->at[i]));
	}
	loads->count = 0;
}

void loads_free(struct loads *loads)
{
	if (!loads)
		return;
	loads_starting(loads);
	free(loads);
}

static const struct load *find(const struct loads *loads, const char *name)
{
	for (unsigned i = 0; i < loads->count; i++)
		if (!strcmp(loads->at[i].name, name))
			return &loads->at[i];
	return NULL;
}

/* ---- asking anew ---- */

static void told(void *arg, int err, const char *message)
{
	(void)arg;
	if (err)
		fer_log_warn("route-server: BIRD: %s", message);
}

static void order(const struct load *load, const char *verb)
{
	char command[32];
	const struct bird_question question = {
		.command = command, .may_change = true, .done = told};

	snprintf(command, sizeof(command), "%s %s", verb, load->name);
	bird_ask(bird_asker(load->loads->rs->bird), &question);
}

/* In this order, as one connection serves them. */
static void ask_anew(void *arg)
{
	struct load *load = arg;

	order(load, "disable");
	order(load, "enable");
	load->anew = true;
}

static void load_broke(struct load *load)
{
	unsigned pause = PAUSE_FIRST << (load->breaks < 6 ? load->breaks : 6);

	load->broken = true;
	load->anew = false;
	load->breaks++;
	fer_log_warn("route-server: the connection of %s broke before all was heard: it is asked "
		     "for all again",
		     load->name);
	if (!load->timer)
		load->timer = fer_timer_new(ask_anew, load);
	fer_timer_start(load->timer, pause < PAUSE_MOST ? pause : PAUSE_MOST);
}

static void load_ended(struct load *load)
{
	/* news on top of a part are a part */
	if (!load->broken || !load->anew)
		return;
	load->broken = load->anew = false;
	load->breaks = 0;
	fer_log_notice("route-server: all that %s says was heard", load->name);
}

/* ---- the log ---- */

static struct load *load_get(struct loads *loads, const char *name)
{
	struct load *load = (struct load *)find(loads, name);

	if (load || loads->count == CACHES_MAX)
		return load;
	load = &loads->at[loads->count++];
	snprintf(load->name, sizeof(load->name), "%s", name);
	load->loads = loads;
	return load;
}

/* "r_1: Changing from Sync-Running to Transport-Error state" */
void loads_heard(struct loads *loads, const char *line)
{
	const char *at = strstr(line, "r_");
	char name[16], from[32], to[32];
	struct load *load;

	if (!at || sscanf(at, "%15[r_0-9]: Changing from %31s to %31s state", name, from, to) != 3)
		return;
	if (strcmp(from, "Sync-Running") && strcmp(from, "Sync-Start"))
		return;
	if (!strcmp(to, "Sync-Running") || !strcmp(to, "Sync-Start"))
		return;
	load = load_get(loads, name);
	if (!load)
		return;
	if (!strcmp(to, "Established"))
		load_ended(load);
	else if (!strcmp(from, "Sync-Running") && strcmp(to, "Down") &&
		 !(load->broken && !load->anew))
		load_broke(load);
}

bool loads_broken(const struct loads *loads, const char *protocol)
{
	const struct load *load = find(loads, protocol);

	return load && load->broken;
}

unsigned loads_breaks(const struct loads *loads, const char *protocol)
{
	const struct load *load = find(loads, protocol);

	return load ? load->breaks : 0;
}
