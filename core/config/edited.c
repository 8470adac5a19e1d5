// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The configuration file is the supervisor's to write, and a text that people edit. What somebody
 * wrote into it since the last commit, and did not load, is told, and kept beside it.
 */
#include <errno.h>
#include <string.h>

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

bool edited_is(const struct commit *c, const struct document *to)
{
	struct problems problems_auto ignored = {0};
	mem_auto char *text = NULL;
	struct document *file;
	bool edited;

	/* what is in force is not on disk, and everybody knows */
	if (c->unwritten || file_read(c->store->config, YAML_SIZE_MAX, &text, NULL))
		return false;
	file = yaml_load(c->schema, text, strlen(text), c->store->config, &ignored);
	edited = !file || (differs(c->running, file) && differs(to, file));
	document_free(file);
	return edited;
}

char *edited_path(const struct commit *c)
{
	return mem_printf("%s.edited", c->store->config);
}

void edited_keep(const struct commit *c, const struct document *to)
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
