/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a plugin is to the supervisor: one constant table, exported as `fer_plugin`, in a shared
 * object NAME.so, with its YANG module ferrule-NAME.yang in the folder of modules.
 *
 * validate and plan may fail and touch nothing that serves; commit may not fail; abort forgets the
 * plan. All run on the one thread of the supervisor and must not block.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { FER_PLUGIN_API = 4 };

enum { FER_PLAN_PENDING = 1 };

struct fer_config;
struct fer_disturbances;
struct fer_model;
struct fer_plan;
struct fer_problems;
struct fer_state;
struct fer_verb;

struct fer_plugin_paths {
	const char *run_dir;   /* lost at a reboot */
	const char *state_dir; /* kept */
};

struct fer_plugin {
	uint32_t api; /* FER_PLUGIN_API; always first, the loader looks at nothing else before */
	const char *name;
	const char *version;
	/* Top-level nodes of the configuration it depends on, up to a NULL. A commit that changes
	 * none of them does not come here. */
	const char *const *owns;

	/* Once, before anything else but validate. 0 or a negative errno. */
	int (*start)(const struct fer_plugin_paths *paths, void **instance);
	/* The supervisor ends; what serves goes on. */
	void (*stop)(void *instance);

	/* Touches nothing; also called by `ferrule check`, without start. 0 or -EINVAL. */
	int (*validate)(const struct fer_config *config, struct fer_problems *problems);
	/* For `ferrule check`: whether the files that a plan would read can be used, and what else
	 * a plan would refuse. state_dir: as of start. Touches nothing; may be NULL. */
	void (*files)(const char *state_dir, const struct fer_config *config,
		      struct fer_problems *problems);
	/* What a commit that leads from the one to the other does to those whom it serves:
	 * fer_disturb(). Touches nothing and reads no file; may be NULL. */
	void (*disturbs)(void *instance, const struct fer_config *from, const struct fer_config *to,
			 struct fer_disturbances *list);
	/* Renders into staging and runs the daemon's own checker. 0, a negative errno after it has
	 * cleaned up, or FER_PLAN_PENDING: fer_plan_done() comes later, unless abort does. `from`
	 * and `to` live until then. */
	int (*plan)(void *instance, struct fer_plan *plan, const struct fer_config *from,
		    const struct fer_config *to, struct fer_problems *problems);
	void (*commit)(void *instance);
	/* Of a plan that was made, or still waits. */
	void (*abort)(void *instance);

	/* What is, below `state` of ferrule-control.yang or an augmentation of it. */
	void (*state)(void *instance, struct fer_state *state);

	/* What it does when it is told to (action.h), up to one without a name; may be NULL. */
	const struct fer_verb *verbs;
};

/* The plan that returned FER_PLAN_PENDING is made (0), or failed and cleaned up (negative errno,
 * with a problem that says why). */
void fer_plan_done(struct fer_plan *plan, int err);

/* "resets 3 of 10 sessions: add-path changes". Told by `diff`, `plan` and `commit`, with the name
 * of the plugin in front; a commit with one that is severe is to say --confirm or --no-confirm. */
void fer_disturb(struct fer_disturbances *list, bool severe, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* What a pending plan is at, for who waits for it: "looks for other DHCP servers". Borrowed. */
void fer_plan_doing(struct fer_plan *plan, const char *what);

/* The address of this module by which whoever asks for the commit has come in, or NULL where that
 * is not known; and whether it comes back by itself unless it is confirmed. A role that would cut
 * them off asks for that. */
const char *fer_plan_via(const struct fer_plan *plan);
bool fer_plan_comes_back(const struct fer_plan *plan);

/*
 * At a start, and on the way back to what was: what can be is wanted, not all or nothing. A node
 * that a problem blames is taken out where its module marks it as `fer:separable`, and the plan is
 * made again without it, later with it again. A role that can do better with a node than without it
 * says so itself: what is missing of it stands in `status`, and the plan is made again in time.
 */
bool fer_plan_best_effort(const struct fer_plan *plan);
void fer_plan_leave_out(struct fer_plan *plan, const struct fer_model *at, const char *reason);

/* Where a pending plan says what is wrong. */
struct fer_problems *fer_plan_problems(struct fer_plan *plan);
