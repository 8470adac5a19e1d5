// SPDX-License-Identifier: GPL-2.0-or-later
#include "commit.h"

#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/api/event.h"
#include "core/api/log.h"
#include "core/base/loop.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "diff.h"
#include "schema.h"
#include "yaml.h"

struct commit {
	const struct schema *schema;
	struct store *store;
	struct commit_parts parts;
	struct document *running;
	struct document *candidate; /* NULL: the running one, and no copy of it */
	unsigned number;
	struct store_pending pending; /* number 0: none */
	struct fer_event *timer;
	char *observed; /* before the pending commit */
	char *rolled_back;
	char *differs;
	char *(*observe)(void *arg);
	void *observe_arg;
	struct operation *operation; /* under way; NULL: none */
};

/* A commit or a way back, from the request for it to its end. */
struct operation {
	struct commit *commit;
	struct store_entry entry;
	struct store_pending pending;
	char *observed; /* before it, where it must be confirmed */
	struct problems problems;
	void (*succeeded)(struct operation *operation);
	commit_done_fn *done;
	void *arg;
};

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

void commit_free(struct commit *c)
{
	if (!c)
		return;
	fer_event_free(c->timer);
	document_free(c->running);
	document_free(c->candidate);
	free(c->parts.at);
	free(c->observed);
	free(c->rolled_back);
	free(c->differs);
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

static struct operation *operation_new(struct commit *c, commit_done_fn *done, void *arg)
{
	struct operation *op = mem_zalloc(sizeof(*op));

	op->commit = c;
	op->done = done;
	op->arg = arg;
	return op;
}

static void operation_end(struct operation *op, int err)
{
	struct commit *c = op->commit;

	if (c->operation == op)
		c->operation = NULL;
	op->done(op->arg, err, &op->problems);
	problems_clear(&op->problems);
	free(op->observed);
	free(op);
}

static bool is_busy(struct commit *c, struct problems *problems)
{
	if (!c->operation)
		return false;
	problems_add(problems, NULL, "another commit is being checked; try again in a moment");
	return true;
}

static void transact_done(void *arg, int err, struct document *to)
{
	struct operation *op = arg;
	struct commit *c = op->commit;

	if (!err) {
		document_free(c->running);
		c->running = to;
		if (op->entry.number)
			c->number = op->entry.number;
		op->succeeded(op);
		malloc_trim(0); /* a large configuration leaves much behind */
	}
	operation_end(op, err);
}

/* Brings `to` (which it takes) into force. An entry without a number: nothing is written. */
static void transact(struct operation *op, struct document *to)
{
	struct commit *c = op->commit;
	const struct transaction_spec spec = {
		.parts = &c->parts,
		.from = c->running,
		.to = to,
		.store = c->store,
		.entry = op->entry.number ? &op->entry : NULL,
		.pending = &op->pending,
		.done = transact_done,
		.arg = op,
	};

	c->operation = op;
	transaction_start(&spec, &op->problems);
}

static int entry_make(const struct commit *c, struct store_entry *entry, const char *user,
		      const char *comment, struct problems *problems)
{
	int err;

	*entry = (struct store_entry){.time = time(NULL)};
	err = store_next(c->store, &entry->number);
	if (err) {
		problems_add(problems, NULL, "the history cannot be read: %s", strerror(-err));
		return err;
	}
	snprintf(entry->user, sizeof(entry->user), "%s", user);
	snprintf(entry->comment, sizeof(entry->comment), "%s", comment ? comment : "");
	for (char *at = entry->comment; *at; at++)
		if ((unsigned char)*at < 32)
			*at = ' ';
	return 0;
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

static void candidate_restore(struct commit *c)
{
	struct problems problems_auto problems = {0};
	mem_auto char *yaml = NULL;
	struct document *saved;

	commit_candidate_set(c, NULL);
	if (store_candidate_read(c->store, &yaml))
		return;
	saved = yaml_load(c->schema, yaml, strlen(yaml), NULL, &problems);
	if (saved)
		commit_candidate_set(c, saved);
}

/* ---- confirmation ---- */

static void pending_arm(struct commit *c)
{
	uint64_t left = store_pending_left(&c->pending);

	/* rounded up, and looked at again then: timers need not agree with CLOCK_BOOTTIME */
	fer_timer_start(c->timer, left > 60 ? 60000 : left * 1000 + 100);
}

static void pending_clear(struct commit *c)
{
	int err = store_pending_remove(c->store);

	if (err)
		fer_log_err("config: the pending commit cannot be removed: %s", strerror(-err));
	c->pending = (struct store_pending){0};
	fer_event_stop(c->timer);
}

/* Lines of a that are not in b. */
static void lines_missing(const char *a, const char *b, const char *label, struct text *text)
{
	mem_auto char *copy = mem_strdup(a);
	char *save = NULL;

	for (char *line = strtok_r(copy, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		const char *at = strstr(b, line);

		if (!at || (at != b && at[-1] != '\n') ||
		    (at[strlen(line)] && at[strlen(line)] != '\n'))
			text_add(text, "%s: %s\n", label, line);
	}
}

static void observe_compare(struct commit *c)
{
	mem_auto char *now = c->observe(c->observe_arg);
	struct text text = {0};

	free(c->differs);
	c->differs = NULL;
	if (!c->observed)
		return;
	lines_missing(c->observed, now, "was", &text);
	lines_missing(now, c->observed, "is", &text);
	c->differs = text_take(&text);
	free(c->observed);
	c->observed = NULL;
	if (*c->differs)
		fer_log_warn("config: after the roll-back the state differs from the one before");
}

static void went_back(struct operation *op)
{
	struct commit *c = op->commit;

	pending_clear(c);
	free(c->rolled_back);
	c->rolled_back = mem_strdup(op->entry.comment);
	fer_log_notice("config: %s", op->entry.comment);
	observe_compare(c);
	candidate_reset(c);
}

/* Back to `number`, as a commit of its own. */
static void go_back(struct operation *op, unsigned number, const char *user, const char *why)
{
	struct document *to = commit_read(op->commit, number, &op->problems);
	char comment[128];
	int err = to ? 0 : -EINVAL;

	snprintf(comment, sizeof(comment), "back to commit %u: %s", number, why);
	if (!err)
		err = entry_make(op->commit, &op->entry, user, comment, &op->problems);
	if (err) {
		document_free(to);
		operation_end(op, err);
		return;
	}
	op->succeeded = went_back;
	transact(op, to);
}

static void deadline_done(void *arg, int err, const struct problems *problems)
{
	struct commit *c = arg;

	if (!err)
		return;
	/* never give up: a full disk may have room later */
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
	if (store_pending_left(&c->pending))
		pending_arm(c);
	else if (c->operation)
		fer_timer_start(c->timer, 200);
	else
		go_back(operation_new(c, deadline_done, c), c->pending.previous, "ferruled",
			"not confirmed in time");
}

static void was_committed(struct operation *op)
{
	struct commit *c = op->commit;

	free(c->observed);
	c->observed = op->observed;
	op->observed = NULL;
	free(c->rolled_back);
	c->rolled_back = NULL;
	free(c->differs);
	c->differs = NULL;
	c->pending = op->pending;
	if (c->pending.number) {
		store_observed_write(c->store, c->observed);
		pending_arm(c);
	}
	candidate_reset(c);
	fer_log_notice("config: commit %u by %s%s%s", op->entry.number, op->entry.user,
		       *op->entry.comment ? ": " : "", op->entry.comment);
}

static int run_begin(struct operation *op, const struct commit_request *request)
{
	struct commit *c = op->commit;
	int err;

	if (is_busy(c, &op->problems))
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
	err = entry_make(c, &op->entry, request->user, request->comment, &op->problems);
	if (err || !request->confirm)
		return err;
	err = store_pending_make(&op->pending, op->entry.number, c->number, request->confirm);
	if (err)
		problems_add(&op->problems, NULL, "no deadline can be kept: boot_id: %s",
			     strerror(-err));
	return err;
}

void commit_run(struct commit *c, const struct commit_request *request, commit_done_fn *done,
		void *arg)
{
	struct operation *op = operation_new(c, done, arg);
	int err = run_begin(op, request);

	if (err) {
		operation_end(op, err);
		return;
	}
	if (request->confirm)
		op->observed = c->observe(c->observe_arg);
	op->succeeded = was_committed;
	transact(op, document_copy(c->candidate));
}

int commit_confirm(struct commit *c, struct problems *problems)
{
	if (is_busy(c, problems))
		return -EBUSY;
	if (!c->pending.number) {
		problems_add(problems, NULL, "no commit waits to be confirmed");
		return -ENOENT;
	}
	fer_log_notice("config: commit %u confirmed", c->pending.number);
	pending_clear(c);
	free(c->observed);
	c->observed = NULL;
	return 0;
}

static unsigned number_back(struct commit *c, unsigned back)
{
	struct store_entry entries[HISTORY_KEPT];
	unsigned count = store_history(c->store, entries, HISTORY_KEPT);

	return back < count ? entries[back].number : 0;
}

void commit_rollback(struct commit *c, unsigned back, const char *user, commit_done_fn *done,
		     void *arg)
{
	struct operation *op = operation_new(c, done, arg);
	unsigned number = 0;
	int err = 0;

	if (is_busy(c, &op->problems)) {
		err = -EBUSY;
	} else if (c->pending.number && back == 0) {
		number = c->pending.previous;
	} else if (c->pending.number) {
		problems_add(&op->problems, NULL,
			     "commit %u waits to be confirmed: 'confirm' or 'rollback' first",
			     c->pending.number);
		err = -EBUSY;
	} else {
		number = number_back(c, back ? back : 1);
	}
	if (!err && !number) {
		problems_add(&op->problems, NULL, "the history does not go back %u commits",
			     back ? back : 1);
		err = -ENOENT;
	}
	if (err)
		operation_end(op, err);
	else
		go_back(op, number, user, "asked for");
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
	};
}

/* ---- start ---- */

/* A file edited by hand, and the very first one, become commits of the history. */
static int start_record(struct commit *c, const struct document *file)
{
	struct problems problems_auto ignored = {0};
	unsigned newest = store_newest(c->store);
	struct document *last = newest ? commit_read(c, newest, &ignored) : NULL;
	mem_auto char *diff = last ? diff_print(last, file) : NULL;
	struct store_entry entry;
	mem_auto char *yaml = NULL;
	int err;

	document_free(last);
	c->number = newest;
	if (diff && !*diff)
		return 0;
	err = entry_make(c, &entry, "ferruled", newest ? "the file was edited" : "first start",
			 &ignored);
	if (err)
		return err;
	yaml = yaml_print(file->tree, false, 0);
	c->number = entry.number;
	return store_history_add(c->store, &entry, yaml);
}

static void start_pending(struct commit *c)
{
	int err = store_pending_read(c->store, &c->pending);

	if (err == -ENOENT)
		return;
	if (err) {
		fer_log_err(
			"config: the pending commit cannot be understood; it stays as confirmed");
		pending_clear(c);
		return;
	}
	fer_log_notice("config: commit %u still waits to be confirmed", c->pending.number);
	store_observed_read(c->store, &c->observed);
	pending_arm(c);
}

struct start {
	struct problems *problems;
	int err;
};

static void start_done(void *arg, int err, const struct problems *problems)
{
	struct start *start = arg;

	start->err = err;
	for (unsigned i = 0; i < problems->count; i++) {
		const struct problem *from = &problems->at[i];
		struct problem *to = problems_add(start->problems, from->path, "%s", from->message);

		problem_place(to, from->file, from->line, from->column);
	}
}

static void start_succeeded(struct operation *op)
{
	(void)op;
}

/* Waits for the plans, by the loop: the supervisor serves nobody yet. */
static int start_transact(struct commit *c, struct document *to, struct problems *problems)
{
	struct start start = {.problems = problems};
	struct operation *op = operation_new(c, start_done, &start);

	op->succeeded = start_succeeded;
	transact(op, to);
	while (c->operation)
		loop_once();
	return start.err;
}

static int start_back(struct commit *c, struct problems *problems)
{
	struct start start = {.problems = problems};

	go_back(operation_new(c, start_done, &start), c->pending.previous, "ferruled",
		"not confirmed in time");
	while (c->operation)
		loop_once();
	return start.err;
}

/* The file as it stands; the history learns of it once it is in force. */
static int start_file(struct commit *c, struct problems *problems)
{
	struct document *file = yaml_load_file(c->schema, c->store->config, problems);
	int err = file ? start_transact(c, file, problems) : -EINVAL;

	if (err)
		return err;
	err = start_record(c, c->running);
	if (err)
		fer_log_err("config: the history cannot be written: %s", strerror(-err));
	return 0;
}

/*
 * A file that was broken by hand must not cost the wire at the next boot: what was committed last
 * is in force instead, and the file stays for its author to mend.
 */
static int start_last_commit(struct commit *c, struct problems *problems)
{
	struct problems problems_auto ignored = {0};
	unsigned newest = store_newest(c->store);
	struct document *last = newest ? commit_read(c, newest, &ignored) : NULL;
	struct problem *problem;

	if (!last || start_transact(c, last, &ignored))
		return -EINVAL;
	c->number = newest;
	free(c->rolled_back);
	c->rolled_back = mem_printf("the file is not valid: commit %u is in force instead", newest);
	problem = problems_add(problems, NULL, "not valid; commit %u is in force instead", newest);
	problem_place(problem, c->store->config, 0, 0);
	return 0;
}

int commit_start(struct commit *c, struct problems *problems)
{
	int err;

	start_pending(c);
	if (c->pending.number && !store_pending_left(&c->pending)) {
		c->number = store_newest(c->store);
		err = start_back(c, problems);
	} else {
		err = start_file(c, problems);
		if (err && !start_last_commit(c, problems))
			err = 0;
	}
	candidate_restore(c);
	return err;
}
