// SPDX-License-Identifier: GPL-2.0-or-later
#include "governor.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/api/event.h"
#include "core/api/log.h"
#include "core/api/model.h"
#include "core/api/state.h"
#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/config/document.h"
#include "core/config/governed.h"
#include "core/config/model.h"
#include "core/config/problem.h"
#include "core/config/transaction.h"
#include "core/engine/engine.h"
#include "core/run/governor.h"
#include "core/run/heat.h"
#include "core/run/shed.h"
#include "wire.h"

enum { LOOK_MS = 1000, ROLES_MAX = 24, ENGINE_STEPS = 2, SENSORS_EVERY = 60 };

struct watchman {
	struct wire *wire;
	const struct plugins *plugins;
	const struct document *staged;
	bool in_force;
	struct governor governor;
	struct governor_limits limits;
	char *role[ROLES_MAX]; /* behind mirrors and captures */
	unsigned roles;
	struct load load;
	double temperature, cpu;
	unsigned looks;
	char reason[100];
	struct fer_event *timer;
};

static const char *step_name(const struct watchman *w, unsigned step)
{
	static const char *const engine[ENGINE_STEPS] = {"mirrors", "captures"};

	return step < ENGINE_STEPS ? engine[step] : w->role[step - ENGINE_STEPS];
}

/* All below the step is shed, and nothing else. */
static void enforce(struct watchman *w)
{
	struct engine *engine = wire_engine(w->wire);

	if (engine)
		engine_shed(engine, (1u << (w->governor.step < ENGINE_STEPS ? w->governor.step
									    : ENGINE_STEPS)) -
					    1);
	for (unsigned i = 0; i < w->roles; i++)
		shed_role(w->role[i], i + ENGINE_STEPS < w->governor.step);
}

static void measures(const struct watchman *w, char *text, size_t size)
{
	int n = 0;

	if (w->temperature >= 0)
		n = snprintf(text, size, "%.0f degrees of %u", w->temperature,
			     w->limits.temperature);
	if (w->limits.cpu)
		snprintf(text + n, size - n, "%sCPU %.0f percent of %u", n ? ", " : "", w->cpu,
			 w->limits.cpu);
}

static void step_said(struct watchman *w, unsigned before)
{
	bool more = w->governor.step > before;
	const char *name = step_name(w, more ? before : w->governor.step);

	measures(w, w->reason, sizeof(w->reason));
	if (more)
		fer_log_warn("governor: %s are shed: %s", name, w->reason);
	else
		fer_log_notice("governor: %s are back: %s", name, w->reason);
}

/* An average over some seconds: a burst is no reason. */
static void look(void *arg)
{
	struct watchman *w = arg;
	unsigned before = w->governor.step;
	double cpu = heat_cpu(&w->load);

	w->cpu += (cpu - w->cpu) / 4;
	/* chips come and go: drivers are loaded, modules plugged in */
	if (++w->looks % SENSORS_EVERY == 0)
		heat_start();
	w->temperature = heat_temperature();
	if (governor_look(&w->governor, &w->limits, clock_ms() / 1000, w->temperature, w->cpu)) {
		step_said(w, before);
		enforce(w);
	}
	fer_timer_start(w->timer, LOOK_MS);
}

struct watchman *watchman_new(struct wire *wire, const struct plugins *plugins)
{
	struct watchman *w = mem_zalloc(sizeof(*w));

	w->wire = wire;
	w->plugins = plugins;
	w->temperature = -1;
	w->timer = fer_timer_new(look, w);
	return w;
}

static void roles_clear(struct watchman *w)
{
	for (unsigned i = 0; i < w->roles; i++)
		free(w->role[i]);
	w->roles = 0;
}

void watchman_free(struct watchman *w)
{
	if (!w)
		return;
	fer_event_free(w->timer);
	roles_clear(w);
	heat_stop();
	free(w);
}

/* ---- its part of a commit ---- */

static int validate(void *context, const struct document *document, struct problems *problems)
{
	struct watchman *w = context;
	struct fer_problems list = {document, problems};

	return governed_validate(model_of(document), w->plugins, &list);
}

static int plan(void *context, struct fer_plan *plan, const struct document *from,
		const struct document *to, struct problems *problems)
{
	struct watchman *w = context;

	(void)plan;
	(void)from;
	(void)problems;
	w->staged = to;
	return 0;
}

static void off(struct watchman *w)
{
	if (w->governor.step)
		fer_log_notice("governor: all is back, as its configuration has changed");
	w->governor = (struct governor){0};
	w->in_force = false;
	w->reason[0] = '\0';
	fer_event_stop(w->timer);
	enforce(w);
	roles_clear(w);
}

static void limits_load(struct watchman *w, const struct fer_model *at)
{
	const struct fer_model *role = fer_model_find(at, "shed");
	unsigned cpu = fer_model_number(at, "cpu", 0);

	for (; role && w->roles < ROLES_MAX; role = fer_model_next(role))
		w->role[w->roles++] = mem_strdup(fer_model_text(role, NULL));
	w->limits = (struct governor_limits){
		.temperature = fer_model_number(at, "temperature", 0),
		.cpu = cpu < 100 ? cpu : 0,
		.hold = fer_model_number(at, "hold-time", 0),
		.back = fer_model_number(at, "back-time", 0),
		.steps = ENGINE_STEPS + w->roles,
	};
}

static void commit(void *context)
{
	struct watchman *w = context;
	const struct fer_model *at = fer_config_find(model_of(w->staged), "governor");
	bool first = !w->in_force;

	off(w); /* who is shed may be others now: it finds out anew */
	if (!at)
		return;
	limits_load(w, at);
	w->in_force = true;
	if (first)
		heat_start();
	if (heat_temperature() < 0)
		fer_log_warn(
			"governor: no sensor measures a temperature here: the CPU alone counts");
	look(w);
}

static void abort_plan(void *context)
{
	struct watchman *w = context;

	w->staged = NULL;
}

void watchman_part(struct watchman *watchman, struct commit_part *part)
{
	static const char *const owns[] = {"governor", NULL};

	*part = (struct commit_part){
		.name = "governor",
		.context = watchman,
		.owns = owns,
		.validate = validate,
		.plan = plan,
		.commit = commit,
		.abort = abort_plan,
	};
}

/* ---- state ---- */

void watchman_state(const struct watchman *w, struct fer_state *state)
{
	char text[16];

	if (!w->in_force)
		return;
	if (w->temperature >= 0) {
		snprintf(text, sizeof(text), "%.1f", w->temperature);
		fer_state_text(state, text, "governor/temperature");
	}
	snprintf(text, sizeof(text), "%.1f", w->cpu);
	fer_state_text(state, text, "governor/cpu");
	fer_state_number(state, w->governor.step, "governor/step");
	for (unsigned i = 0; i < w->governor.step; i++)
		fer_state_text(state, step_name(w, i), "governor/shed");
	if (*w->reason)
		fer_state_text(state, w->reason, "governor/reason");
}
