/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One configuration into force: validate all, plan all, write to disk, commit all. Plans may take
 * their time (a daemon's own checker runs); nothing waits for them but the transaction.
 *
 * A start and a way back do what they can instead, part by part: what a part cannot have is left
 * out by name (omission.h), and the disk comes last, so that a full one keeps nothing in force.
 */
#pragma once

#include "document.h"
#include "omission.h"
#include "problem.h"
#include "store.h"

struct fer_disturbances;
struct fer_plan;
struct fer_problems;
struct transaction;

enum { PLAN_PENDING = 1 }; /* what a plan returns that calls fer_plan_done() later */

/* One that takes part: the wire, and each plugin. */
struct commit_part {
	const char *name;
	void *context;
	const char *const *owns; /* top-level nodes, up to a NULL; NULL: all */
	int (*validate)(void *context, const struct document *document, struct problems *problems);
	int (*plan)(void *context, struct fer_plan *plan, const struct document *from,
		    const struct document *to, struct problems *problems);
	/* What it would do to others, see disturbance.h; NULL: nothing. */
	void (*disturbs)(void *context, const struct document *from, const struct document *to,
			 struct fer_disturbances *list);
	void (*commit)(void *context);
	void (*abort)(void *context);
	/* What its plan in force was made of: it goes on using nodes and texts of it, also when
	 * commits that do not concern it have come since. */
	struct document *borrowed;
	bool always;	    /* planned at a start also where it owns nothing of it */
	unsigned again_max; /* s at most between two tries of what was left out; 0: 30 */
	unsigned again_in, again_pause; /* s, owed.c's */
};

struct commit_parts {
	struct commit_part *at;
	unsigned count;
};

struct transaction_spec {
	const struct commit_parts *parts;
	const struct document *from;
	struct document *to; /* taken */
	struct store *store;
	const struct store_entry *entry; /* NULL: nothing is written, the disk says so already */
	const struct store_pending *pending; /* number 0: none */
	bool best_effort; /* what cannot be is left out, instead of nothing being done */
	/* What is left out of what is in force; each part's entries are made anew as it is planned.
	 */
	struct omissions *omissions;
	/* This part alone, and in best effort only if more of it can be than before; NULL: all. */
	const struct commit_part *again;
	bool dry;	 /* -ECANCELED where it could be done: everything but the commit */
	bool reload;	 /* also if no more of it can be: what its files say has changed */
	const char *via; /* by which the one who asks has come in; NULL: not known */
	/* Once, perhaps from within transaction_start(). On 0 `to` is in force and the callee's;
	 * unwritten: the disk did not take it (best effort), for the reason among the problems. */
	void (*done)(void *arg, int err, struct document *to, bool unwritten);
	void *arg;
	struct transaction **under_way; /* NULL again when it is done */
};

/* It comes to nothing, whatever it says. */
bool plan_is_dry(const struct fer_plan *plan);

/* Something that it owns is another one. */
bool part_differs(const struct commit_part *part, const struct document *from,
		  const struct document *to);

/* What it waits for, and whose it is; NULL: for nothing. t may be NULL. */
const char *transaction_doing(const struct transaction *transaction, const char **part);

/* As if it had never been, while it waits for plans; `done` is not called, `to` is freed. */
void transaction_cancel(struct transaction *transaction);

/* problems: filled until done; must live until then. */
void transaction_start(const struct transaction_spec *spec, struct problems *problems);
