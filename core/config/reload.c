// SPDX-License-Identifier: GPL-2.0-or-later
#include "reload.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/api/event.h"
#include "core/api/file.h"
#include "core/api/log.h"
#include "core/api/model.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "model.h"
#include "operation.h"

enum {
	LOOK_MS = 2000,
	FILES_MAX = 1024, /* that are watched */
};

struct source {
	const struct commit_part *part;
	char *path;
	struct stat stat; /* as the plan found it; all zero: not there */
	bool changed;	  /* at the last look: one that is still being written is waited for */
};

static struct {
	struct source at[FILES_MAX];
	unsigned count;
	const struct commit_part *planning;
	struct fer_event *timer;
} watched;

static void stat_get(const char *path, struct stat *to)
{
	if (stat(path, to))
		memset(to, 0, sizeof(*to));
}

static bool stat_equal(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_dev == b->st_dev && a->st_size == b->st_size &&
	       a->st_mode == b->st_mode && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

void reload_plan_begin(const struct commit_part *part)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < watched.count; i++) {
		if (watched.at[i].part != part)
			watched.at[kept++] = watched.at[i];
		else
			free(watched.at[i].path);
	}
	watched.count = kept;
	watched.planning = part;
}

void reload_plan_end(void)
{
	watched.planning = NULL;
}

void fer_file_used(const char *path)
{
	struct source *source = &watched.at[watched.count];

	if (!watched.planning || watched.count == FILES_MAX)
		return;
	*source = (struct source){.part = watched.planning, .path = mem_strdup(path)};
	stat_get(path, &source->stat);
	watched.count++;
}

void fer_file_written(const char *path)
{
	for (unsigned i = 0; i < watched.count; i++) {
		if (strcmp(watched.at[i].path, path))
			continue;
		stat_get(path, &watched.at[i].stat);
		watched.at[i].changed = false;
	}
}

static void sources_mark(const char *part, bool changed)
{
	for (unsigned i = 0; i < watched.count; i++)
		if (!strcmp(watched.at[i].part->name, part))
			watched.at[i].changed = changed;
}

/* ---- again ---- */

static void reloaded(void *arg, int err, const struct problems *problems)
{
	const char *name = arg;

	/* somebody's commit came first, which need not concern it */
	if (err == -ECANCELED)
		sources_mark(name, true);
	for (unsigned i = 0; err && i < problems->count; i++)
		fer_log_err("config: %s: what was read before stays in force: %s", name,
			    problems->at[i].message);
	if (!err)
		fer_log_notice("config: %s: its files were read again", name);
}

static void reload_succeeded(struct operation *op)
{
	owed_log(op->commit, op->again->name);
}

static void part_reload(struct commit *c, const struct commit_part *part, commit_done_fn *done,
			void *arg)
{
	struct operation *op = operation_new(c, done, arg);

	/* one that cannot be is not tried again before it has changed again */
	sources_mark(part->name, false);
	op->again = part;
	op->reload = true;
	/* one that is not whole may become more so */
	op->best_effort = omissions_have(&c->omissions, part->name);
	op->succeeded = reload_succeeded;
	operation_transact(op, document_copy(c->running));
}

bool commit_has_part(const struct commit *c, const char *name)
{
	for (unsigned i = 0; i < c->parts.count; i++)
		if (!strcmp(c->parts.at[i].name, name))
			return fer_config_find(model_of(c->running), name);
	return false;
}

void commit_reload_changes(const char *name, struct text *text)
{
	unsigned files = 0, changed = 0;
	struct stat now;

	for (unsigned i = 0; i < watched.count; i++) {
		const struct source *source = &watched.at[i];

		if (strcmp(source->part->name, name))
			continue;
		files++;
		stat_get(source->path, &now);
		if (stat_equal(&now, &source->stat) && !source->changed)
			continue;
		changed++;
		text_add(text, "%s has changed, and was read again\n", source->path);
	}
	if (!files)
		text_add(text, "%s reads no files that could have changed\n", name);
	else if (!changed)
		text_add(text, "none of its %u files has changed; they were read again\n", files);
}

int commit_reload(struct commit *c, const char *name, commit_done_fn *done, void *arg)
{
	owed_cancel(c);
	if (c->operation)
		return -EBUSY;
	for (unsigned i = 0; i < c->parts.count; i++)
		if (!strcmp(c->parts.at[i].name, name)) {
			part_reload(c, &c->parts.at[i], done, arg);
			return 0;
		}
	return -ENOENT;
}

void commit_reload_all(struct commit *c)
{
	if (!watched.timer) /* it starts: all is read anyway */
		return;
	for (unsigned i = 0; i < watched.count; i++)
		watched.at[i].changed = true;
	for (unsigned i = 0; i < c->parts.count; i++)
		c->parts.at[i].again_in = 0;
	fer_timer_start(watched.timer, 0);
	owed_begin(c);
}

/* ---- looking ---- */

/* Whether it has changed, and stays as it is since the last look. */
static bool source_settled(struct source *source)
{
	struct stat now;
	bool settled;

	stat_get(source->path, &now);
	if (stat_equal(&now, &source->stat) && !source->changed)
		return false;
	settled = source->changed && stat_equal(&now, &source->stat);
	source->changed = true;
	source->stat = now;
	return settled;
}

static void look(void *arg)
{
	struct commit *c = arg;
	const struct commit_part *part = NULL;

	for (unsigned i = 0; i < watched.count && !c->operation; i++) {
		struct source *source = &watched.at[i];

		if (!source_settled(source) || part)
			continue;
		part = source->part;
		fer_log_notice("config: %s: %s has changed", part->name, source->path);
	}
	/* the plan forgets what it was made of, and with it that it changed */
	if (part)
		part_reload(c, part, reloaded, (void *)part->name);
	fer_timer_start(watched.timer, LOOK_MS);
}

void reload_start(struct commit *c)
{
	watched.timer = fer_timer_new(look, c);
	fer_timer_start(watched.timer, LOOK_MS);
}

void reload_stop(void)
{
	fer_event_free(watched.timer);
	for (unsigned i = 0; i < watched.count; i++)
		free(watched.at[i].path);
	watched.timer = NULL;
	watched.count = 0;
}
