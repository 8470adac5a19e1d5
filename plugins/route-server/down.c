// SPDX-License-Identifier: GPL-2.0-or-later
#include "down.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/api/file.h"
#include "core/api/log.h"
#include "route-server.h"
#include "watch.h"

enum { FILE_MAX = 1 << 20 };

static void path_of(const struct route_server *rs, char path[300])
{
	snprintf(path, 300, "%s/down", rs->folder);
}

void down_load(struct route_server *rs)
{
	char path[300], *text = NULL, *save = NULL;
	size_t size;

	path_of(rs, path);
	if (fer_file_read(path, FILE_MAX, &text, &size))
		return;
	for (char *name = strtok_r(text, "\n", &save); name; name = strtok_r(NULL, "\n", &save))
		watch_shut(rs->watch, name, true);
	free(text);
}

static void down_save(const struct route_server *rs)
{
	char path[300], *text = NULL;
	const struct watched *w;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	if (!file)
		abort();
	for (unsigned i = 0; (w = watch_at(rs->watch, i)); i++)
		if (w->shut)
			fprintf(file, "%s\n", w->name);
	fclose(file);
	path_of(rs, path);
	if (fer_file_write(path, text, size, 0640, NULL))
		fer_log_err("route-server: %s cannot be written: a client that is down comes back "
			    "when BIRD starts anew",
			    path);
	free(text);
}

void down_mark(const struct route_server *rs, struct rs_config *to)
{
	for (unsigned i = 0; i < to->clients; i++)
		for (unsigned s = 0; s < to->client[i].sessions; s++) {
			struct rs_session *session = &to->client[i].session[s];
			const struct watched *w = watch_find(rs->watch, session->name);
			const struct rs_client *before = rs_find(&rs->now, session->name, NULL);

			session->down = w && (w->shut || (w->down && before && !before->shutdown));
		}
}

void down_changed(struct route_server *rs)
{
	down_save(rs);
	rs_rewrite(rs);
}
