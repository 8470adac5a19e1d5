// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The route server of an exchange. The configuration of BIRD is rendered from a model, read by BIRD
 * itself before it counts, and put into force by `configure`, which leaves alone every session that
 * is as it was. BIRD outlives us; what it says of its sessions is watched (watch.h), and everything
 * else is asked when somebody wants to know (glass.h).
 */
#include "route-server.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/api/event.h"
#include "core/api/file.h"
#include "core/api/log.h"
#include "core/api/model.h"
#include "core/api/plugin.h"
#include "down.h"
#include "fetch.h"
#include "kept.h"
#include "loads.h"
#include "memory.h"
#include "newer.h"
#include "peeringdb.h"
#include "registry.h"
#include "render.h"
#include "resets.h"
#include "services/bgpq4/bgpq4.h"
#include "show.h"
#include "strange.h"
#include "tally.h"
#include "verbs.h"
#include "verify.h"
#include "watch.h"
#include "withdrawn.h"

enum { FILES_MS = 10000 }; /* between two looks at files */

static void protocol(void *arg, const struct bird_protocol *protocol)
{
	struct route_server *rs = arg;

	watch_heard(rs->watch, protocol);
	if (protocol || !rs->now.on)
		return;
	memory_turn(rs->memory);
	kept_turn(rs->kept);
	tally_turn(rs->tally);
	verify_turn(rs->verify);
	strange_turn(rs->strange);
}

static void starting(void *arg)
{
	struct route_server *rs = arg;

	if (!rs->now.on)
		return;
	loads_starting(rs->loads);
	kept_starting(rs->kept);
	rs_rewrite(rs);
}

/* What is said by commands, and what is kept: as a configuration. */
static char *render_marked(struct route_server *rs, struct rs_config *config)
{
	down_mark(rs, config);
	kept_mark(rs->kept, config);
	config->bird = bird_version_number(rs->bird);
	return render(config);
}

static char *render_checked(struct route_server *rs, struct rs_config *config, char *why,
			    size_t size)
{
	config->bird = bird_version_number(rs->bird);
	if (!config->aspa || newer_has_aspa(config))
		return render_marked(rs, config);
	snprintf(why, size, "ASPA needs 2.16 or later, and here is %s",
		 *bird_version(rs->bird) ? bird_version(rs->bird) : "an older one");
	return NULL;
}

static char *render_staged(void *arg, char *why, size_t size)
{
	struct route_server *rs = arg;

	return render_checked(rs, &rs->staged, why, size);
}

static char *render_renewed(void *arg, char *why, size_t size)
{
	struct route_server *rs = arg;

	return render_checked(rs, &rs->renewed, why, size);
}

void rs_rewrite(struct route_server *rs)
{
	char *text = render_marked(rs, &rs->now);

	bird_rewrite(rs->bird, text);
	explicit_bzero(text, strlen(text)); /* passwords */
	free(text);
}

/* Into force; what was said by commands while it was checked counts. */
static void apply(struct route_server *rs)
{
	char *text = render_marked(rs, &rs->now);

	verify_begin(rs->verify);
	bird_stage(rs->bird, text);
	explicit_bzero(text, strlen(text)); /* passwords */
	free(text);
	bird_commit(rs->bird, rs->now.memory);
}

static void line(void *arg, const char *line)
{
	struct route_server *rs = arg;

	withdrawn_heard(rs->withdrawn, line);
	loads_heard(rs->loads, line);
}

/* ---- files that change ---- */

/* A plan comes in between: it reads the files itself, or there is no role any more. */
static void renewal_drop(struct route_server *rs)
{
	if (!rs->renewed.on)
		return;
	bird_check_cancel(rs->bird);
	rs_config_clear(&rs->renewed);
	rs->tried = 0;
}

static void renewed(void *arg, int code, const char *output)
{
	struct route_server *rs = arg;

	if (!rs->renewed.on)
		return;
	if (code) {
		snprintf(rs->stale, sizeof(rs->stale), "BIRD: %.*s",
			 (int)strcspn(output ? output : "", "\n"), output ? output : "");
		fer_log_warn("route-server: changed files are not used: %s", rs->stale);
		rs_config_clear(&rs->renewed);
		return;
	}
	rs_config_clear(&rs->now);
	rs->now = rs->renewed;
	memset(&rs->renewed, 0, sizeof(rs->renewed));
	rs->stale[0] = '\0';
	registry_keep(&rs->now, rs->folder);
	fer_log_notice("route-server: what is registered has changed, and is in force");
	apply(rs);
}

/* Held until it is right, or somebody commits it: what was read last stays in force. */
static void held(struct route_server *rs)
{
	/* what is no list, but a password, says no more here */
	if (!*rs->renewed.why)
		snprintf(rs->renewed.why, sizeof(rs->renewed.why),
			 "a file that clients name cannot be used: 'ferrule commit' says which");
	if (strcmp(rs->stale, rs->renewed.why))
		fer_log_warn("route-server: a changed file is held: %s", rs->renewed.why);
	snprintf(rs->stale, sizeof(rs->stale), "%s", rs->renewed.why);
	rs_config_clear(&rs->renewed);
}

static void look_at_files(void *arg)
{
	struct route_server *rs = arg;
	const struct bird_render question = {render_renewed, renewed, rs};
	int64_t at = registry_time(&rs->now, rs->folder);

	fer_timer_start(rs->files, FILES_MS);
	if (rs->plan || rs->renewed.on || rs->staged.on)
		return;
	if (!at && rs->now.irr)
		snprintf(rs->stale, sizeof(rs->stale),
			 "the file with what is registered is gone; what was read last is used");
	/* it was away, or held, and is what it was */
	if (at && at == rs->now.read_at)
		snprintf(rs->stale, sizeof(rs->stale), "%s", rs->now.why);
	if (!at || at == rs->now.read_at || at == rs->tried)
		return;
	rs->tried = at;
	if (rs_load(rs->now.config, &rs->renewed, RS_FILES, rs->folder, NULL)) {
		held(rs);
		return;
	}
	if (bird_check(rs->bird, &question))
		renewal_drop(rs);
}

/* ---- the role ---- */

static int rs_start(const struct fer_plugin_paths *paths, void **instance)
{
	struct route_server *rs = calloc(1, sizeof(*rs));
	const struct bird_events events = {protocol, starting, line, rs};

	if (!rs)
		abort();
	snprintf(rs->folder, sizeof(rs->folder), "%.200s/route-server", paths->state_dir);
	if (fer_folder_make(rs->folder, 0750, NULL)) {
		free(rs);
		return -EIO;
	}
	rs->bird = bird_new(paths->run_dir, "route-server", &events);
	if (!rs->bird) {
		free(rs);
		return -EIO;
	}
	rs->watch = watch_new(rs);
	rs->tally = tally_new(rs);
	rs->verify = verify_new(rs);
	rs->memory = memory_new(rs);
	rs->kept = kept_new(rs);
	rs->fetch = fetch_new(rs, paths->run_dir);
	rs->withdrawn = withdrawn_new();
	rs->loads = loads_new(rs);
	rs->strange = strange_new(rs);
	rs->files = fer_timer_new(look_at_files, rs);
	down_load(rs);
	rs->first = true;
	*instance = rs;
	return 0;
}

static void rs_stop(void *instance)
{
	struct route_server *rs = instance;

	fer_event_free(rs->files);
	tally_free(rs->tally);
	verify_free(rs->verify);
	memory_free(rs->memory);
	kept_free(rs->kept);
	fetch_free(rs->fetch);
	strange_free(rs->strange);
	bird_free(rs->bird);
	watch_free(rs->watch);
	withdrawn_free(rs->withdrawn);
	loads_free(rs->loads);
	rs_config_clear(&rs->now);
	rs_config_clear(&rs->staged);
	rs_config_clear(&rs->renewed);
	free(rs);
}

static int rs_validate(const struct fer_config *config, struct fer_problems *problems)
{
	struct rs_config ignored;
	int err = rs_load(config, &ignored, RS_MODEL, "", problems);

	rs_config_clear(&ignored);
	return err;
}

static void rs_files(const char *state_dir, const struct fer_config *config,
		     struct fer_problems *problems)
{
	struct rs_config to;
	char folder[512];

	snprintf(folder, sizeof(folder), "%.200s/route-server", state_dir);
	if (!rs_load(config, &to, RS_MODEL, folder, problems) &&
	    !rs_load_passwords(&to, folder, problems))
		peeringdb_load(&to, folder, problems);
	rs_config_clear(&to);
}

static void rs_disturbs(void *instance, const struct fer_config *from, const struct fer_config *to,
			struct fer_disturbances *list)
{
	resets_find(instance, from, to, list);
}

/* ---- plan ---- */

/* It comes to nothing: what is in force goes on. */
static void plan_gone(struct route_server *rs)
{
	rs->plan = NULL;
	bird_check_cancel(rs->bird);
	rs_config_clear(&rs->staged);
	fetch_resume(rs->fetch);
}

static void checked(void *arg, int code, const char *output)
{
	struct route_server *rs = arg;
	struct fer_plan *plan = rs->plan;

	rs->plan = NULL;
	if (code) {
		fer_problem(fer_plan_problems(plan), rs->staged.at, "BIRD: %.*s",
			    (int)strcspn(output ? output : "", "\n"),
			    output && *output ? output : strerror(code < 0 ? -code : EIO));
		plan_gone(rs);
	}
	fer_plan_done(plan, code ? -EINVAL : 0);
}

/* Reads files, and has BIRD read what becomes of it. */
static int plan_files(struct route_server *rs, struct fer_plan *plan, const struct fer_config *to,
		      struct fer_problems *problems)
{
	const struct bird_render question = {render_staged, checked, rs};
	int err = rs_load(to, &rs->staged, rs->first ? RS_FIRST : RS_FILES, rs->folder, problems);

	if (err) {
		plan_gone(rs);
		return err;
	}
	rs->plan = plan;
	fer_plan_doing(plan, "has BIRD read its new configuration");
	err = bird_check(rs->bird, &question);
	if (!err)
		return FER_PLAN_PENDING;
	fer_problem(problems, rs->staged.at, "BIRD cannot be asked to read it: %s", strerror(-err));
	plan_gone(rs);
	return err;
}

static void fetched(void *arg, int err, const char *why)
{
	struct route_server *rs = arg;
	struct fer_plan *plan = rs->plan;
	struct fer_problems *problems = fer_plan_problems(plan);
	const struct fer_config *to = rs->staged.config;

	if (err) {
		fer_problem(problems, fer_model_find(rs->staged.at, "policy/irr"),
			    "bgpq4: %s: nothing is known of what may be announced", why);
		plan_gone(rs);
	} else {
		fetch_use(rs->fetch, &rs->staged);
		rs_config_clear(&rs->staged);
		err = plan_files(rs, plan, to, problems);
	}
	if (err != FER_PLAN_PENDING)
		fer_plan_done(plan, err);
}

static int installed(const struct rs_config *config, struct fer_problems *problems)
{
	if (!bird_available())
		fer_problem(problems, config->at, "BIRD is not installed: apt-get install bird2");
	else if (fetch_is_on(config) && !bgpq4_available())
		fer_problem(problems, fer_model_find(config->at, "policy/irr"),
			    "bgpq4 is not installed: apt-get install bgpq4");
	else
		return 0;
	return -ENOENT;
}

static int rs_plan(void *instance, struct fer_plan *plan, const struct fer_config *from,
		   const struct fer_config *to, struct fer_problems *problems)
{
	struct route_server *rs = instance;
	int err;

	(void)from;
	renewal_drop(rs);
	err = rs_load(to, &rs->staged, RS_MODEL, rs->folder, problems);
	if (!err && rs->staged.on)
		err = installed(&rs->staged, problems);
	if (err || !rs->staged.on) {
		if (err)
			rs_config_clear(&rs->staged);
		return err;
	}
	rs->plan = plan;
	/* at a start there is what was kept, and perhaps no network yet */
	if (fetch_is_on(&rs->staged) && !(rs->first && registry_has_kept(rs->folder))) {
		if (fetch_missing(rs->fetch, &rs->staged, plan, fetched, rs)) {
			/* they are read when it has answered: watched from now on */
			rs_files_used(&rs->staged, rs->folder);
			return FER_PLAN_PENDING;
		}
		fetch_use(rs->fetch, &rs->staged);
	}
	rs->plan = NULL;
	rs_config_clear(&rs->staged);
	return plan_files(rs, plan, to, problems);
}

static void rs_abort(void *instance)
{
	plan_gone(instance);
}

/* ---- commit ---- */

static void told(void *arg, int err, const char *message)
{
	(void)arg;
	if (err)
		fer_log_warn("route-server: a client is not told why: %s", message);
}

/* BIRD tells a client why it is shut down only by a command; the configuration does the rest. */
static void tell_why(struct route_server *rs, const struct rs_client *client)
{
	const struct rs_client *before = rs_client(&rs->now, client->name);
	char command[256];
	const struct bird_question question = {
		.command = command, .may_change = true, .done = told};

	if (!client->shutdown || !*client->shutdown || !before || before->shutdown)
		return;
	for (unsigned s = 0; s < before->sessions; s++) {
		snprintf(command, sizeof(command), "disable %s \"%s\"", before->session[s].name,
			 client->shutdown);
		bird_ask(bird_asker(rs->bird), &question);
	}
}

static void rs_commit(void *instance)
{
	struct route_server *rs = instance;

	renewal_drop(rs);
	for (unsigned i = 0; bird_serves(rs->bird) && i < rs->staged.clients; i++)
		tell_why(rs, &rs->staged.client[i]);
	rs_config_clear(&rs->now);
	rs->now = rs->staged;
	memset(&rs->staged, 0, sizeof(rs->staged));
	rs->first = false;
	snprintf(rs->stale, sizeof(rs->stale), "%s", rs->now.why);
	registry_keep(&rs->now, rs->folder);
	fer_timer_start(rs->files, FILES_MS);
	memory_watch(rs->memory, rs->now.on);
	fetch_regularly(rs->fetch);
	if (rs->now.on)
		apply(rs);
	else
		bird_stop(rs->bird);
}

static void rs_state(void *instance, struct fer_state *state)
{
	show_all(instance, state);
}

static const char *const owns[] = {"route-server", NULL};

extern const struct fer_plugin fer_plugin;

const struct fer_plugin fer_plugin = {
	.api = FER_PLUGIN_API,
	.name = "route-server",
	.version = "1",
	.owns = owns,
	.start = rs_start,
	.stop = rs_stop,
	.validate = rs_validate,
	.files = rs_files,
	.disturbs = rs_disturbs,
	.plan = rs_plan,
	.commit = rs_commit,
	.abort = rs_abort,
	.state = rs_state,
	.verbs = rs_verbs,
};
