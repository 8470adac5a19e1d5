/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The plugins of a folder: loaded once, checked for their API version before anything else.
 */
#pragma once

#include "core/api/action.h"
#include "core/api/plugin.h"

struct schema;

struct plugins {
	struct plugin_loaded {
		const struct fer_plugin *plugin;
		void *handle;
	} * at;
	unsigned count;
};

/* dirs: folders separated by ':'. A broken plugin is left out with a log line. A folder that cannot
 * be read (errno) is no empty one: NULL, as nobody wants to start with fewer roles than there were.
 */
struct plugins *plugins_load(const char *dirs, struct schema *schema);
void plugins_free(struct plugins *plugins);

/* The verb of that name, or NULL. */
const struct fer_verb *plugin_verb(const struct fer_plugin *plugin, const char *name);

/* Every plugin's validate. 0 or -EINVAL. */
int plugins_validate(const struct plugins *plugins, const struct fer_config *config,
		     struct fer_problems *problems);

/* Every plugin's files, of a configuration that is valid. */
void plugins_check_files(const struct plugins *plugins, const char *state_dir,
			 const struct fer_config *config, struct fer_problems *problems);
