// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Time for the site. chronyd learns and serves; what it serves, and when, is decided here: not
 * before the time is plausible (clock.h), and from then on also as an island.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "clock.h"
#include "core/api/action.h"
#include "core/api/event.h"
#include "core/api/facts.h"
#include "core/api/log.h"
#include "core/api/model.h"
#include "core/api/plugin.h"
#include "load.h"
#include "state.h"

struct ntp {
	struct chrony *chrony;
	struct clock_keeper *clock;
	bool on, staged_on;
	struct chrony_config now, staged; /* texts borrowed from the configuration in force */
	bool synchronised, serving;
	time_t since; /* CLOCK_BOOTTIME */
	const char *why;
	struct fer_plan *plan;
};

static time_t boot_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return now.tv_sec;
}

/* ---- whom it serves ---- */

static void tell_others(const struct ntp *ntp)
{
	fer_fact_set("clock", !ntp->on		  ? NULL
			      : ntp->synchronised ? "synchronised"
			      : ntp->serving	  ? "kept"
						  : "unknown");
}

static void serve(struct ntp *ntp)
{
	static const struct chrony_list nobody = {.count = 0};
	bool before = ntp->serving;

	ntp->serving = clock_plausible(ntp->clock, &ntp->why);
	chrony_serve(ntp->chrony, ntp->serving ? &ntp->now.serve : &nobody, ntp->now.orphan);
	if (ntp->serving != before && ntp->now.serve.count)
		fer_log_notice("ntp: %s%s%s", ntp->serving ? "serves the site" : "serves nobody",
			       *ntp->why ? ": " : "", ntp->why);
	tell_others(ntp);
}

static void heard(void *arg)
{
	struct ntp *ntp = arg;
	const struct chrony_tracking *tracking = &chrony_report(ntp->chrony)->tracking;

	if (!ntp->on)
		return;
	if (tracking->synchronised)
		clock_synchronised(ntp->clock, tracking->offset);
	if (tracking->synchronised != ntp->synchronised) {
		ntp->synchronised = tracking->synchronised;
		ntp->since = boot_seconds();
		fer_log_notice("ntp: %s%s", ntp->synchronised ? "synchronised by " : "no source",
			       ntp->synchronised ? tracking->reference : "");
	}
	serve(ntp);
}

/* ---- the role ---- */

static int ntp_start(const struct fer_plugin_paths *paths, void **instance)
{
	struct ntp *ntp = calloc(1, sizeof(*ntp));
	const struct chrony_events events = {heard, ntp};

	if (!ntp)
		return -ENOMEM;
	ntp->why = "";
	ntp->since = boot_seconds();
	ntp->chrony = chrony_new(paths->run_dir, paths->state_dir, &events);
	if (!ntp->chrony) {
		free(ntp);
		return -EIO;
	}
	ntp->clock = clock_new(paths->state_dir);
	*instance = ntp;
	return 0;
}

static void ntp_stop(void *instance)
{
	struct ntp *ntp = instance;

	chrony_free(ntp->chrony);
	clock_free(ntp->clock);
	free(ntp);
}

static int ntp_validate(const struct fer_config *config, struct fer_problems *problems)
{
	struct chrony_config ignored;
	bool on;

	return ntp_load(config, &on, &ignored, problems);
}

static void checked(void *arg, int code, const char *output)
{
	struct ntp *ntp = arg;
	struct fer_plan *plan = ntp->plan;

	if (code)
		fer_problem(fer_plan_problems(plan), NULL, "ntp: chronyd does not take it: %s",
			    *output ? output : strerror(code < 0 ? -code : EINVAL));
	ntp->plan = NULL;
	if (code)
		tell_others(ntp);
	fer_plan_done(plan, code ? -EINVAL : 0);
}

static int ntp_plan(void *instance, struct fer_plan *plan, const struct fer_config *from,
		    const struct fer_config *to, struct fer_problems *problems)
{
	struct ntp *ntp = instance;
	int err = ntp_load(to, &ntp->staged_on, &ntp->staged, problems);

	(void)from;
	if (err || !ntp->staged_on)
		return err;
	if (!chrony_available()) {
		fer_problem(problems, fer_config_find(to, "ntp"),
			    "chronyd is not installed: apt-get install chrony");
		return -ENOENT;
	}
	ntp->plan = plan;
	err = chrony_check(ntp->chrony, &ntp->staged, checked, ntp);
	if (!err) {
		/* other roles may commit before this one: that it keeps the clock they know then */
		if (!ntp->on)
			fer_fact_set("clock", "unknown");
		return FER_PLAN_PENDING;
	}
	ntp->plan = NULL;
	return err;
}

static void ntp_commit(void *instance)
{
	struct ntp *ntp = instance;

	ntp->on = ntp->staged_on;
	ntp->now = ntp->staged;
	if (!ntp->on) {
		chrony_stop(ntp->chrony);
		ntp->synchronised = ntp->serving = false;
		tell_others(ntp);
		return;
	}
	clock_begin(ntp->clock, ntp->now.control_clock);
	chrony_commit(ntp->chrony);
	serve(ntp);
}

static void ntp_abort(void *instance)
{
	struct ntp *ntp = instance;

	ntp->plan = NULL;
	chrony_check_cancel(ntp->chrony);
	tell_others(ntp);
}

static void ntp_show(void *instance, struct fer_state *state)
{
	const struct ntp *ntp = instance;
	const struct ntp_status status = {
		.learns = ntp->now.server.count || ntp->now.pool.count,
		.synchronised = ntp->synchronised,
		.since = boot_seconds() - ntp->since,
		.serving = ntp->serving && ntp->now.serve.count,
		.expires = ntp->now.expires,
		.why = ntp->now.serve.count ? ntp->why : "nobody is to be served",
	};

	if (!ntp->on)
		return;
	ntp_state(&status, chrony_report(ntp->chrony), state);
	chrony_show(ntp->chrony, state);
}

static const char *const owns[] = {"ntp", NULL};

static const struct fer_verb verbs[] = {
	FER_VERB_RELOAD,
	{0},
};

extern const struct fer_plugin fer_plugin;

const struct fer_plugin fer_plugin = {
	.api = FER_PLUGIN_API,
	.name = "ntp",
	.version = "1",
	.owns = owns,
	.start = ntp_start,
	.stop = ntp_stop,
	.validate = ntp_validate,
	.plan = ntp_plan,
	.commit = ntp_commit,
	.abort = ntp_abort,
	.state = ntp_show,
	.verbs = verbs,
};
