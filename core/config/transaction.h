/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One configuration into force: validate all, plan all, write to disk, commit all. Plans may take
 * their time (a daemon's own checker runs); nothing waits for them but the transaction.
 */
#pragma once

#include "document.h"
#include "problem.h"
#include "store.h"

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
	void (*commit)(void *context);
	void (*abort)(void *context);
	/* What its plan in force was made of: it goes on using nodes and texts of it, also when
	 * commits that do not concern it have come since. */
	struct document *borrowed;
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
	/* A role that cannot be is left out with its problems, and all else comes into force: for a
	 * start, where the wire matters more. Parts without `owns` cannot be left out. */
	bool lenient;
	const char *via; /* by which the one who asks has come in; NULL: not known */
	/* Once, perhaps from within transaction_start(). On 0 `to` is in force and the callee's. */
	void (*done)(void *arg, int err, struct document *to);
	void *arg;
	struct transaction **under_way; /* NULL again when it is done */
};

/* What it waits for, and whose it is; NULL: for nothing. t may be NULL. */
const char *transaction_doing(const struct transaction *transaction, const char **part);

/* problems: filled until done; must live until then. */
void transaction_start(const struct transaction_spec *spec, struct problems *problems);
