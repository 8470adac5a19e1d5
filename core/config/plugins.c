// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugins.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/api/log.h"
#include "core/base/mem.h"
#include "schema.h"

static void plugin_add(struct plugins *plugins, const char *path, struct schema *schema)
{
	void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	const struct fer_plugin *plugin = handle ? dlsym(handle, "fer_plugin") : NULL;
	mem_auto char *module = NULL, *error = NULL;

	if (!plugin) {
		fer_log_err("plugin: %s: not loaded: %s", path, dlerror());
		if (handle)
			dlclose(handle);
		return;
	}
	if (plugin->api != FER_PLUGIN_API) {
		fer_log_err("plugin: %s: not loaded: made for API %u, this is %u", path,
			    plugin->api, FER_PLUGIN_API);
		dlclose(handle);
		return;
	}
	module = mem_printf("ferrule-%s", plugin->name);
	if (schema_load(schema, module, &error)) {
		fer_log_err("plugin: %s: not loaded: %s", path, error);
		dlclose(handle);
		return;
	}
	plugins->at = mem_grow(plugins->at, plugins->count, sizeof(*plugins->at));
	plugins->at[plugins->count++] = (struct plugin_loaded){plugin, handle};
}

static int is_shared_object(const struct dirent *entry)
{
	size_t length = strlen(entry->d_name);

	return length > 3 && !strcmp(entry->d_name + length - 3, ".so");
}

static int folder_load(struct plugins *plugins, const char *dir, struct schema *schema)
{
	struct dirent **entries;
	int count = scandir(dir, &entries, is_shared_object, alphasort);

	/* one that is not there holds no plugin; one that cannot be read may hold all of them */
	if (count < 0 && errno != ENOENT)
		return -errno;
	for (int i = 0; i < count; i++) {
		mem_auto char *path = mem_printf("%s/%s", dir, entries[i]->d_name);

		plugin_add(plugins, path, schema);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
	return 0;
}

struct plugins *plugins_load(const char *dirs, struct schema *schema)
{
	struct plugins *plugins = mem_zalloc(sizeof(*plugins));
	mem_auto char *copy = mem_strdup(dirs);
	char *save = NULL;
	int err;

	for (char *dir = strtok_r(copy, ":", &save); dir; dir = strtok_r(NULL, ":", &save))
		if ((err = folder_load(plugins, dir, schema))) {
			fer_log_err("plugins: folder %s cannot be read: %s", dir, strerror(-err));
			plugins_free(plugins);
			errno = -err;
			return NULL;
		}
	return plugins;
}

void plugins_free(struct plugins *plugins)
{
	if (!plugins)
		return;
	for (unsigned i = 0; i < plugins->count; i++)
		dlclose(plugins->at[i].handle);
	free(plugins->at);
	free(plugins);
}

const struct fer_verb *plugin_verb(const struct fer_plugin *plugin, const char *name)
{
	for (const struct fer_verb *verb = plugin->verbs; verb && verb->name; verb++)
		if (!strcmp(verb->name, name))
			return verb;
	return NULL;
}

int plugins_validate(const struct plugins *plugins, const struct fer_config *config,
		     struct fer_problems *problems)
{
	int err = 0;

	for (unsigned i = 0; i < plugins->count; i++) {
		const struct fer_plugin *plugin = plugins->at[i].plugin;

		if (plugin->validate && plugin->validate(config, problems))
			err = -EINVAL;
	}
	return err;
}

void plugins_check_files(const struct plugins *plugins, const char *state_dir,
			 const struct fer_config *config, struct fer_problems *problems)
{
	for (unsigned i = 0; i < plugins->count; i++)
		if (plugins->at[i].plugin->files)
			plugins->at[i].plugin->files(state_dir, config, problems);
}
