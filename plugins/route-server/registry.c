// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "config.h"
#include "core/api/file.h"
#include "core/api/log.h"
#include "core/api/model.h"
#include "fetch.h"
#include "irr.h"

enum {
	FILE_MOST = 256 << 20, /* octets that are kept */
	SMALL = 10,	       /* prefixes: of fewer, a half is nothing to wonder at */
};

static bool is_on(const struct rs_config *config)
{
	const char *source = fer_model_text(config->at, "policy/irr/source");

	return source && strcmp(source, "none") != 0;
}

static void path_of(const struct rs_config *config, const char *folder, char path[512])
{
	if (fetch_is_on(config))
		fetch_path(folder, path);
	else
		rs_path(folder, fer_model_text(config->at, "policy/irr/file"), path);
}

static void kept_path(const char *folder, char path[512])
{
	snprintf(path, 512, "%s/irr.kept", folder);
}

bool registry_has_kept(const char *folder)
{
	char path[512];

	kept_path(folder, path);
	return !access(path, R_OK);
}

int64_t registry_time(const struct rs_config *config, const char *folder)
{
	char path[512];
	struct stat st;

	if (!config->on || !is_on(config))
		return 0;
	path_of(config, folder, path);
	return stat(path, &st) ? 0 : st.st_mtim.tv_sec * 1000000000LL + st.st_mtim.tv_nsec;
}

/* ---- reading ---- */

static struct irr *read_file(const struct rs_config *config, const char *path, char *why,
			     size_t size)
{
	struct irr *irr = irr_new();

	for (unsigned i = 0; i < config->clients; i++)
		irr_want(irr, &config->client[i]);
	if (!irr_read(irr, path, why, size))
		return irr;
	irr_free(irr);
	return NULL;
}

static int refuse(struct rs_config *config, const struct fer_model *at,
		  struct fer_problems *problems)
{
	fer_problem(problems, at, "%s", config->why);
	return -EINVAL;
}

static int sets_load(struct rs_config *config, struct fer_problems *problems)
{
	int err = 0;

	for (unsigned i = 0; i < config->clients; i++) {
		struct rs_client *client = &config->client[i];
		char why[160];

		if (!client->policy.irr_origin && !client->policy.irr_prefix)
			continue;
		client->set = irr_set_of(config->irr, client, why, sizeof(why));
		if (client->set)
			continue;
		snprintf(config->why, sizeof(config->why), "client '%s': %s", client->name, why);
		err = refuse(config, client->at, problems);
	}
	return err;
}

static size_t prefixes_of(const struct irr_set *set)
{
	return set ? set->prefixes[0] + set->prefixes[1] : 0;
}

/* Each client's own: one member's data that is gone hides among that of a thousand. */
static int shrink_check(struct rs_config *config, struct irr *before, struct fer_problems *problems)
{
	unsigned most = fer_model_number(config->at, "policy/irr/shrink", 50);
	int err = 0;

	for (unsigned i = 0; i < config->clients; i++) {
		struct rs_client *client = &config->client[i];
		char ignored[160];
		size_t now = prefixes_of(client->set), was;

		if (!client->set)
			continue;
		was = prefixes_of(irr_set_of(before, client, ignored, sizeof(ignored)));
		if (was < SMALL || now * 100 >= was * (100 - most))
			continue;
		snprintf(config->why, sizeof(config->why),
			 "client '%s': %zu of %zu registered prefixes are left; if that is right, "
			 "set policy/irr/shrink to 100 for this commit",
			 client->name, now, was);
		err = refuse(config, client->at, problems);
	}
	return err;
}

/* At a start, what was good last is better than nothing. */
static int fall_back(struct rs_config *config, struct irr *before, struct fer_problems *problems)
{
	fer_log_warn("route-server: %s; what was read last is used", config->why);
	irr_free(config->irr);
	config->irr = before;
	return sets_load(config, problems);
}

static int read_new(struct rs_config *config, const char *path, struct irr *before,
		    struct fer_problems *problems)
{
	char why[160];
	int err;

	config->irr = read_file(config, path, why, sizeof(why));
	if (!config->irr) {
		snprintf(config->why, sizeof(config->why), "file '%.300s': %s", path, why);
		return refuse(config, fer_model_find(config->at, "policy/irr"), problems);
	}
	err = sets_load(config, problems);
	return err || !before ? err : shrink_check(config, before, problems);
}

int registry_load(struct rs_config *config, const char *folder, bool first,
		  struct fer_problems *problems)
{
	char path[512], kept[512], ignored[160];
	struct irr *before;
	int err;

	if (!is_on(config))
		return sets_load(config, problems);
	path_of(config, folder, path);
	kept_path(folder, kept);
	before = read_file(config, kept, ignored, sizeof(ignored));
	config->read_at = registry_time(config, folder);
	err = read_new(config, path, before, first && before ? NULL : problems);
	if (err && first && before)
		return fall_back(config, before, problems);
	irr_free(before);
	return err;
}

/* ---- keeping ---- */

void registry_keep(const struct rs_config *config, const char *folder)
{
	char path[512], kept[512], *data;
	size_t size;
	int err;

	/* what is in force is not what stands there */
	if (!is_on(config) || *config->why)
		return;
	path_of(config, folder, path);
	kept_path(folder, kept);
	/* what is kept is what was read, and not what somebody writes just now */
	if (registry_time(config, folder) != config->read_at ||
	    fer_file_read(path, FILE_MOST, &data, &size))
		return;
	if (registry_time(config, folder) != config->read_at) {
		free(data);
		return;
	}
	err = fer_file_write(kept, data, size, 0600, NULL);
	free(data);
	if (err)
		fer_log_warn("route-server: %s: %s", kept, strerror(-err));
}

long registry_age(const struct rs_config *config, const char *folder)
{
	int64_t at = registry_time(config, folder);

	return at ? (long)(time(NULL) - at / 1000000000) : -1;
}
