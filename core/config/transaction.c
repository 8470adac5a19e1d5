// SPDX-License-Identifier: GPL-2.0-or-later
#include "transaction.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/api/plugin.h"
#include "core/base/mem.h"
#include "model.h"
#include "yaml.h"

enum plan_state { PLAN_NONE, PLAN_WAITS, PLAN_MADE };

struct fer_plan {
	struct transaction *transaction;
	const struct commit_part *part;
	enum plan_state state;
	bool left_out;
	const char *doing; /* or NULL */
	struct fer_problems problems;
};

struct transaction {
	struct transaction_spec spec;
	struct store_entry entry;
	struct store_pending pending;
	struct problems *problems;
	struct fer_plan *plan; /* one for each part */
	unsigned waiting;
	bool planning; /* plan_all() is under way: nobody ends the transaction under it */
	int err;
};

static bool part_concerned(const struct commit_part *part, const struct document *from,
			   const struct document *to)
{
	if (!part->owns)
		return true;
	for (const char *const *name = part->owns; *name; name++)
		if (!document_equal_below(from, to, *name))
			return true;
	return false;
}

static bool may_leave_out(const struct transaction *t, const struct commit_part *part)
{
	return t->spec.lenient && part->owns;
}

static int validate_all(struct transaction *t)
{
	const struct commit_parts *parts = t->spec.parts;
	int err = document_validate(t->spec.to, t->problems);

	for (unsigned i = 0; !err && i < parts->count; i++) {
		const struct commit_part *part = &parts->at[i];

		/* all that is wrong, not the first of it: the others are asked, too */
		if (!part->validate || !part->validate(part->context, t->spec.to, t->problems))
			continue;
		if (may_leave_out(t, part))
			t->plan[i].left_out = true;
		else
			t->err = -EINVAL;
	}
	return err ? err : t->err;
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

		if (t->plan[i].state != PLAN_MADE)
			continue;
		part->commit(part->context);
		document_free(part->borrowed);
		part->borrowed = document_hold(t->spec.to);
	}
}

static int write_all(struct transaction *t)
{
	mem_auto char *yaml = NULL;
	int err;

	if (!t->spec.entry)
		return 0;
	yaml = yaml_print(t->spec.to->tree, false, 0);
	err = store_commit(t->spec.store, &t->entry, yaml, t->pending.number ? &t->pending : NULL);
	if (err)
		problems_add(t->problems, NULL, "cannot be written to %s: %s",
			     t->spec.store->config, strerror(-err));
	return err;
}

static void finish(struct transaction *t)
{
	struct transaction_spec spec = t->spec;
	int err = t->err ? t->err : write_all(t);

	*spec.under_way = NULL;
	if (err) {
		abort_all(t);
		document_free(spec.to);
		spec.to = NULL;
	} else {
		commit_all(t);
	}
	free(t->plan);
	free(t);
	spec.done(spec.arg, err, spec.to);
}

static int plan_one(struct transaction *t, struct fer_plan *plan)
{
	int err;

	plan->state = PLAN_WAITS;
	t->waiting++;
	err = plan->part->plan(plan->part->context, plan, t->spec.from, t->spec.to, t->problems);
	if (err == PLAN_PENDING)
		return 0;
	/* a plan that failed has cleaned up behind itself */
	plan->state = err ? PLAN_NONE : PLAN_MADE;
	t->waiting--;
	if (err && !t->problems->count)
		problems_add(t->problems, NULL, "%s: %s", plan->part->name, strerror(-err));
	return may_leave_out(t, plan->part) ? 0 : err;
}

static void plan_all(struct transaction *t)
{
	t->planning = true;
	for (unsigned i = 0; !t->err && i < t->spec.parts->count; i++)
		if (!t->plan[i].left_out &&
		    part_concerned(t->plan[i].part, t->spec.from, t->spec.to))
			t->err = plan_one(t, &t->plan[i]);
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

bool fer_plan_comes_back(const struct fer_plan *plan)
{
	return plan->transaction->pending.number;
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

	plan->state = err ? PLAN_NONE : PLAN_MADE;
	t->waiting--;
	if (err && !t->problems->count)
		problems_add(t->problems, NULL, "%s: %s", plan->part->name, strerror(-err));
	if (err && !t->err && !may_leave_out(t, plan->part))
		t->err = err;
	/* one that failed ends it: the others that still wait are aborted */
	if (!t->planning && (t->err || !t->waiting))
		finish(t);
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
	t->plan = mem_zalloc((spec->parts->count + 1) * sizeof(*t->plan));
	for (unsigned i = 0; i < spec->parts->count; i++)
		t->plan[i] = (struct fer_plan){.transaction = t,
					       .part = &spec->parts->at[i],
					       .problems = {spec->to, problems}};
	t->err = validate_all(t);
	if (!t->err)
		plan_all(t);
	if (t->err || !t->waiting)
		finish(t);
}
