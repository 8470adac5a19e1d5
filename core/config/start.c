// SPDX-License-Identifier: GPL-2.0-or-later
/* What is in force when a supervisor starts: the file, or what must come back. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/api/event.h"
#include "core/api/log.h"
#include "core/base/file.h"
#include "core/base/loop.h"
#include "core/base/mem.h"
#include "diff.h"
#include "operation.h"
#include "reload.h"
#include "yaml.h"

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
	c->recorded = diff && !*diff;
	if (c->recorded)
		return 0;
	err = entry_make(c, &entry, "ferruled", newest ? "the file was edited" : "first start",
			 &ignored);
	if (err)
		return err;
	yaml = yaml_print(file->tree, false, 0);
	err = store_history_add(c->store, &entry, yaml);
	if (err)
		return err;
	c->number = entry.number;
	c->recorded = true;
	return 0;
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
static int start_transact(struct commit *c, struct document *to, bool best_effort,
			  struct problems *problems)
{
	struct start start = {.problems = problems};
	struct operation *op = operation_new(c, start_done, &start);

	op->best_effort = best_effort;
	op->succeeded = start_succeeded;
	operation_transact(op, to);
	while (c->operation)
		loop_once();
	return start.err;
}

static int start_back(struct commit *c, struct problems *problems)
{
	struct start start = {.problems = problems};

	operation_go_back(operation_new(c, start_done, &start), c->pending.previous, "ferruled",
			  "not confirmed in time");
	while (c->operation)
		loop_once();
	return start.err;
}

/* The file as far as it can be; what cannot be is tried again for ever (owed.c). */
static int start_what_can_be(struct commit *c, struct problems *problems)
{
	struct omissions omissions_auto unknown = {0};
	struct document *file = yaml_load_known(c->schema, c->store->config, &unknown, problems);
	int err = file ? start_transact(c, file, true, problems) : -EINVAL;

	if (err)
		return err;
	omissions_move(&c->omissions, &unknown);
	owed_log(c, NULL);
	return 0;
}

/* The file as it stands; the history learns of it once it is in force. */
static int start_file(struct commit *c, struct problems *problems)
{
	struct document *file = yaml_load_file(c->schema, c->store->config, problems);
	int err = file ? start_transact(c, file, false, problems) : -EINVAL;

	return err;
}

static void start_record_file(struct commit *c)
{
	int err = start_record(c, c->running);

	if (err)
		fer_log_err("config: the history cannot be written: %s", strerror(-err));
}

/* What commit `number` made, as far as it can be, without a word to the disk. */
static int start_commit(struct commit *c, unsigned number)
{
	struct problems problems_auto ignored = {0};
	struct document *document = commit_read(c, number, &ignored);

	if (!document || start_transact(c, document, true, &ignored))
		return -EINVAL;
	c->number = number;
	c->recorded = true;
	owed_log(c, NULL);
	return 0;
}

/* The newest commit that can be read, but not that one. Its number, or 0. */
static unsigned start_newest(struct commit *c, unsigned but)
{
	struct store_entry entries[HISTORY_KEPT];
	unsigned count = store_history(c->store, entries, HISTORY_KEPT);

	for (unsigned i = 0; i < count; i++)
		if (entries[i].number != but && !start_commit(c, entries[i].number))
			return entries[i].number;
	return 0;
}

/*
 * A file that was broken by hand must not cost the wire at the next boot: the newest commit that
 * can be is in force instead, and the file stays for its author to mend.
 */
static int start_last_commit(struct commit *c, struct problems *problems)
{
	unsigned number = start_newest(c, 0);
	struct problem *problem;

	if (!number)
		return -EINVAL;
	free(c->rolled_back);
	c->rolled_back = mem_printf("the file is not valid: commit %u is in force instead", number);
	problem = problems_add(problems, NULL, "not valid; commit %u is in force instead", number);
	problem_place(problem, c->store->config, 0, 0);
	return 0;
}

/* In time for nobody to wait: what cannot be written now is in force, and written later. */
static int start_pending_over(struct commit *c, struct problems *problems)
{
	unsigned bad = c->pending.number;

	c->number = store_newest(c->store);
	if (!start_back(c, problems))
		return 0;
	/* the history has a hole: anything but what was not confirmed */
	return start_newest(c, bad) ? 0 : -EINVAL;
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

static bool is_same_text(struct commit *c, unsigned number)
{
	mem_auto char *committed = NULL, *file = NULL;

	if (store_read(c->store, number, &committed) ||
	    file_read(c->store->config, YAML_SIZE_MAX, &file, NULL))
		return false;
	return !strcmp(store_text(committed), file);
}

static bool is_same_meaning(struct commit *c, unsigned number)
{
	struct problems problems_auto ignored = {0};
	struct document *last = commit_read(c, number, &ignored);
	struct document *file = yaml_load_file(c->schema, c->store->config, &ignored);
	mem_auto char *diff = last && file ? diff_print(last, file) : NULL;

	document_free(last);
	document_free(file);
	return diff && !*diff;
}

/* The file is what was committed: it was right then, and what changed is the world around it, or
 * this program, which may not even know all of it. */
static bool is_file_committed(struct commit *c)
{
	unsigned newest = store_newest(c->store);

	if (!newest || (!is_same_text(c, newest) && !is_same_meaning(c, newest)))
		return false;
	c->number = newest;
	c->recorded = true;
	return true;
}

/* A full disk or a power cut under an editor leaves a file without anything, which is nobody's wish
 * where something was committed. */
static bool is_file_cut(struct commit *c, struct problems *problems)
{
	mem_auto char *file = NULL;

	if (!store_newest(c->store) || file_read(c->store->config, YAML_SIZE_MAX, &file, NULL) ||
	    !yaml_is_empty(file))
		return false;
	problems_add(problems, NULL,
		     "%s is empty, and something was committed: to start without anything, commit "
		     "that, or remove %s/history as well",
		     c->store->config, c->store->state_dir);
	return true;
}

/* Somebody edited it: what is wrong with it is theirs to mend, and what was committed is in force
 * meanwhile. The very first one is all that there is. */
static int start_edited(struct commit *c, struct problems *problems)
{
	struct problems problems_auto ignored = {0};
	int err = is_file_cut(c, problems) ? -EINVAL : start_file(c, problems);

	if (err && !start_last_commit(c, problems))
		return 0;
	/* what is wrong was said when it was tried as a whole */
	if (err && !start_what_can_be(c, &ignored))
		err = 0;
	if (!err)
		start_record_file(c);
	return err;
}

int commit_start(struct commit *c, struct problems *problems)
{
	int err;

	start_pending(c);
	if (c->pending.number && !store_pending_left(&c->pending))
		err = start_pending_over(c, problems);
	else if (is_file_committed(c))
		err = start_what_can_be(c, problems) ? start_last_commit(c, problems) : 0;
	else
		err = start_edited(c, problems);
	candidate_restore(c);
	reload_start(c);
	return err;
}
