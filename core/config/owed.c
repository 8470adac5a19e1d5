// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a commit still owes after a start or a way back that did what it could: parts that were left
 * out are tried again for ever, and what is in force is written once the disk takes it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/api/event.h"
#include "core/api/log.h"
#include "core/base/mem.h"
#include "operation.h"
#include "yaml.h"

enum {
	TICK_MS = 1000,
	PAUSE_MAX = 30,	 /* s, between two tries of a part */
	WRITE_EVERY = 5, /* s */
};

static void again_done(void *arg, int err, const struct problems *problems)
{
	(void)arg;
	(void)err;
	(void)problems;
}

static void again_succeeded(struct operation *op)
{
	const char *name = op->again->name;
	struct omissions *list = &op->commit->omissions;

	if (!omissions_have(list, name))
		fer_log_notice("config: %s: all of it is in force now", name);
	owed_log(op->commit, name);
}

static void part_again(struct commit *c, const struct commit_part *part)
{
	struct operation *op = operation_new(c, again_done, c);

	op->best_effort = true;
	op->again = part;
	op->succeeded = again_succeeded;
	operation_transact(op, document_copy(c->running));
}

/* One part at a time: a transaction may wait for a daemon's checker. */
static void parts_again(struct commit *c)
{
	for (unsigned i = 0; i < c->parts.count && !c->operation; i++) {
		struct commit_part *part = &c->parts.at[i];
		unsigned most = part->again_max ? part->again_max : PAUSE_MAX;

		if (!omissions_have(&c->omissions, part->name)) {
			part->again_pause = 0;
			continue;
		}
		if (part->again_in) {
			part->again_in--;
			continue;
		}
		part->again_pause = part->again_pause ? part->again_pause * 2 : 1;
		if (part->again_pause > most)
			part->again_pause = most;
		part->again_in = part->again_pause;
		part_again(c, part);
	}
}

int owed_write(struct commit *c)
{
	struct problems problems_auto problems = {0};
	mem_auto char *yaml = NULL;
	struct store_entry entry;
	const char *where;
	int err;

	if (!c->unwritten)
		return 0;
	err = entry_make(c, &entry, "ferruled", c->unwritten, &problems);
	if (err)
		return err;
	yaml = yaml_print(c->running->tree, false, 0);
	err = store_commit(c->store, &entry, yaml, NULL, &where);
	if (err)
		return err;
	/* one that stays makes the next start go back once more, to the same */
	if (store_pending_remove(c->store))
		fer_log_warn("config: the commit that waited cannot be removed from the disk");
	c->number = entry.number;
	c->recorded = true;
	free(c->unwritten);
	c->unwritten = NULL;
	fer_log_notice("config: what is in force is on disk now, as commit %u", c->number);
	return 0;
}

static void tick(void *arg)
{
	struct commit *c = arg;

	if (c->unwritten && !c->operation && !c->write_in--) {
		c->write_in = WRITE_EVERY;
		owed_write(c);
	}
	parts_again(c);
	if (c->unwritten || c->omissions.count)
		fer_timer_start(c->owed_timer, TICK_MS);
}

void owed_begin(struct commit *c)
{
	if (!c->unwritten && !c->omissions.count)
		return;
	if (!c->owed_timer)
		c->owed_timer = fer_timer_new(tick, c);
	fer_timer_start(c->owed_timer, TICK_MS);
}

void owed_cancel(struct commit *c)
{
	if (!c->operation || !c->operation->again)
		return;
	transaction_cancel(c->transaction);
	operation_end(c->operation, -ECANCELED);
}

void owed_log(const struct commit *c, const char *part)
{
	for (unsigned i = 0; i < c->omissions.count; i++)
		if (!part || !strcmp(c->omissions.at[i].part, part))
			fer_log_err("config: %s is left out: %s", c->omissions.at[i].path,
				    c->omissions.at[i].reason);
}

void owed_end(struct commit *c)
{
	owed_cancel(c);
	fer_event_free(c->owed_timer);
	c->owed_timer = NULL;
	omissions_clear(&c->omissions);
	free(c->unwritten);
	c->unwritten = NULL;
}
