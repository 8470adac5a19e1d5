// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The configuration file is the supervisor's to write, and a text that people edit. What somebody
 * wrote into it since the last commit, and did not load, is told, and kept beside it.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "core/api/log.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "diff.h"
#include "operation.h"
#include "yaml.h"

static bool differs(const struct document *a, const struct document *b)
{
	mem_auto char *diff = diff_print(a, b);

	return diff && *diff;
}

static bool is_marked(const struct edited_mark *mark, const struct stat *st)
{
	return mark->inode == st->st_ino && mark->size == st->st_size &&
	       mark->seconds == st->st_mtim.tv_sec && mark->nanoseconds == st->st_mtim.tv_nsec;
}

static void mark(struct edited_mark *mark, const struct stat *st)
{
	*mark = (struct edited_mark){st->st_ino, st->st_size, st->st_mtim.tv_sec,
				     st->st_mtim.tv_nsec};
}

bool edited_is(struct commit *c, const struct document *to)
{
	struct problems problems_auto ignored = {0};
	mem_auto char *text = NULL, *committed = NULL;
	struct document *file;
	struct stat st;
	bool edited;

	/* what is in force is not on disk, and everybody knows */
	if (c->unwritten || stat(c->store->config, &st) || is_marked(&c->edited, &st) ||
	    file_read(c->store->config, YAML_SIZE_MAX, &text, NULL))
		return false;
	/* it is what was committed, also where this program does not know all of it */
	if (!store_read(c->store, c->number, &committed) && !strcmp(store_text(committed), text)) {
		mark(&c->edited, &st);
		return false;
	}
	file = yaml_load(c->schema, text, strlen(text), c->store->config, &ignored);
	edited = !file || differs(c->running, file);
	/* it is as it should be until somebody writes it, which is not read again to know */
	if (!edited)
		mark(&c->edited, &st);
	edited = edited && (!file || differs(to, file));
	document_free(file);
	return edited;
}

char *edited_path(const struct commit *c)
{
	return mem_printf("%s.edited", c->store->config);
}

void edited_keep(struct commit *c, const struct document *to)
{
	mem_auto char *path = edited_path(c);
	mem_auto char *text = NULL;
	int err;

	if (!edited_is(c, to) || file_read(c->store->config, YAML_SIZE_MAX, &text, NULL))
		return;
	err = file_write(path, text, strlen(text), 0600);
	if (err)
		fer_log_warn("config: %s was changed by hand and cannot be kept as %s: %s",
			     c->store->config, path, strerror(-err));
	else
		fer_log_notice("config: %s was changed by hand; that is in %s now",
			       c->store->config, path);
}
