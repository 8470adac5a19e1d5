// SPDX-License-Identifier: GPL-2.0-or-later
#include "commit.h"

#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/api/event.h"
#include "core/api/log.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "diff.h"
#include "schema.h"
#include "yaml.h"

struct commit {
	const struct schema *schema;
	struct store *store;
	struct commit_part *part;
	unsigned parts;
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
	free(c->part);
	free(c->observed);
	free(c->rolled_back);
	free(c->differs);
	free(c);
}

void commit_add_part(struct commit *c, const struct commit_part *part)
{
	c->part = mem_grow(c->part, c->parts, sizeof(*c->part));
	c->part[c->parts++] = *part;
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

static int validate_all(struct commit *c, const struct document *to, struct problems *problems)
{
	int err = 0;

	for (unsigned i = 0; i < c->parts; i++)
		if (c->part[i].validate && c->part[i].validate(c->part[i].context, to, problems))
			err = -EINVAL;
	return err;
}

static void abort_some(struct commit *c, const bool *planned)
{
	for (unsigned i = c->parts; i-- > 0;)
		if (planned[i])
			c->part[i].abort(c->part[i].context);
}

static int plan_all(struct commit *c, const struct document *to, bool *planned,
		    struct problems *problems)
{
	for (unsigned i = 0; i < c->parts; i++) {
		const struct commit_part *part = &c->part[i];
		int err;

		if (!part_concerned(part, c->running, to))
			continue;
		err = part->plan(part->context, c->running, to, problems);
		if (err) {
			if (!problems->count)
				problems_add(problems, NULL, "%s: %s", part->name, strerror(-err));
			abort_some(c, planned);
			return err;
		}
		planned[i] = true;
	}
	return 0;
}

static void commit_some(struct commit *c, const bool *planned)
{
	for (unsigned i = 0; i < c->parts; i++)
		if (planned[i])
			c->part[i].commit(c->part[i].context);
}

/*
 * Brings `to` (which it takes) into force. entry NULL: nothing is written, it is what the disk
 * says already.
 */
static int transact(struct commit *c, struct document *to, const struct store_entry *entry,
		    const struct store_pending *pending, struct problems *problems)
{
	mem_auto bool *planned = mem_zalloc((c->parts + 1) * sizeof(*planned));
	int err = document_validate(to, problems);

	if (!err)
		err = validate_all(c, to, problems);
	if (!err)
		err = plan_all(c, to, planned, problems);
	if (!err && entry) {
		mem_auto char *yaml = yaml_print(to->tree, false, 0);

		err = store_commit(c->store, entry, yaml, pending);
		if (err) {
			problems_add(problems, NULL, "cannot be written to %s: %s",
				     c->store->config, strerror(-err));
			abort_some(c, planned);
		}
	}
	if (err) {
		document_free(to);
		return err;
	}
	commit_some(c, planned);
	document_free(c->running);
	c->running = to;
	if (entry)
		c->number = entry->number;
	malloc_trim(0); /* a large configuration leaves much behind */
	return 0;
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

/* Back to `number`, as a commit of its own. */
static int go_back(struct commit *c, unsigned number, const char *user, const char *why,
		   struct problems *problems)
{
	struct document *to = commit_read(c, number, problems);
	struct store_entry entry;
	char comment[128];
	int err;

	if (!to)
		return -EINVAL;
	snprintf(comment, sizeof(comment), "back to commit %u: %s", number, why);
	err = entry_make(c, &entry, user, comment, problems);
	if (err) {
		document_free(to);
		return err;
	}
	err = transact(c, to, &entry, NULL, problems);
	if (err)
		return err;
	pending_clear(c);
	free(c->rolled_back);
	c->rolled_back = mem_strdup(comment);
	fer_log_notice("config: %s", comment);
	observe_compare(c);
	candidate_reset(c);
	return 0;
}

static void deadline_reached(void *arg)
{
	struct problems problems_auto problems = {0};
	struct commit *c = arg;

	if (!c->pending.number)
		return;
	if (store_pending_left(&c->pending)) {
		pending_arm(c);
		return;
	}
	if (!go_back(c, c->pending.previous, "ferruled", "not confirmed in time", &problems))
		return;
	/* never give up: a full disk may have room later */
	for (unsigned i = 0; i < problems.count; i++)
		fer_log_err("config: the roll-back failed, next try in 5 s: %s",
			    problems.at[i].message);
	fer_timer_start(c->timer, 5000);
}

int commit_run(struct commit *c, const struct commit_request *request, struct problems *problems)
{
	struct store_pending pending = {0};
	struct store_entry entry;
	char *observed;
	int err;

	if (c->pending.number) {
		problems_add(problems, NULL,
			     "commit %u waits to be confirmed for %llu s more: 'confirm' or "
			     "'rollback' first",
			     c->pending.number,
			     (unsigned long long)store_pending_left(&c->pending));
		return -EBUSY;
	}
	if (!commit_candidate_differs(c))
		return -EALREADY;
	err = entry_make(c, &entry, request->user, request->comment, problems);
	if (err)
		return err;
	if (request->confirm) {
		err = store_pending_make(&pending, entry.number, c->number, request->confirm);
		if (err) {
			problems_add(problems, NULL, "no deadline can be kept: boot_id: %s",
				     strerror(-err));
			return err;
		}
	}
	observed = request->confirm ? c->observe(c->observe_arg) : NULL;
	err = transact(c, document_copy(c->candidate), &entry, request->confirm ? &pending : NULL,
		       problems);
	if (err) {
		free(observed);
		return err;
	}
	free(c->observed);
	c->observed = observed;
	free(c->rolled_back);
	c->rolled_back = NULL;
	free(c->differs);
	c->differs = NULL;
	c->pending = pending;
	if (pending.number) {
		store_observed_write(c->store, observed);
		pending_arm(c);
	}
	candidate_reset(c);
	fer_log_notice("config: commit %u by %s%s%s", entry.number, entry.user,
		       *entry.comment ? ": " : "", entry.comment);
	return 0;
}

int commit_confirm(struct commit *c, struct problems *problems)
{
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

int commit_rollback(struct commit *c, unsigned back, const char *user, struct problems *problems)
{
	unsigned number;

	if (c->pending.number && back == 0)
		return go_back(c, c->pending.previous, user, "asked for", problems);
	if (c->pending.number) {
		problems_add(problems, NULL,
			     "commit %u waits to be confirmed: 'confirm' or 'rollback' first",
			     c->pending.number);
		return -EBUSY;
	}
	number = number_back(c, back ? back : 1);
	if (!number) {
		problems_add(problems, NULL, "the history does not go back %u commits",
			     back ? back : 1);
		return -ENOENT;
	}
	return go_back(c, number, user, "asked for", problems);
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

/* The file as it stands; the history learns of it once it is in force. */
static int start_file(struct commit *c, struct problems *problems)
{
	struct document *file = yaml_load_file(c->schema, c->store->config, problems);
	int err = file ? transact(c, file, NULL, NULL, problems) : -EINVAL;

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

	if (!last || transact(c, last, NULL, NULL, &ignored))
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
		err = go_back(c, c->pending.previous, "ferruled", "not confirmed in time",
			      problems);
	} else {
		err = start_file(c, problems);
		if (err && !start_last_commit(c, problems))
			err = 0;
	}
	candidate_restore(c);
	return err;
}
