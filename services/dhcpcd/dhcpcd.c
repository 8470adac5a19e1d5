// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Paths are compiled into dhcpcd, so that two instances, even of two network namespaces, meet in
 * /run/dhcpcd. Each gets a mount namespace in which that is a folder of its own.
 */
#include "dhcpcd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/api/log.h"
#include "core/api/service.h"
#include "core/api/state.h"
#include "internal.h"

#define DHCPCD "/usr/sbin/dhcpcd"

struct dhcpcd {
	int family;
	char name[16];
	char run[256]; /* in place of /run/dhcpcd */
	char lib[256]; /* in place of /var/lib/dhcpcd: leases */
	char conf[272];
	char run_dir[224];
	struct dhcpcd_events events;
	struct dhcpcd_config config;
	struct fer_process *process; /* NULL: none wanted */
	bool again;		     /* start anew when the old one has stopped */
};

bool dhcpcd_available(void)
{
	return !access(DHCPCD, X_OK);
}

static void process_line(void *arg, const char *line)
{
	const char *address = dhcpcd_line_conflict(line);
	struct dhcpcd *d = arg;

	if (address)
		d->events.conflict(d->events.arg, address);
}

static void process_stopped(void *arg)
{
	struct dhcpcd *d = arg;

	if (!d->again)
		return;
	d->again = false;
	fer_process_start(d->process);
}

static void process_make(struct dhcpcd *d)
{
	char family[] = {'-', '0' + d->family, '\0'};
	char *argv[] = {
		(char *)DHCPCD, family,	 (char *)"-B",	      (char *)"-c", (char *)"/bin/true",
		(char *)"-f",	d->conf, d->config.interface, NULL};
	const struct fer_process_bind bind[] = {
		{d->run, "/run/dhcpcd"}, {d->lib, "/var/lib/dhcpcd"}, {NULL, NULL}};
	const struct fer_process_spec spec = {
		.name = d->name,
		.run_dir = d->run_dir,
		.argv = argv,
		.bind = bind,
		.ready_after = 1000,
		.stopped = process_stopped,
		.line = process_line,
		.arg = d,
	};

	/* the mount points; dhcpcd makes them at its first run */
	mkdir("/run/dhcpcd", 0755);
	mkdir("/var/lib/dhcpcd", 0755);
	d->process = fer_process_new(&spec);
}

static int folder_make(char *path, size_t size, const char *base, const char *name)
{
	snprintf(path, size, "%s/%s", base, name);
	return mkdir(path, 0755) && errno != EEXIST ? -errno : 0;
}

struct dhcpcd *dhcpcd_new(const char *run_dir, const char *state_dir, int family,
			  const struct dhcpcd_events *events)
{
	struct dhcpcd *d = calloc(1, sizeof(*d));

	if (!d)
		abort();
	d->family = family;
	d->events = *events;
	snprintf(d->name, sizeof(d->name), "dhcpcd-%d", family);
	snprintf(d->run_dir, sizeof(d->run_dir), "%s", run_dir);
	if (folder_make(d->run, sizeof(d->run), run_dir, d->name) ||
	    folder_make(d->lib, sizeof(d->lib), state_dir, d->name))
		fer_log_err("%s: its folders cannot be made: %s", d->name, strerror(errno));
	snprintf(d->conf, sizeof(d->conf), "%s/conf", d->run);
	return d;
}

void dhcpcd_free(struct dhcpcd *d)
{
	if (!d)
		return;
	fer_process_free(d->process);
	free(d);
}

/* Writes the file; true where it was so already. */
static bool conf_write(const struct dhcpcd *d)
{
	char text[512], old[512] = "";
	FILE *file = fopen(d->conf, "r");

	dhcpcd_render(d->family, &d->config, text, sizeof(text));
	if (file) {
		old[fread(old, 1, sizeof(old) - 1, file)] = '\0';
		fclose(file);
	}
	if (!strcmp(text, old))
		return true;
	file = fopen(d->conf, "w");
	if (!file || fputs(text, file) < 0 || fclose(file))
		fer_log_err("%s: %s: %s", d->name, d->conf, strerror(errno));
	return false;
}

static void stop(struct dhcpcd *d)
{
	if (!d->process)
		process_make(d); /* one from before, perhaps */
	if (fer_process_state(d->process) == FER_PROCESS_STOPPED)
		return;
	fer_process_stop(d->process);
}

/* One that runs with another configuration, ours or adopted, is stopped first. */
static void start(struct dhcpcd *d, bool same)
{
	bool running;

	if (!d->process)
		process_make(d);
	running = fer_process_state(d->process) != FER_PROCESS_STOPPED;
	fer_process_start(d->process);
	if (same && fer_process_state(d->process) != FER_PROCESS_STOPPING)
		return;
	if (!running && !fer_process_adopted(d->process))
		return;
	d->again = true;
	fer_process_stop(d->process);
}

void dhcpcd_apply(struct dhcpcd *d, const struct dhcpcd_config *config)
{
	bool same_interface = !strcmp(config->interface, d->config.interface);

	d->config = *config;
	if (config->method == DHCPCD_NONE) {
		d->again = false;
		stop(d);
		return;
	}
	if (!same_interface && d->process && fer_process_state(d->process) == FER_PROCESS_STOPPED) {
		fer_process_free(d->process);
		d->process = NULL;
	}
	start(d, conf_write(d));
}

void dhcpcd_state(const struct dhcpcd *d, struct fer_state *state)
{
	if (!d->process || d->config.method == DHCPCD_NONE)
		return;
	fer_state_text(state, fer_process_state_name(d->process), "service[name='%s']/state",
		       d->name);
	fer_state_number(state, fer_process_restarts(d->process), "service[name='%s']/restarts",
			 d->name);
	if (fer_process_pid(d->process))
		fer_state_number(state, fer_process_pid(d->process), "service[name='%s']/pid",
				 d->name);
	fer_state_text(state, fer_process_reason(d->process), "service[name='%s']/reason", d->name);
}
