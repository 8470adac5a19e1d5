// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The out-of-band way in: a tunnel to each hub, one of them in use, over one of the uplinks; and a
 * ladder that is climbed when no answer comes.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "access.h"
#include "core/api/event.h"
#include "core/api/facts.h"
#include "core/api/file.h"
#include "core/api/log.h"
#include "core/api/model.h"
#include "core/api/plugin.h"
#include "core/api/state.h"
#include "echo.h"
#include "guard.h"
#include "oob.h"
#include "overlap.h"
#include "paths.h"
#include "services/netdev/prefix.h"
#include "services/netdev/link.h"
#include "services/wireguard/wireguard.h"
#include "rotate.h"
#include "services/netdev/netns.h"
#include "space.h"
#include "steps.h"
#include "trouble.h"
#include "tunnel.h"
#include "verbs.h"

enum {
	TICK_MS = 250,
	ASK_MS = 1000,
	LOOK_MS = 500, /* at the uplinks */
};

/* The latest handshake with a hub, s since 1970; 0: none. reached: with one that would be found
 * where it is after a start. */
static uint64_t latest(const struct oob *oob, bool reached)
{
	uint64_t latest = 0;

	for (unsigned i = 0; i < oob->now.hubs; i++) {
		uint64_t one = !oob->tunnel[i] ? 0
			       : reached       ? tunnel_reached(oob->tunnel[i])
					       : tunnel_handshake(oob->tunnel[i]);

		latest = one > latest ? one : latest;
	}
	return latest;
}

static void tell_others(uint64_t latest)
{
	char text[32];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)latest);
	if (!fer_fact("oob") || strcmp(fer_fact("oob"), text))
		fer_fact_set("oob", latest ? text : NULL);
}

/* Frees what has ended; true while something has not. */
static bool bury(struct oob *oob)
{
	bool left = false;

	for (unsigned i = 0; i < 2 * TUNNELS; i++) {
		if (oob->ending[i] && tunnel_is_gone(oob->ending[i])) {
			tunnel_free(oob->ending[i]);
			oob->ending[i] = NULL;
		}
		left = left || oob->ending[i];
	}
	return left;
}

static void open_up(struct oob *oob);

/* Its namespace is there, or none is. */
static void space_put(struct oob *oob)
{
	char path[256];
	int err;

	space_path(oob->run_dir, path, sizeof(path));
	err = *oob->now.space ? space_make(&oob->now) : 0;
	if (!*oob->now.space)
		space_clear(path);
	if (err && !oob->unmade)
		fer_log_err("oob: %s cannot be made: %s", path, strerror(-err));
	oob->unmade = err;
}

static void tick(void *arg)
{
	struct oob *oob = arg;
	uint64_t now = echo_now();

	if (bury(oob) || oob->now.on)
		fer_timer_start(oob->tick, TICK_MS);
	if (!oob->now.on)
		return;
	if (oob->closed) {
		if (!bury(oob))
			open_up(oob);
		return;
	}
	if (now - oob->looked >= LOOK_MS) {
		oob->looked = now;
		if (paths_look(oob->paths, &oob->now))
			steps_paths(oob);
	}
	if (now - oob->asked >= ASK_MS) {
		if (oob->unmade)
			space_put(oob);
		steps_ask(oob);
	}
	for (unsigned i = 0; i < TUNNELS; i++)
		if (oob->tunnel[i])
			tunnel_look(oob->tunnel[i]);
	steps_climb(oob);
	rotate_tick(oob);
	tell_others(oob->guarding ? 0 : latest(oob, true));
	if (oob->now.keep_clock)
		clock_keep(&oob->clock, latest(oob, false), now);
}

/* A daemon has come up, and what stood on its interface went with the one before. */
static void came_up(void *arg)
{
	struct oob *oob = arg;

	steps_paths(oob);
	guard_forward(oob->guard, &oob->now);
	access_wake(oob->access);
}

/* ---- tunnels ---- */

static void stop_tunnel(struct oob *oob, unsigned i)
{
	if (!oob->tunnel[i])
		return;
	tunnel_stop(oob->tunnel[i]);
	for (unsigned k = 0; k < 2 * TUNNELS && oob->tunnel[i]; k++) {
		if (oob->ending[k])
			continue;
		oob->ending[k] = oob->tunnel[i];
		oob->tunnel[i] = NULL;
	}
	tunnel_free(oob->tunnel[i]);
	oob->tunnel[i] = NULL;
	fer_timer_start(oob->tick, TICK_MS);
}

static void apply_tunnels(struct oob *oob)
{
	const struct tunnel_events events = {came_up, oob};

	for (unsigned i = 0; i < TUNNELS; i++) {
		if (i >= oob_tunnels(&oob->now)) {
			stop_tunnel(oob, i);
			continue;
		}
		if (!oob->tunnel[i])
			oob->tunnel[i] = tunnel_new(oob->run_dir, oob->folder, &oob->now, i,
						    oob->kernel, &events);
		if (oob->tunnel[i])
			tunnel_apply(oob->tunnel[i], &oob->now);
	}
}

static void open_up(struct oob *oob)
{
	oob->closed = oob->guarding = false;
	oob->began = echo_now();
	oob->waited = false;
	if (oob->now.keep_clock)
		clock_put_back(&oob->clock);
	paths_look(oob->paths, &oob->now);
	apply_tunnels(oob);
	steps_paths(oob);
	guard_forward(oob->guard, &oob->now);
	if (oob->moved)
		access_move(oob->access);
	oob->moved = false;
	fer_timer_start(oob->tick, TICK_MS);
}

/* Nothing that is not listed can come in any more. */
static void guarded(void *arg)
{
	struct oob *oob = arg;

	if (!oob->now.on)
		return;
	/* a daemon of the same name that has not ended would be taken for the next one */
	oob->closed = bury(oob);
	if (!oob->closed)
		open_up(oob);
	else
		fer_timer_start(oob->tick, TICK_MS);
}

/* ---- the role ---- */

static int oob_start(const struct fer_plugin_paths *paths, void **instance)
{
	struct oob *oob = calloc(1, sizeof(*oob));

	if (!oob)
		return -ENOMEM;
	snprintf(oob->run_dir, sizeof(oob->run_dir), "%.199s", paths->run_dir);
	snprintf(oob->folder, sizeof(oob->folder), "%.190s/oob", paths->state_dir);
	if (fer_folder_make(oob->folder, 0700, NULL)) {
		free(oob);
		return -EIO;
	}
	clock_begin(&oob->clock, oob->folder, oob->run_dir);
	oob->paths = paths_new(oob->folder);
	oob->access = access_new(oob->run_dir, oob->folder);
	oob->guard = guard_new(oob->run_dir, guarded, oob);
	oob->tick = fer_timer_new(tick, oob);
	*instance = oob;
	return 0;
}

static void oob_stop(void *instance)
{
	struct oob *oob = instance;

	fer_event_free(oob->tick);
	if (oob->now.on && oob->now.keep_clock)
		clock_end(&oob->clock, latest(oob, false));
	for (unsigned i = 0; i < TUNNELS; i++)
		tunnel_free(oob->tunnel[i]);
	for (unsigned i = 0; i < 2 * TUNNELS; i++)
		tunnel_free(oob->ending[i]);
	paths_free(oob->paths);
	guard_free(oob->guard);
	access_free(oob->access);
	oob_config_clear(&oob->now);
	oob_config_clear(&oob->staged);
	rotate_end(oob, -ESHUTDOWN);
	free(oob);
}

static int oob_validate(const struct fer_config *config, struct fer_problems *problems)
{
	struct oob_config ignored;

	return oob_load(config, &ignored, NULL, problems);
}

static void oob_check_files(const char *state_dir, const struct fer_config *config,
			    struct fer_problems *problems)
{
	struct oob_config to;
	char folder[200];
	const struct oob_files files = {folder, NULL};

	snprintf(folder, sizeof(folder), "%.190s/oob", state_dir);
	if (!oob_load(config, &to, &files, problems))
		access_check_files(&to, folder, problems);
	oob_config_clear(&to);
}

static int backend_here(const struct oob_config *to, struct fer_problems *problems)
{
	const struct fer_model *at = fer_model_find(to->at, "backend");

	if (to->kernel && !wireguard_kernel_available()) {
		fer_problem(problems, at,
			    "this kernel has no WireGuard, or wg is not installed "
			    "(apt-get install wireguard-tools); allowed is userspace");
		return -ENOENT;
	}
	if (!to->kernel && !wireguard_userspace_available() &&
	    (to->userspace || !wireguard_kernel_available())) {
		fer_problem(problems, at,
			    "wireguard-go is not installed, or there is no "
			    "/dev/net/tun: apt-get install wireguard-go");
		return -ENOENT;
	}
	if (access("/usr/sbin/nft", X_OK)) {
		fer_problem(problems, to->at, "nft is not installed: apt-get install nftables");
		return -ENOENT;
	}
	return 0;
}

/* An interface that somebody else made is not taken. */
static int links_free(const struct oob_config *to, struct fer_problems *problems)
{
	struct link_state link;
	char name[16];

	for (unsigned i = 0; i < oob_tunnels(to); i++) {
		oob_interface(to, i, name);
		if (link_look(name, &link) || !strcmp(link.kind, "tun") ||
		    !strcmp(link.kind, "wireguard"))
			continue;
		fer_problem(problems, fer_model_find(to->at, "interface"),
			    "there is an interface %s already, and it is no tunnel", name);
		return -EEXIST;
	}
	space_near(to, name);
	if (!*to->space || link_look(name, &link) || !strcmp(link.kind, "veth"))
		return 0;
	fer_problem(problems, fer_model_find(to->at, "interface"),
		    "there is an interface %s already, and the namespace needs that name", name);
	return -EEXIST;
}

/* Where its namespace is going to be. */
static int space_plan(const struct oob *oob, struct oob_config *to, struct fer_problems *problems)
{
	int err = to->namespace ? netns_possible() : 0;

	if (to->namespace)
		space_path(oob->run_dir, to->space, sizeof(to->space));
	if (err)
		fer_problem(problems, fer_model_find(to->at, "isolation"),
			    "no network namespace can be made here: %s; allowed are table and none",
			    strerror(-err));
	return err;
}

static void staged_path(const struct oob_config *config, char path[264])
{
	snprintf(path, 264, "%s.staged", config->key_file);
}

/* Made where it can still be refused: one that cannot be kept would be another one after a restart,
 * and the hub would not know it. */
static int key_stage(struct oob_config *config, struct fer_problems *problems)
{
	char text[KEY_BASE64 + 1], staged[264];
	int err;

	staged_path(config, staged);
	unlink(staged);
	if (!key_is_zero(config->private_key))
		return 0;
	err = key_make(config->private_key);
	key_print(config->private_key, text);
	text[KEY_BASE64 - 1] = '\n';
	if (!err)
		err = fer_file_write(staged, text, KEY_BASE64, 0600, NULL);
	explicit_bzero(text, sizeof(text));
	if (err)
		fer_problem(problems, fer_model_find(config->at, "private-key-file"),
			    "a key cannot be made in %s: %s", config->key_file, strerror(-err));
	return err;
}

/* Through the tunnel that it changes: who typed it may be cut off by it. */
static int way_in_kept(const struct oob *oob, struct fer_plan *plan, struct fer_problems *problems)
{
	const char *via = fer_plan_via(plan);
	struct prefix came, own;
	char text[PREFIX_TEXT + 16];
	bool inside = via && *oob->now.space &&
		      (!strcmp(via, SPACE_MODULE4) || !strcmp(via, SPACE_MODULE6));

	if (!via || fer_plan_comes_back(plan))
		return 0;
	snprintf(text, sizeof(text), "%.48s/%d", via, strchr(via, ':') ? 128 : 32);
	for (unsigned i = 0; oob->now.on && i < oob->now.addresses; i++) {
		if (!inside &&
		    (!prefix_parse(text, &came) || !prefix_parse(oob->now.address[i], &own) ||
		     came.family != own.family || memcmp(came.octets, own.octets, 16)))
			continue;
		fer_problem(problems, NULL,
			    "you came in through the tunnel, and this commit changes it or what it "
			    "goes over: 'ferrule commit --confirm 5', or 'ferrule commit --until "
			    "oob', which comes back by itself");
		return -EPERM;
	}
	return 0;
}

/* A plan that was half made. */
static void plan_drop(void *arg)
{
	struct oob *oob = arg;
	char staged[264];

	staged_path(&oob->staged, staged);
	if (oob->staged.on)
		unlink(staged);
	oob_config_clear(&oob->staged);
}

static int oob_plan(void *instance, struct fer_plan *plan, const struct fer_config *from,
		    const struct fer_config *to, struct fer_problems *problems)
{
	struct oob *oob = instance;
	const struct oob_files files = {oob->folder, plan};
	int err = way_in_kept(oob, plan, problems);

	(void)from;
	if (!err)
		err = oob_load(to, &oob->staged, &files, problems);
	if (err || !oob->staged.on)
		return err;
	err = backend_here(&oob->staged, problems);
	/* at a start it was so before: no way in at all is worse */
	if (!err && !fer_plan_best_effort(plan))
		err = overlap_check(to, &oob->now, &oob->staged, problems);
	if (!err)
		err = space_plan(oob, &oob->staged, problems);
	if (!err)
		err = links_free(&oob->staged, problems);
	if (!err)
		err = key_stage(&oob->staged, problems);
	if (!err)
		err = access_plan(oob->access, &oob->staged, plan, problems, plan_drop, oob);
	if (err && err != FER_PLAN_PENDING)
		plan_drop(oob);
	return err;
}

static void oob_abort(void *instance)
{
	struct oob *oob = instance;

	access_abort(oob->access);
	plan_drop(oob);
}

/* ---- commit ---- */

static void key_put(const struct oob_config *config)
{
	char staged[264];

	staged_path(config, staged);
	if (access(staged, F_OK))
		return;
	if (rename(staged, config->key_file))
		fer_log_err("oob: %s: %s", config->key_file, strerror(errno));
	else
		fer_log_notice("oob: made a key in %s; 'ferrule show oob' has its public half",
			       config->key_file);
}

static bool kernel_chosen(const struct oob_config *config)
{
	if (config->kernel || config->userspace)
		return config->kernel;
	return wireguard_kernel_available();
}

/* What was chosen by name may be another one by number. */
static bool others_to_choose(const struct oob_config *a, const struct oob_config *b)
{
	if (a->hubs != b->hubs || a->uplinks != b->uplinks ||
	    memcmp(a->uplink, b->uplink, sizeof(a->uplink)))
		return true;
	for (unsigned i = 0; i < a->hubs; i++)
		if (strcmp(a->hub[i].name, b->hub[i].name))
			return true;
	return false;
}

static void oob_commit(void *instance)
{
	struct oob *oob = instance;
	bool kernel = oob->staged.on && kernel_chosen(&oob->staged);
	bool renamed =
		oob->now.on && oob->staged.on &&
		(strcmp(oob->now.base, oob->staged.base) || oob->now.first != oob->staged.first);
	bool spaced = strcmp(oob->now.space, oob->staged.space);

	rotate_end(oob, -EINTR);
	oob->moved = oob->now.on &&
		     memcmp(oob->now.address, oob->staged.address, sizeof(oob->now.address));
	if (others_to_choose(&oob->now, &oob->staged))
		ladder_choose_none(&oob->ladder);
	/* other interfaces: those that were go first */
	for (unsigned i = 0; (renamed || spaced || kernel != oob->kernel) && i < TUNNELS; i++)
		stop_tunnel(oob, i);
	if (spaced && oob->now.on)
		paths_clear();
	oob_config_clear(&oob->now);
	oob->now = oob->staged;
	memset(&oob->staged, 0, sizeof(oob->staged));
	oob->kernel = kernel;
	space_put(oob); /* with the addresses that they listen at */
	access_commit(oob->access, &oob->now);
	if (!oob->now.on) {
		apply_tunnels(oob);
		paths_clear();
		guard_clear(oob->guard);
		fer_fact_set("oob", NULL);
		return;
	}
	key_put(&oob->now);
	if (oob->ladder.hub >= oob->now.hubs)
		oob->ladder.hub = 0;
	if (oob->ladder.uplink >= oob->now.uplinks)
		oob->ladder.uplink = 0;
	/* first the guard, then the way */
	oob->guarding = true;
	guard_apply(oob->guard, &oob->now);
}

/* ---- state ---- */

void oob_show_ends(const struct oob *oob, struct fer_state *state)
{
	for (unsigned i = 0; i < oob_tunnels(&oob->now); i++)
		if (oob->tunnel[i])
			tunnel_show(oob->tunnel[i], i == oob->ladder.hub, state);
}

static void show_chosen(const struct oob *oob, struct fer_state *state)
{
	const char *hub = oob->ladder.hub_chosen ? oob->now.hub[oob->ladder.hub].name : "";
	const char *uplink = oob->ladder.uplink_chosen ? oob->now.uplink[oob->ladder.uplink] : "";
	char text[64];

	if (!*hub && !*uplink)
		return;
	snprintf(text, sizeof(text), "%s%s%s", hub, *hub && *uplink ? ", " : "", uplink);
	fer_state_text(state, text, "ferrule-oob:oob/chosen");
}

static void oob_show(void *instance, struct fer_state *state)
{
	struct oob *oob = instance;
	uint8_t key[KEY_OCTETS];
	char text[KEY_BASE64];

	if (!oob->now.on)
		return;
	fer_state_text(state, oob->kernel ? "kernel" : "userspace", "ferrule-oob:oob/backend");
	if (*oob->now.space)
		fer_state_text(state, oob->now.space, "ferrule-oob:oob/namespace");
	if (!key_public(oob->now.private_key, key)) {
		key_print(key, text);
		fer_state_text(state, text, "ferrule-oob:oob/public-key");
	}
	if (oob->now.hubs)
		fer_state_text(state, oob->now.hub[oob->ladder.hub].name,
			       "ferrule-oob:oob/active-hub");
	if (oob->now.uplinks)
		fer_state_text(state, oob->now.uplink[oob->ladder.uplink],
			       "ferrule-oob:oob/active-uplink");
	show_chosen(oob, state);
	if (oob->step != LADDER_NONE) {
		fer_state_text(state, ladder_step_name(oob->step), "ferrule-oob:oob/step");
		fer_state_number(state, (echo_now() - oob->stepped) / 1000,
				 "ferrule-oob:oob/step-age");
	}
	oob_show_ends(oob, state);
	for (unsigned i = 0; i < oob_tunnels(&oob->now); i++)
		if (oob->tunnel[i])
			tunnel_show_service(oob->tunnel[i], state);
	trouble_show(oob, state);
	rotate_show(oob, state);
	access_show(oob->access, state);
	paths_show(oob->paths, &oob->now, oob->ladder.uplink, state);
}

/* Its names must differ from those of the others, and what is behind sfp0 can be reached. */
static const char *const owns[] = {"oob", "host-link", "wire", NULL};

extern const struct fer_plugin fer_plugin;

const struct fer_plugin fer_plugin = {
	.api = FER_PLUGIN_API,
	.name = "oob",
	.version = "1",
	.owns = owns,
	.start = oob_start,
	.stop = oob_stop,
	.validate = oob_validate,
	.files = oob_check_files,
	.plan = oob_plan,
	.commit = oob_commit,
	.abort = oob_abort,
	.state = oob_show,
	.verbs = oob_verbs,
};
