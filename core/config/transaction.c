// SPDX-License-Identifier: GPL-2.0-or-later
#include "transaction.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/api/plugin.h"
#include "core/base/loop.h"
#include "core/base/mem.h"
#include "model.h"
#include "reload.h"
#include "yaml.h"

enum plan_state { PLAN_NONE, PLAN_WAITS, PLAN_MADE };

struct fer_plan {
	struct transaction *transaction;
	const struct commit_part *part;
	enum plan_state state;
	bool concerned;
	struct document *to;   /* the transaction's, or a copy without what cannot be */
	const char *doing;     /* or NULL */
	struct problems found; /* of this try, in best effort */
	struct fer_problems problems;
};

struct transaction {
	struct transaction_spec spec;
	struct store_entry entry;
	struct store_pending pending;
	struct problems *problems;
	struct omissions omissions; /* of this transaction */
	struct fer_plan *plan;	    /* one for each part */
	unsigned waiting;
	bool planning; /* plan_all() is under way: nobody ends the transaction under it */
	int err;
};

bool part_differs(const struct commit_part *part, const struct document *from,
		  const struct document *to)
{
	if (!part->owns)
		return true;
	for (const char *const *name = part->owns; *name; name++)
		if (!document_equal_below(from, to, *name))
			return true;
	return false;
}

/* A part that is whole and stays the same is left alone; so is one that is not, until somebody
 * changes it, or it is tried again. */
static bool part_concerned(const struct transaction *t, const struct commit_part *part)
{
	bool left_out = omissions_have(t->spec.omissions, part->name);

	if (t->spec.again)
		return part == t->spec.again;
	if (part_differs(part, t->spec.from, t->spec.to))
		return true;
	return left_out ? t->spec.best_effort : part->always && !part->borrowed;
}

static struct problems *problems_of(struct fer_plan *plan)
{
	return plan->transaction->spec.best_effort ? &plan->found : plan->transaction->problems;
}

/* All that is wrong, not the first of it: all parts are asked, also those that did not change. */
static int validate_all(struct transaction *t)
{
	const struct commit_parts *parts = t->spec.parts;
	int err = document_validate(t->spec.to, t->problems);

	for (unsigned i = 0; !err && i < parts->count; i++) {
		const struct commit_part *part = &parts->at[i];

		if (!part->validate ||
		    (!t->plan[i].concerned && omissions_have(t->spec.omissions, part->name)))
			continue;
		if (part->validate(part->context, t->spec.to, t->problems))
			t->err = -EINVAL;
	}
	return err ? err : t->err;
}

/* What does not fit the schema any more, by what a module marks as separable. */
static int validate_what_can_be(struct transaction *t)
{
	for (;;) {
		struct problems problems_auto found = {0};

		if (!document_validate(t->spec.to, &found))
			return 0;
		if (omissions_take_out(&t->omissions, "", NULL, t->spec.to, &found))
			continue;
		for (unsigned i = 0; i < found.count; i++)
			problems_add(t->problems, found.at[i].path, "%s", found.at[i].message);
		return -EINVAL;
	}
}

static void abort_all(struct transaction *t)
{
	for (unsigned i = t->spec.parts->count; i-- > 0;)
		if (t->plan[i].state != PLAN_NONE)
			t->plan[i].part->abort(t->plan[i].part->context);
}

static void commit_all(struct transaction *t)
{
	for (unsigned i = 0; i < t->spec.parts->count; i++) {
		struct commit_part *part = &t->spec.parts->at[i];
		struct fer_plan *plan = &t->plan[i];

		if (plan->concerned)
			omissions_forget(t->spec.omissions, part->name);
		if (plan->state != PLAN_MADE)
			continue;
		loop_doing("commit of", part->name);
		part->commit(part->context);
		document_free(part->borrowed);
		part->borrowed = document_hold(plan->to);
	}
	if (!t->spec.again)
		omissions_forget(t->spec.omissions, "");
	omissions_move(t->spec.omissions, &t->omissions);
}

static int write_all(struct transaction *t)
{
	mem_auto char *yaml = NULL;
	const char *where;
	int err;

	if (!t->spec.entry)
		return 0;
	yaml = yaml_print(t->spec.to->tree, false, 0);
	err = store_commit(t->spec.store, &t->entry, yaml, t->pending.number ? &t->pending : NULL,
			   &where);
	if (err)
		problems_add(t->problems, NULL, "cannot be written to %s: %s", where,
			     strerror(-err));
	return err;
}

static void plan_clear(struct fer_plan *plan)
{
	document_free(plan->to);
	problems_clear(&plan->found);
}

static void transaction_free(struct transaction *t)
{
	for (unsigned i = 0; i < t->spec.parts->count; i++)
		plan_clear(&t->plan[i]);
	omissions_clear(&t->omissions);
	*t->spec.under_way = NULL;
	free(t->plan);
	free(t);
}

/* Tried again in best effort, and no more of it can be than before: what works is not let go. */
static bool is_no_better(const struct transaction *t)
{
	const struct fer_plan *plan = t->plan;

	if (!t->spec.again || !t->spec.best_effort)
		return false;
	while (plan->part != t->spec.again)
		plan++;
	if (plan->state != PLAN_MADE)
		return true;
	/* nothing of it is in force */
	if (!plan->part->borrowed)
		return false;
	for (unsigned i = 0; i < t->omissions.count; i++)
		if (!omissions_cover(t->spec.omissions, t->omissions.at[i].path))
			return true;
	return !t->spec.reload &&
	       omissions_equal(t->spec.omissions, &t->omissions, t->spec.again->name);
}

static void finish(struct transaction *t)
{
	struct transaction_spec spec = t->spec;
	bool unwritten = false;
	int err = t->err;

	if (!err && is_no_better(t))
		err = -EALREADY;
	if (!err && spec.dry)
		err = -ECANCELED;
	if (!err && !spec.best_effort)
		err = write_all(t);
	if (err)
		abort_all(t);
	else
		commit_all(t);
	if (!err && spec.best_effort)
		unwritten = write_all(t) != 0;
	transaction_free(t);
	if (err) {
		document_free(spec.to);
		spec.to = NULL;
	}
	spec.done(spec.arg, err, spec.to, unwritten);
}

void transaction_cancel(struct transaction *t)
{
	struct document *to = t->spec.to;

	abort_all(t);
	transaction_free(t);
	document_free(to);
}

static int plan_begin(struct fer_plan *plan)
{
	struct transaction *t = plan->transaction;
	struct problems *problems = problems_of(plan);
	int err;

	plan->state = PLAN_WAITS;
	t->waiting++;
	loop_doing("plan of", plan->part->name);
	reload_plan_begin(plan->part);
	err = plan->part->plan(plan->part->context, plan, t->spec.from, plan->to, problems);
	reload_plan_end();
	if (err == PLAN_PENDING)
		return err;
	/* a plan that failed has cleaned up behind itself */
	plan->state = err ? PLAN_NONE : PLAN_MADE;
	t->waiting--;
	if (err && !problems->count)
		problems_add(problems, NULL, "%s: %s", plan->part->name, strerror(-err));
	return err;
}

/* ---- as far as it can be ---- */

/* Out goes what the problems blame, or the whole part. Whether there is something to try again. */
static bool plan_reduce(struct fer_plan *plan)
{
	struct omissions *list = &plan->transaction->omissions;
	const struct commit_part *part = plan->part;
	const struct problem *first = plan->found.count ? &plan->found.at[0] : NULL;

	if (plan->to == plan->transaction->spec.to) {
		/* what the problems blame is in there: it stays until the copy has lost the same */
		plan->to = document_copy(plan->transaction->spec.to);
		document_free(plan->transaction->spec.to);
	}
	if (omissions_take_out(list, part->name, part->owns, plan->to, &plan->found))
		return true;
	omissions_forget(list, part->name);
	omissions_add(list, part->name, first && first->path ? first->path : part->name,
		      first ? first->message : "cannot be planned");
	return false;
}

static int part_validate(struct fer_plan *plan)
{
	const struct commit_part *part = plan->part;

	/* a copy has lost something that the rest may refer to */
	if (plan->to != plan->transaction->spec.to && document_validate(plan->to, &plan->found))
		return -EINVAL;
	if (part->validate && part->validate(part->context, plan->to, &plan->found))
		return -EINVAL;
	return plan->found.count ? -EINVAL : 0;
}

/* Each round takes something out, so it ends. */
static void plan_try(struct fer_plan *plan)
{
	int err;

	do {
		problems_clear(&plan->found);
		plan->problems = (struct fer_problems){plan->to, &plan->found};
		err = part_validate(plan);
		if (!err)
			err = plan_begin(plan);
		if (!err || err == PLAN_PENDING)
			return;
	} while (plan_reduce(plan));
}

/* ---- all of it ---- */

static void plan_whole(struct fer_plan *plan)
{
	int err = plan_begin(plan);

	if (err && err != PLAN_PENDING)
		plan->transaction->err = err;
}

static void plan_all(struct transaction *t)
{
	t->planning = true;
	for (unsigned i = 0; !t->err && i < t->spec.parts->count; i++) {
		if (!t->plan[i].concerned)
			continue;
		if (t->spec.best_effort)
			plan_try(&t->plan[i]);
		else
			plan_whole(&t->plan[i]);
	}
	t->planning = false;
}

struct fer_problems *fer_plan_problems(struct fer_plan *plan)
{
	return &plan->problems;
}

const char *fer_plan_via(const struct fer_plan *plan)
{
	return plan->transaction->spec.via;
}

bool plan_is_dry(const struct fer_plan *plan)
{
	return plan->transaction->spec.dry;
}

bool fer_plan_comes_back(const struct fer_plan *plan)
{
	return plan->transaction->pending.number;
}

bool fer_plan_best_effort(const struct fer_plan *plan)
{
	return plan && plan->transaction->spec.best_effort;
}

void fer_plan_leave_out(struct fer_plan *plan, const struct fer_model *at, const char *reason)
{
	mem_auto char *path = document_path((const struct lyd_node *)at);

	omissions_add(&plan->transaction->omissions, plan->part->name, path, reason);
}

void fer_plan_doing(struct fer_plan *plan, const char *what)
{
	plan->doing = what;
}

const char *transaction_doing(const struct transaction *t, const char **part)
{
	for (unsigned i = 0; t && i < t->spec.parts->count; i++) {
		if (t->plan[i].state != PLAN_WAITS)
			continue;
		*part = t->plan[i].part->name;
		return t->plan[i].doing ? t->plan[i].doing : "checks its configuration";
	}
	return NULL;
}

void fer_plan_done(struct fer_plan *plan, int err)
{
	struct transaction *t = plan->transaction;
	struct problems *problems = problems_of(plan);

	plan->state = err ? PLAN_NONE : PLAN_MADE;
	t->waiting--;
	if (err && !problems->count)
		problems_add(problems, NULL, "%s: %s", plan->part->name, strerror(-err));
	if (err && !t->spec.best_effort) {
		if (!t->err)
			t->err = err;
	} else if (err && plan_reduce(plan)) {
		plan_try(plan);
	}
	/* one that failed ends it: the others that still wait are aborted */
	if (!t->planning && (t->err || !t->waiting))
		finish(t);
}

static void plans_make(struct transaction *t)
{
	const struct commit_parts *parts = t->spec.parts;

	t->plan = mem_zalloc((parts->count + 1) * sizeof(*t->plan));
	for (unsigned i = 0; i < parts->count; i++)
		t->plan[i] = (struct fer_plan){.transaction = t,
					       .part = &parts->at[i],
					       .concerned = part_concerned(t, &parts->at[i]),
					       .to = document_hold(t->spec.to),
					       .problems = {t->spec.to, t->problems}};
}

void transaction_start(const struct transaction_spec *spec, struct problems *problems)
{
	struct transaction *t = mem_zalloc(sizeof(*t));

	t->spec = *spec;
	*spec->under_way = t;
	if (spec->entry)
		t->entry = *spec->entry;
	if (spec->pending)
		t->pending = *spec->pending;
	t->problems = problems;
	if (spec->best_effort)
		t->err = validate_what_can_be(t);
	plans_make(t);
	if (!spec->best_effort)
		t->err = validate_all(t);
	if (!t->err)
		plan_all(t);
	if (t->err || !t->waiting)
		finish(t);
}
