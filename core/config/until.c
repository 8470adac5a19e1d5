// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A pending commit that a role confirms: when the fact of that name tells of a success after the
 * commit. Not kept on disk: after a restart of the supervisor in between it is a human's turn, or
 * it rolls back.
 */
#include <stdlib.h>

#include "core/api/facts.h"
#include "core/api/log.h"
#include "core/base/mem.h"
#include "operation.h"

static void fact_changed(void *arg, const char *value)
{
	struct problems problems_auto problems = {0};
	struct commit *c = arg;

	if (!c->pending.number || !value || strtoll(value, NULL, 10) <= (long long)c->until_after)
		return;
	fer_log_notice("config: '%s' works with commit %u", c->until, c->pending.number);
	commit_confirm(c, &problems);
}

void until_begin(struct commit *c, const char *name, time_t after)
{
	until_end(c);
	c->until = mem_strdup(name);
	c->until_after = after;
	c->until_watch = fer_fact_watch(name, fact_changed, c);
}

void until_end(struct commit *c)
{
	if (!c->until)
		return;
	fer_fact_unwatch(c->until_watch);
	c->until_watch = NULL;
	free(c->until);
	c->until = NULL;
}
