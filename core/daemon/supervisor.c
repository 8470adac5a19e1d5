// SPDX-License-Identifier: GPL-2.0-or-later
#include "supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "core/api/log.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/config/commit.h"
#include "core/config/model.h"
#include "core/config/plugins.h"
#include "core/config/schema.h"
#include "core/control/server.h"
#include "core/run/cgroup.h"
#include "core/run/ring.h"
#include "governor.h"
#include "port_watch.h"
#include "ports.h"
#include "requests.h"
#include "signals.h"
#include "wire.h"

/* One ferruled a folder. The descriptor is the lock. */
static int lock_take(const char *folder, mode_t mode, const char *option)
{
	mem_auto char *path = mem_printf("%s/lock", folder);
	mem_auto char *holder = NULL;
	int fd, err = file_make_folders(folder, mode);

	if (err) {
		fer_log_err("ferruled: %s: cannot be made: %s", folder, strerror(-err));
		return err;
	}
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (fd >= 0 && !flock(fd, LOCK_EX | LOCK_NB)) {
		if (!ftruncate(fd, 0))
			dprintf(fd, "%d\n", getpid());
		return fd;
	}
	err = -errno;
	if (fd >= 0)
		close(fd);
	if (err == -EWOULDBLOCK && !file_read(path, 32, &holder, NULL))
		fer_log_err("ferruled: process %d uses %s already; stop it, or give another %s",
			    atoi(holder), folder, option);
	else
		fer_log_err("ferruled: %s: %s", path, strerror(-err));
	return err;
}

/* ---- plugins as parts of a commit ---- */

struct plugin_part {
	const struct fer_plugin *plugin;
	void *instance;
};

static int part_validate(void *context, const struct document *document, struct problems *problems)
{
	struct plugin_part *part = context;
	struct fer_problems list = {document, problems};

	return part->plugin->validate ? part->plugin->validate(model_of(document), &list) : 0;
}

static int part_plan(void *context, struct fer_plan *plan, const struct document *from,
		     const struct document *to, struct problems *problems)
{
	struct plugin_part *part = context;
	struct fer_problems list = {to, problems};

	return part->plugin->plan(part->instance, plan, model_of(from), model_of(to), &list);
}

static void part_disturbs(void *context, const struct document *from, const struct document *to,
			  struct fer_disturbances *list)
{
	struct plugin_part *part = context;

	if (part->plugin->disturbs)
		part->plugin->disturbs(part->instance, model_of(from), model_of(to), list);
}

static void part_commit(void *context)
{
	struct plugin_part *part = context;

	part->plugin->commit(part->instance);
}

static void part_abort(void *context)
{
	struct plugin_part *part = context;

	part->plugin->abort(part->instance);
}

static struct plugin_part *plugin_parts;

static void plugins_start(struct supervisor *s)
{
	const struct fer_plugin_paths paths = {s->options->run_dir, s->options->state_dir};

	s->instance = mem_zalloc((s->plugins->count + 1) * sizeof(*s->instance));
	plugin_parts = mem_zalloc((s->plugins->count + 1) * sizeof(*plugin_parts));
	for (unsigned i = 0; i < s->plugins->count; i++) {
		const struct fer_plugin *plugin = s->plugins->at[i].plugin;
		int err = plugin->start(&paths, &s->instance[i]);
		const struct commit_part part = {
			.name = plugin->name,
			.context = &plugin_parts[i],
			.owns = plugin->owns,
			.validate = part_validate,
			.plan = part_plan,
			.disturbs = part_disturbs,
			.commit = part_commit,
			.abort = part_abort,
		};

		if (err) {
			fer_log_err("plugin: %s: cannot be started: %s", plugin->name,
				    strerror(-err));
			s->instance[i] = NULL;
			continue;
		}
		plugin_parts[i] = (struct plugin_part){plugin, s->instance[i]};
		commit_add_part(s->commit, &part);
	}
}

static void plugins_stop(struct supervisor *s)
{
	for (unsigned i = s->plugins ? s->plugins->count : 0; i-- > 0;)
		if (s->instance && s->instance[i])
			s->plugins->at[i].plugin->stop(s->instance[i]);
	free(s->instance);
	free(plugin_parts);
	plugin_parts = NULL;
}

/* ---- life ---- */

static char *observe(void *arg)
{
	struct supervisor *s = arg;
	struct text text = {0};

	wire_observe(s->wire, &text);
	return text_take(&text);
}

static void problems_log(const struct problems *problems)
{
	for (unsigned i = 0; i < problems->count; i++) {
		mem_auto char *line = problem_print(&problems->at[i]);

		fer_log_err("config: %s", line);
	}
}

static int config_start(struct supervisor *s)
{
	static const char *const owns[] = {"wire",    "host-link", "filter", "erspan",
					   "capture", "loan",	   NULL};
	const struct commit_part part = {
		.name = "wire",
		.context = s->wire,
		.owns = owns,
		.always = true,
		.again_max = 1, /* a port may come at any moment */
		.validate = wire_validate,
		.plan = wire_plan,
		.disturbs = ports_disturb,
		.commit = wire_commit,
		.abort = wire_abort,
	};
	struct problems problems_auto problems = {0};
	struct commit_part governor;
	int err;

	commit_add_part(s->commit, &part);
	watchman_part(s->watchman, &governor);
	commit_add_part(s->commit, &governor);
	plugins_start(s);
	err = commit_start(s->commit, &problems);
	problems_log(&problems);
	return err;
}

static int model_start(struct supervisor *s)
{
	mem_auto char *error = NULL;

	s->schema = schema_new(s->options->yang_dir, &error);
	if (!s->schema) {
		fer_log_err("ferruled: %s (folders: %s)", error, s->options->yang_dir);
		return -EINVAL;
	}
	s->plugins = plugins_load(s->options->plugin_dir, s->schema);
	return s->plugins ? 0 : -errno;
}

static int control_start(struct supervisor *s)
{
	const struct server_handler handler = {requests_take, requests_hello, s};
	int err = server_start(&s->server, s->options->run_dir, &handler);

	if (err)
		fer_log_err("control: %s/control: %s", s->options->run_dir, strerror(-err));
	return err;
}

int supervisor_start(struct supervisor *s, const struct options *options)
{
	struct timespec now;
	int err;

	clock_gettime(CLOCK_MONOTONIC, &now);
	*s = (struct supervisor){
		.options = options, .lock = -1, .state_lock = -1, .started = now.tv_sec};
	s->lock = lock_take(options->run_dir, 0755, "--run-dir");
	if (s->lock < 0)
		return s->lock;
	s->state_lock = lock_take(options->state_dir, 0700, "--state-dir");
	/* a disk that takes no lock costs nobody the wire */
	if (s->state_lock == -EWOULDBLOCK)
		return s->state_lock;
	cgroup_start();
	err = model_start(s);
	if (err)
		return err;
	err = store_open(&s->store, options->config, options->state_dir);
	if (err) {
		fer_log_err("ferruled: %s: cannot be made: %s", options->state_dir, strerror(-err));
		return err;
	}
	s->wire = wire_new(options->run_dir);
	s->port_watch = port_watch_new(s->wire);
	s->watchman = watchman_new(s->wire, s->plugins);
	s->commit = commit_new(s->schema, &s->store, observe, s);
	signals_commit(s->commit);
	err = config_start(s);
	return err ? err : control_start(s);
}

void supervisor_stop(struct supervisor *s)
{
	server_stop(s->server);
	signals_commit(NULL);
	commit_stop(s->commit);
	plugins_stop(s);
	commit_free(s->commit);
	watchman_free(s->watchman);
	port_watch_free(s->port_watch);
	wire_free(s->wire);
	ring_free_all();
	store_close(&s->store);
	plugins_free(s->plugins);
	schema_free(s->schema);
	if (s->state_lock >= 0)
		close(s->state_lock);
	if (s->lock >= 0)
		close(s->lock);
}

int supervisor_stop_wire(const struct options *options)
{
	int lock = lock_take(options->run_dir, 0755, "--run-dir");
	int err;

	if (lock < 0)
		return 1;
	err = wire_take_down(options->run_dir);
	close(lock);
	if (!err)
		fer_log_notice("wire: taken down; no frame crosses any more");
	else if (err == -ENOENT)
		fer_log_notice("wire: none was up for %s", options->run_dir);
	else if (err == -EXDEV)
		fer_log_err("wire: the ports of %s are in another network namespace: 'nsenter "
			    "--net=/run/netns/NAME' before the command",
			    options->run_dir);
	else
		fer_log_err("wire: cannot be taken down: %s", strerror(-err));
	return err && err != -ENOENT;
}
