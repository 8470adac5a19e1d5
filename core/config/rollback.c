// SPDX-License-Identifier: GPL-2.0-or-later
/* Back to an earlier commit, because somebody asks for it. */
#include <errno.h>

#include "commit.h"
#include "operation.h"

static unsigned number_back(struct commit *c, unsigned back)
{
	struct store_entry entries[HISTORY_KEPT];
	unsigned count = store_history(c->store, entries, HISTORY_KEPT);

	return back < count ? entries[back].number : 0;
}

void commit_rollback(struct commit *c, unsigned back, const struct commit_request *request,
		     commit_seconds_fn *seconds, commit_done_fn *done, void *arg)
{
	struct operation *op = operation_new(c, done, arg);
	unsigned number = 0;
	int err = 0;

	if (operation_is_busy(c, &op->problems)) {
		err = -EBUSY;
	} else if (c->pending.number && back == 0) {
		number = c->pending.previous;
	} else if (c->pending.number) {
		problems_add(&op->problems, NULL,
			     "commit %u waits to be confirmed: 'confirm' or 'rollback' first",
			     c->pending.number);
		err = -EBUSY;
	} else if (back == 0 && c->rolled_back) {
		/* one who types it a second too late must not get the bad one back */
		problems_add(&op->problems, NULL,
			     "rolled back already: %s; 'rollback N' goes further", c->rolled_back);
		err = -EALREADY;
	} else {
		owed_write(c); /* what is in force is the newest then */
		number = number_back(c, back ? back : 1);
	}
	if (!err && !number) {
		problems_add(&op->problems, NULL, "the history does not go back %u commits",
			     back ? back : 1);
		err = -ENOENT;
	}
	if (err) {
		operation_end(op, err);
		return;
	}
	/* what was before the pending commit has been in force already */
	op->seconds = c->pending.number ? NULL : seconds;
	op->sure = request->sure;
	operation_go_back(op, number, request->user, "asked for");
}
