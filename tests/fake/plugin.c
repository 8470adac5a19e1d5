// SPDX-License-Identifier: GPL-2.0-or-later
/* The role `fake`: the supervision with a daemon that does what it is told ($FERRULE_FAKE). */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/api/event.h"
#include "core/api/log.h"
#include "core/api/model.h"
#include "core/api/plugin.h"
#include "core/api/service.h"
#include "core/api/state.h"
#include "core/api/task.h"

enum { DAEMONS = 16 };

struct daemon {
	char name[32];
	char socket[108]; /* as sockaddr_un has it */
	struct fer_process *process;
	int probe; /* our end */
	struct fer_event *event;
	unsigned served; /* times */
};

struct fake {
	const char *run_dir;
	char folder[224];
	struct daemon daemon[DAEMONS];
	const struct fer_config *staged;
	struct fer_plan *plan;
	struct fer_task *task;
};

static const char *binary(void)
{
	const char *path = getenv("FERRULE_FAKE");

	return path ? path : "/nonexistent/fake";
}

/* ---- probes ---- */

static void answered(void *arg)
{
	struct daemon *d = arg;
	char text[16];

	while (recv(d->probe, text, sizeof(text), MSG_DONTWAIT) > 0)
		fer_process_probed(d->process, true, NULL);
}

static void probe(void *arg)
{
	struct daemon *d = arg;
	struct sockaddr_un to = {.sun_family = AF_UNIX};

	snprintf(to.sun_path, sizeof(to.sun_path), "%s", d->socket);
	if (sendto(d->probe, "ping", 4, MSG_DONTWAIT, (struct sockaddr *)&to, sizeof(to)) < 0)
		fer_process_probed(d->process, false, strerror(errno));
}

static void probe_open(struct daemon *d)
{
	struct sockaddr_un any = {.sun_family = AF_UNIX};

	d->probe = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	/* bound to a name of the kernel's choice (unix(7), autobind) */
	if (bind(d->probe, (struct sockaddr *)&any, sizeof(sa_family_t)))
		fer_log_err("fake: %s", strerror(errno));
	d->event = fer_reader_new(d->probe, answered, d);
}

/* ---- daemons ---- */

static enum fer_exit ended(void *arg, int status, char *why, unsigned size)
{
	(void)arg;
	if (!WIFEXITED(status))
		return FER_EXIT_AGAIN;
	if (WEXITSTATUS(status) == 1)
		snprintf(why, size, "its configuration is refused");
	return WEXITSTATUS(status) == 0	  ? FER_EXIT_DONE
	       : WEXITSTATUS(status) == 1 ? FER_EXIT_FAILED
	       : WEXITSTATUS(status) == 2 ? FER_EXIT_SOON
					  : FER_EXIT_AGAIN;
}

static void serving(void *arg)
{
	struct daemon *d = arg;

	fer_log_info("fake: %s serves, time %u", d->name, ++d->served);
}

static enum fer_ready ready_of(const char *text)
{
	return !strcmp(text, "notify")	? FER_READY_NOTIFY
	       : !strcmp(text, "fd")	? FER_READY_FD
	       : !strcmp(text, "probe") ? FER_READY_PROBE
					: FER_READY_ALIVE;
}

static void daemon_run(struct fake *fake, struct daemon *d, const struct fer_model *at)
{
	const char *ready = fer_model_text(at, "ready"), *late = fer_model_text(at, "late");
	const char *exit_code = fer_model_text(at, "exit");
	char *argv[12] = {(char *)binary()};
	unsigned count = 1;
	struct fer_process_spec spec = {
		.name = d->name,
		.role = "fake",
		.run_dir = fake->run_dir,
		.argv = argv,
		.user = fer_model_text(at, "user"),
		.memory_max = fer_model_number(at, "memory", 0) << 20,
		.ready = ready_of(ready),
		.ready_after = 300,
		.ready_within = fer_model_number(at, "within", 0),
		.probe = probe,
		.exited = ended,
		.serving = serving,
		.arg = d,
	};

	snprintf(d->socket, sizeof(d->socket), "%.70s/%s", fake->folder, d->name);
	if (late) {
		argv[count++] = (char *)"--late";
		argv[count++] = (char *)late;
	}
	if (exit_code) {
		argv[count++] = (char *)"--exit";
		argv[count++] = (char *)exit_code;
	}
	if (!strcmp(ready, "notify") || !strcmp(ready, "fd")) {
		argv[count++] = (char *)"--ready";
		argv[count++] = (char *)ready;
	}
	if (fer_model_flag(at, "ignore-term"))
		argv[count++] = (char *)"--ignore-term";
	argv[count++] = d->socket;
	if (!d->process)
		d->process = fer_process_new(&spec);
	fer_process_apply(d->process, &spec);
}

static void daemon_clear(struct daemon *d)
{
	fer_process_free(d->process);
	fer_event_free(d->event);
	if (d->probe >= 0)
		close(d->probe);
	*d = (struct daemon){.probe = -1};
}

static struct daemon *daemon_get(struct fake *fake, const char *name)
{
	struct daemon *free_one = NULL;

	for (unsigned i = 0; i < DAEMONS; i++) {
		if (!strcmp(fake->daemon[i].name, name))
			return &fake->daemon[i];
		if (!fake->daemon[i].name[0] && !free_one)
			free_one = &fake->daemon[i];
	}
	if (!free_one)
		return NULL;
	snprintf(free_one->name, sizeof(free_one->name), "%s", name);
	probe_open(free_one);
	return free_one;
}

static bool is_wanted(const struct fer_config *config, const char *name)
{
	const struct fer_model *at = fer_config_find(config, "fake/daemon");

	for (; at; at = fer_model_next(at))
		if (!strcmp(fer_model_text(at, "name"), name))
			return true;
	return false;
}

/* ---- the role ---- */

static int fake_start(const struct fer_plugin_paths *paths, void **instance)
{
	struct fake *fake = calloc(1, sizeof(*fake));

	if (!fake)
		return -ENOMEM;
	fake->run_dir = paths->run_dir;
	snprintf(fake->folder, sizeof(fake->folder), "%s/fake", paths->run_dir);
	mkdir(fake->folder, 0777);
	if (chmod(fake->folder, 01777)) /* for daemons of any user */
		fer_log_err("fake: %s: %s", fake->folder, strerror(errno));
	for (unsigned i = 0; i < DAEMONS; i++)
		fake->daemon[i].probe = -1;
	*instance = fake;
	return 0;
}

static void fake_stop(void *instance)
{
	struct fake *fake = instance;

	fer_task_cancel(fake->task);
	for (unsigned i = 0; i < DAEMONS; i++)
		daemon_clear(&fake->daemon[i]);
	free(fake);
}

static void checked(void *arg, int code, const char *output)
{
	struct fake *fake = arg;

	fake->task = NULL;
	if (code)
		fer_problem(fer_plan_problems(fake->plan), NULL, "%s",
			    code == -ETIMEDOUT ? "the checker does not end" : output);
	fer_plan_done(fake->plan, code ? -EINVAL : 0);
}

static int fake_plan(void *instance, struct fer_plan *plan, const struct fer_config *from,
		     const struct fer_config *to, struct fer_problems *problems)
{
	struct fake *fake = instance;
	const char *check = fer_model_text(fer_config_find(to, "fake/check"), NULL);
	char *argv[] = {(char *)binary(), (char *)"--check", (char *)check, NULL};
	const struct fer_task_spec spec = {
		.name = "fake",
		.argv = argv,
		.user = "ferrule-fake",
		.deadline = 8000,
		.done = checked,
		.arg = fake,
	};

	(void)from;
	(void)problems;
	fake->staged = to;
	fake->plan = plan;
	if (!check)
		return 0;
	fake->task = fer_task_start(&spec);
	return fake->task ? FER_PLAN_PENDING : -ENOEXEC;
}

static void fake_commit(void *instance)
{
	struct fake *fake = instance;
	const struct fer_model *at = fer_config_find(fake->staged, "fake/daemon");

	for (unsigned i = 0; i < DAEMONS; i++)
		if (fake->daemon[i].process && !is_wanted(fake->staged, fake->daemon[i].name))
			fer_process_stop(fake->daemon[i].process);
	for (; at; at = fer_model_next(at)) {
		struct daemon *d = daemon_get(fake, fer_model_text(at, "name"));

		if (d)
			daemon_run(fake, d, at);
	}
}

static void fake_abort(void *instance)
{
	struct fake *fake = instance;

	fer_task_cancel(fake->task);
	fake->task = NULL;
}

static void fake_state(void *instance, struct fer_state *state)
{
	struct fake *fake = instance;

	for (unsigned i = 0; i < DAEMONS; i++)
		if (fake->daemon[i].process)
			fer_process_show(fake->daemon[i].process, state);
}

static const char *const owns[] = {"fake", NULL};

extern const struct fer_plugin fer_plugin;

const struct fer_plugin fer_plugin = {
	.api = FER_PLUGIN_API,
	.name = "fake",
	.version = "1",
	.owns = owns,
	.start = fake_start,
	.stop = fake_stop,
	.plan = fake_plan,
	.commit = fake_commit,
	.abort = fake_abort,
	.state = fake_state,
};
