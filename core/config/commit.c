// SPDX-License-Identifier: GPL-2.0-or-later
#include "commit.h"

#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/api/event.h"
#include "core/api/log.h"
#include "core/api/model.h"
#include "core/api/plugin.h"
#include "core/base/loop.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "diff.h"
#include "model.h"
#include "operation.h"
#include "reload.h"
#include "schema.h"
#include "yaml.h"

static void deadline_reached(void *arg);

struct commit *commit_new(const struct schema *schema, struct store *store,
			  char *(*observe)(void *arg), void *arg)
{
	struct commit *c = mem_zalloc(sizeof(*c));

	c->schema = schema;
	c->store = store;
	c->observe = observe;
	c->observe_arg = arg;
	c->running = document_new(schema);
	c->timer = fer_timer_new(deadline_reached, c);
	return c;
}

void commit_stop(struct commit *c)
{
	if (!c)
		return;
	reload_stop();
	owed_end(c);
}

void commit_free(struct commit *c)
{
	if (!c)
		return;
	commit_stop(c);
	fer_event_free(c->timer);
	document_free(c->before);
	document_free(c->running);
	document_free(c->candidate);
	for (unsigned i = 0; i < c->parts.count; i++)
		document_free(c->parts.at[i].borrowed);
	free(c->parts.at);
	observe_stop(c);
	free(c->rolled_back);
	fer_event_free(c->observe_timer);
	until_end(c);
	free(c);
}

void commit_add_part(struct commit *c, const struct commit_part *part)
{
	c->parts.at = mem_grow(c->parts.at, c->parts.count, sizeof(*c->parts.at));
	c->parts.at[c->parts.count++] = *part;
}

const struct document *commit_running(const struct commit *c)
{
	return c->running;
}

const struct document *commit_candidate(const struct commit *c)
{
	return c->candidate ? c->candidate : c->running;
}

struct document *commit_candidate_edit(struct commit *c)
{
	if (!c->candidate)
		c->candidate = document_copy(c->running);
	return c->candidate;
}

/* ---- the transaction ---- */

struct operation *operation_new(struct commit *c, commit_done_fn *done, void *arg)
{
	struct operation *op = mem_zalloc(sizeof(*op));

	op->commit = c;
	op->done = done;
	op->arg = arg;
	return op;
}

void operation_end(struct operation *op, int err)
{
	struct commit *c = op->commit;

	if (c->operation == op)
		c->operation = NULL;
	if (op->dry && err == -ECANCELED)
		err = 0;
	op->done(op->arg, err, &op->problems);
	problems_clear(&op->problems);
	free(op->observed);
	free(op->until);
	free(op->via);
	document_free(op->before);
	free(op);
}

bool operation_is_busy(struct commit *c, struct problems *problems)
{
	owed_cancel(c);
	if (!c->operation)
		return false;
	problems_add(problems, NULL, "another commit is being checked; try again in a moment");
	return true;
}

static void transact_done(void *arg, int err, struct document *to, bool unwritten)
{
	struct operation *op = arg;
	struct commit *c = op->commit;

	if (!err) {
		document_free(c->running);
		c->running = to;
		op->unwritten = unwritten;
		if (op->entry.number && !unwritten) {
			c->number = op->entry.number;
			c->recorded = true;
		}
		op->succeeded(op);
		owed_begin(c);
		malloc_trim(0); /* a large configuration leaves much behind */
	}
	operation_end(op, err);
}

void operation_transact(struct operation *op, struct document *to)
{
	struct commit *c = op->commit;
	const struct transaction_spec spec = {
		.parts = &c->parts,
		.from = c->running,
		.to = to,
		.store = c->store,
		.entry = op->entry.number ? &op->entry : NULL,
		.pending = &op->pending,
		.best_effort = op->best_effort,
		.omissions = &c->omissions,
		.again = op->again,
		.dry = op->dry,
		.reload = op->reload,
		.via = op->via,
		.done = transact_done,
		.arg = op,
		.under_way = &c->transaction,
	};

	c->operation = op;
	transaction_start(&spec, &op->problems);
}

int entry_make(const struct commit *c, struct store_entry *entry, const char *user,
	       const char *comment, struct problems *problems)
{
	int err;

	*entry = (struct store_entry){.time = time(NULL)};
	err = store_next(c->store, &entry->number);
	if (err)
		problems_add(problems, NULL, "the history cannot be read: %s", strerror(-err));
	snprintf(entry->user, sizeof(entry->user), "%s", user);
	snprintf(entry->comment, sizeof(entry->comment), "%s", comment ? comment : "");
	/* not within a character: what is not UTF-8 could not be read again */
	entry->comment[text_utf8_end(entry->comment, strlen(entry->comment))] = '\0';
	entry->user[text_utf8_end(entry->user, strlen(entry->user))] = '\0';
	for (char *at = entry->comment; *at; at++)
		if ((unsigned char)*at < 32)
			*at = ' ';
	return err;
}

/* ---- candidate ---- */

void commit_candidate_set(struct commit *c, struct document *candidate)
{
	document_free(c->candidate);
	c->candidate = candidate;
}

bool commit_candidate_differs(const struct commit *c)
{
	mem_auto char *diff = c->candidate ? diff_print(c->running, c->candidate) : NULL;

	return diff && *diff;
}

void commit_candidate_save(struct commit *c)
{
	mem_auto char *yaml =
		commit_candidate_differs(c) ? yaml_print(c->candidate->tree, false, 0) : NULL;
	int err = store_candidate_write(c->store, yaml);

	if (err)
		fer_log_warn("config: the candidate cannot be saved: %s", strerror(-err));
}

static void candidate_reset(struct commit *c)
{
	commit_candidate_set(c, NULL);
	commit_candidate_save(c);
}

/* ---- confirmation ---- */

void pending_arm(struct commit *c)
{
	uint64_t left = store_pending_left(&c->pending);

	/* rounded up, and looked at again then: timers need not agree with CLOCK_BOOTTIME */
	fer_timer_start(c->timer, left > 60 ? 60000 : left * 1000 + 100);
}

static void pending_forget(struct commit *c)
{
	c->pending = (struct store_pending){0};
	document_free(c->before);
	c->before = NULL;
	fer_event_stop(c->timer);
	until_end(c);
}

int pending_clear(struct commit *c)
{
	int err = store_pending_remove(c->store);

	if (err)
		fer_log_err("config: the pending commit cannot be removed: %s", strerror(-err));
	pending_forget(c);
	return err;
}

/* The commit waits, with what the way back from it must restore. */
static void pending_begin(struct operation *op)
{
	struct commit *c = op->commit;

	observe_stop(c);
	c->observed = op->observed;
	op->observed = NULL;
	c->pending = op->pending;
	document_free(c->before);
	c->before = op->before;
	op->before = NULL;
	if (!c->pending.number)
		return;
	store_observed_write(c->store, c->observed);
	pending_arm(c);
}

/* The way back from what begins now, if it is to be confirmed within that time. */
static int pending_prepare(struct operation *op, unsigned seconds)
{
	struct commit *c = op->commit;
	int err;

	if (!seconds)
		return 0;
	if (!c->recorded) {
		problems_add(&op->problems, NULL,
			     "what is in force could not be written to the history, so there is no "
			     "way back to it: commit with --no-confirm, or make room in %s",
			     c->store->config);
		return -EIO;
	}
	err = store_pending_make(&op->pending, op->entry.number, c->number, seconds);
	if (err)
		problems_add(&op->problems, NULL, "no deadline can be kept: boot_id: %s",
			     strerror(-err));
	if (err)
		return err;
	op->observed = c->observe(c->observe_arg);
	op->before = document_hold(c->running);
	return 0;
}

/* In force, and the disk says something else: also that a commit waits, whose time is over, so that
 * the next start goes back as well. */
static void not_written(struct operation *op)
{
	struct commit *c = op->commit;

	free(c->unwritten);
	c->unwritten = mem_strdup(op->entry.comment);
	c->write_in = 0;
	c->number = op->target;
	c->recorded = true;
	pending_forget(c);
	fer_log_err("config: commit %u is in force and cannot be written to %s: %s", op->target,
		    c->store->config,
		    op->problems.count ? op->problems.at[op->problems.count - 1].message
				       : "the history cannot be read");
}

static void went_back(struct operation *op)
{
	struct commit *c = op->commit;

	free(c->rolled_back);
	c->rolled_back = mem_strdup(op->entry.comment);
	fer_log_notice("config: %s", op->entry.comment);
	if (op->unwritten || !op->entry.number) {
		not_written(op);
		observe_begin(c);
	} else if (op->pending.number) {
		pending_begin(op);
	} else {
		free(c->unwritten);
		c->unwritten = NULL;
		pending_clear(c);
		observe_begin(c);
	}
	owed_log(c, NULL);
	/* what somebody edits meanwhile stays theirs */
	commit_candidate_save(c);
}

/* What comes back by itself, or was said to be for good, is not asked about. */
static int disturbs_ask(struct operation *op, const struct document *to, unsigned seconds)
{
	struct fer_disturbances disturbances_auto list = {0};

	if (seconds || op->sure)
		return 0;
	commit_disturbs(op->commit, op->commit->running, to, &list);
	return disturbances_ask(&list, &op->problems);
}

/* What was in force before the commit that waits is in memory, whatever became of the disk. */
static struct document *document_back(struct commit *c, unsigned number, struct problems *problems)
{
	if (c->before && number == c->pending.previous)
		return document_copy(c->before);
	return commit_read(c, number, problems);
}

void operation_go_back(struct operation *op, unsigned number, const char *user, const char *why)
{
	struct problems problems_auto unread = {0};
	struct document *to = document_back(op->commit, number, &op->problems);
	char comment[128];
	int err = to ? 0 : -EINVAL;

	op->target = number;
	op->best_effort = true;
	snprintf(comment, sizeof(comment), "back to commit %u: %s", number, why);
	if (!err && entry_make(op->commit, &op->entry, user, comment, &unread))
		op->entry.number = 0;
	if (!err && op->seconds && op->seconds(op->arg, to) && !op->entry.number) {
		problems_add(&op->problems, NULL,
			     "it could not wait to be confirmed: the history cannot be read; "
			     "'rollback N --no-confirm' does without");
		err = -EIO;
	}
	if (!err && op->seconds)
		err = disturbs_ask(op, to, op->seconds(op->arg, to));
	if (!err && op->seconds) {
		err = pending_prepare(op, op->seconds(op->arg, to));
		/* one that waits to be confirmed is a commit like any other: all or nothing */
		op->best_effort = !op->pending.number;
	}
	if (err) {
		document_free(to);
		operation_end(op, err);
		return;
	}
	edited_keep(op->commit, to);
	op->succeeded = went_back;
	operation_transact(op, to);
}

static void deadline_done(void *arg, int err, const struct problems *problems)
{
	struct commit *c = arg;

	if (!err)
		return;
	/* never give up: the history may be readable later */
	for (unsigned i = 0; i < problems->count; i++)
		fer_log_err("config: the roll-back failed, next try in 5 s: %s",
			    problems->at[i].message);
	fer_timer_start(c->timer, 5000);
}

static void deadline_reached(void *arg)
{
	struct commit *c = arg;

	if (!c->pending.number)
		return;
	owed_cancel(c);
	if (store_pending_left(&c->pending))
		pending_arm(c);
	else if (c->operation)
		fer_timer_start(c->timer, 200);
	else
		operation_go_back(operation_new(c, deadline_done, c), c->pending.previous,
				  "ferruled", "not confirmed in time");
}

static void was_committed(struct operation *op)
{
	struct commit *c = op->commit;

	pending_begin(op);
	free(c->rolled_back);
	c->rolled_back = NULL;
	if (c->pending.number && op->until)
		until_begin(c, op->until, op->entry.time);
	candidate_reset(c);
	fer_log_notice("config: commit %u by %s%s%s", op->entry.number, op->entry.user,
		       *op->entry.comment ? ": " : "", op->entry.comment);
}

static int run_begin(struct operation *op, const struct commit_request *request)
{
	struct commit *c = op->commit;
	int err;

	if (operation_is_busy(c, &op->problems))
		return -EBUSY;
	if (c->pending.number) {
		problems_add(&op->problems, NULL,
			     "commit %u waits to be confirmed for %llu s more: 'confirm' or "
			     "'rollback' first",
			     c->pending.number,
			     (unsigned long long)store_pending_left(&c->pending));
		return -EBUSY;
	}
	if (!commit_candidate_differs(c))
		return -EALREADY;
	err = owed_write(c);
	if (err) {
		problems_add(&op->problems, NULL,
			     "what is in force could not be written to %s yet: %s",
			     c->store->config, strerror(-err));
		return err;
	}
	if (request->until && !fer_config_find(model_of(c->candidate), request->until)) {
		problems_add(&op->problems, NULL,
			     "--until %s: allowed is a role that is in the configuration",
			     request->until);
		return -EINVAL;
	}
	if (!op->dry)
		err = disturbs_ask(op, c->candidate, request->confirm);
	if (!err)
		err = entry_make(c, &op->entry, request->user, request->comment, &op->problems);
	if (!err)
		err = pending_prepare(op, request->confirm);
	if (!err && !op->dry)
		edited_keep(c, c->candidate);
	return err;
}

static void run(struct operation *op, const struct commit_request *request)
{
	int err = run_begin(op, request);

	if (err) {
		operation_end(op, err);
		return;
	}
	op->until = request->until ? mem_strdup(request->until) : NULL;
	op->via = request->via ? mem_strdup(request->via) : NULL;
	op->succeeded = was_committed;
	operation_transact(op, document_copy(op->commit->candidate));
}

void commit_run(struct commit *c, const struct commit_request *request, commit_done_fn *done,
		void *arg)
{
	struct operation *op = operation_new(c, done, arg);

	op->sure = request->sure;
	run(op, request);
}

/* What was made comes to nothing. */
void commit_plan(struct commit *c, const struct commit_request *request, commit_done_fn *done,
		 void *arg)
{
	struct operation *op = operation_new(c, done, arg);

	op->dry = true;
	run(op, request);
}

/* A candidate, or what is read from the history, has no defaults yet; NULL where it is not valid,
 * and refused later. */
static struct document *whole_document(const struct commit *c, const struct document *document)
{
	struct problems problems_auto ignored = {0};
	struct document *copy;

	if (document == c->running)
		return document_hold(c->running);
	copy = document_copy(document);
	if (!document_validate(copy, &ignored))
		return copy;
	document_free(copy);
	return NULL;
}

void commit_disturbs(struct commit *c, const struct document *from, const struct document *to,
		     struct fer_disturbances *list)
{
	struct document *was = whole_document(c, from), *is = whole_document(c, to);

	if (was && is)
		disturbances_find(&c->parts, was, is, list);
	document_free(was);
	document_free(is);
	if (from == c->running && to != from && edited_is(c, to)) {
		mem_auto char *path = edited_path(c);

		list->part = "config";
		fer_disturb(list, false,
			    "%s was changed by hand since: a commit overwrites it, and keeps that "
			    "as %s; 'ferrule load %s' takes it in instead",
			    c->store->config, path, c->store->config);
	}
}

struct document *commit_read(struct commit *c, unsigned number, struct problems *problems)
{
	mem_auto char *file = mem_printf("commit %u", number);
	mem_auto char *yaml = NULL;
	int err = store_read(c->store, number, &yaml);

	if (!err)
		return yaml_load(c->schema, yaml, strlen(yaml), file, problems);
	problems_add(problems, NULL, "commit %u is not in the history: %s", number, strerror(-err));
	return NULL;
}

void commit_status(const struct commit *c, struct commit_status *status)
{
	*status = (struct commit_status){
		.number = c->number,
		.pending = c->pending.number,
		.seconds = c->pending.number ? store_pending_left(&c->pending) : 0,
		.rolled_back = c->rolled_back,
		.differs = c->differs ? c->differs : "",
		.unwritten = c->unwritten,
		.omissions = &c->omissions,
	};
	status->doing = transaction_doing(c->transaction, &status->doing_part);
}
