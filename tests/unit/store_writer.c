// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One whole commit on disk, for crash-safety.sh to cut short: store_writer FOLDER TEXT
 * Prints what there is: store_writer FOLDER
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/file.h"
#include "core/config/store.h"

static int show(const struct store *store)
{
	struct store_pending pending;
	char *text = NULL;
	int err = store_pending_read(store, &pending);

	if (file_read(store->config, 1 << 20, &text, NULL))
		text = strdup("nothing");
	printf("config %s newest %u pending %s\n", text, store_newest(store),
	       err == -2 ? "none"
	       : err	 ? "broken"
			 : "whole");
	free(text);
	return 0;
}

static int commit(const struct store *store, const char *text)
{
	struct store_entry entry = {.user = "test"};
	struct store_pending pending;
	const char *where;

	if (store_next(store, &entry.number))
		return -5;
	if (store_pending_make(&pending, entry.number, entry.number - 1, 60))
		return -5;
	return store_commit(store, &entry, text, &pending, &where);
}

int main(int argc, char **argv)
{
	char config[512], state[512];
	struct store store = {0};
	int err;

	snprintf(config, sizeof(config), "%s/ferrule.yaml", argc > 1 ? argv[1] : "");
	snprintf(state, sizeof(state), "%s/state", argc > 1 ? argv[1] : "");
	if (argc < 2 || store_open(&store, config, state))
		return 2;
	err = argc > 2 ? commit(&store, argv[2]) : show(&store);
	store_close(&store);
	if (err)
		fprintf(stderr, "%s\n", strerror(-err));
	return err ? 1 : 0;
}
