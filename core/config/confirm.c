// SPDX-License-Identifier: GPL-2.0-or-later
/* A commit that waits to be confirmed: it stays, or gets more time. */
#include <errno.h>
#include <string.h>

#include "commit.h"
#include "core/api/log.h"
#include "operation.h"

/* 0, or why there is nothing to confirm. */
static int pending_check(struct commit *c, struct problems *problems)
{
	if (operation_is_busy(c, problems))
		return -EBUSY;
	if (!c->pending.number) {
		problems_add(problems, NULL, "no commit waits to be confirmed");
		return -ENOENT;
	}
	if (store_pending_left(&c->pending))
		return 0;
	problems_add(problems, NULL, "the time to confirm commit %u is over: commit %u comes back",
		     c->pending.number, c->pending.previous);
	return -ETIMEDOUT;
}

int commit_confirm(struct commit *c, struct problems *problems)
{
	unsigned number = c->pending.number;
	int err = pending_check(c, problems);

	if (err)
		return err;
	err = store_pending_remove(c->store);
	if (err) {
		problems_add(problems, NULL, "cannot be confirmed, it will roll back: %s",
			     strerror(-err));
		return err;
	}
	pending_clear(c);
	observe_stop(c);
	fer_log_notice("config: commit %u confirmed", number);
	return 0;
}

/* On disk first: after a restart it is the same deadline. */
int commit_prolong(struct commit *c, unsigned seconds, struct problems *problems)
{
	struct store_pending later;
	int err = pending_check(c, problems);

	if (err)
		return err;
	err = store_pending_make(&later, c->pending.number, c->pending.previous, seconds);
	if (!err)
		err = store_pending_write(c->store, &later);
	if (err) {
		problems_add(problems, NULL, "the deadline stays as it was: %s: %s",
			     c->store->state_dir, strerror(-err));
		return err;
	}
	c->pending = later;
	pending_arm(c);
	fer_log_notice("config: commit %u waits %u s more to be confirmed", later.number, seconds);
	return 0;
}
