// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Paths are compiled into dhcpcd, so that two instances, even of two network namespaces, meet in
 * /run/dhcpcd. Each gets a mount namespace in which that is a folder of its own.
 */
#include "dhcpcd.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/api/log.h"
#include "core/api/service.h"
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
	struct fer_process *process;
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

static void process_serving(void *arg)
{
	struct dhcpcd *d = arg;

	d->events.serving(d->events.arg);
}

/* It changes its users itself (privilege separation), and needs root for no more than this. */
static const uint64_t capabilities =
	1ULL << CAP_NET_ADMIN | 1ULL << CAP_NET_RAW | 1ULL << CAP_NET_BIND_SERVICE |
	1ULL << CAP_SETUID | 1ULL << CAP_SETGID | 1ULL << CAP_SYS_CHROOT | 1ULL << CAP_KILL |
	1ULL << CAP_CHOWN | 1ULL << CAP_DAC_OVERRIDE | 1ULL << CAP_FOWNER;

/* How it runs with a configuration; a function of it, as what runs already is compared. */
static void process_apply(struct dhcpcd *d, const char *text,
			  void (*apply)(struct dhcpcd *d, const struct fer_process_spec *spec))
{
	char family[] = {'-', '0' + d->family, '\0'};
	char *argv[] = {
		(char *)DHCPCD, family,	 (char *)"-B",	      (char *)"-c", (char *)"/bin/true",
		(char *)"-f",	d->conf, d->config.interface, NULL};
	const struct fer_process_bind bind[] = {
		{d->run, "/run/dhcpcd"}, {d->lib, "/var/lib/dhcpcd"}, {NULL, NULL}};
	const struct fer_process_spec spec = {
		.name = d->name,
		.role = "host-link",
		.run_dir = d->run_dir,
		.argv = argv,
		.bind = bind,
		.capabilities = capabilities,
		.memory_max = 32 << 20,
		.ready_after = 1000,
		.version = text,
		.serving = process_serving,
		.line = process_line,
		.arg = d,
	};

	/* the mount points; dhcpcd makes them at its first run */
	mkdir("/run/dhcpcd", 0755);
	mkdir("/var/lib/dhcpcd", 0755);
	apply(d, &spec);
}

static void process_make(struct dhcpcd *d, const struct fer_process_spec *spec)
{
	d->process = fer_process_new(spec);
}

static void process_run(struct dhcpcd *d, const struct fer_process_spec *spec)
{
	fer_process_apply(d->process, spec);
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
	process_apply(d, "", process_make);
	return d;
}

void dhcpcd_free(struct dhcpcd *d)
{
	if (!d)
		return;
	fer_process_free(d->process);
	free(d);
}

static void conf_write(const struct dhcpcd *d, const char *text)
{
	FILE *file = fopen(d->conf, "w");

	if (!file || fputs(text, file) < 0 || fclose(file))
		fer_log_err("%s: %s: %s", d->name, d->conf, strerror(errno));
}

void dhcpcd_apply(struct dhcpcd *d, const struct dhcpcd_config *config)
{
	char text[512], version[560];
	const unsigned char *mac = config->mac;

	d->config = *config;
	if (config->method == DHCPCD_NONE) {
		fer_process_stop(d->process);
		return;
	}
	dhcpcd_render(d->family, config, text, sizeof(text));
	conf_write(d, text);
	/* it announces the address with the MAC that it found when it started */
	snprintf(version, sizeof(version), "%s%02x%02x%02x%02x%02x%02x", text, mac[0], mac[1],
		 mac[2], mac[3], mac[4], mac[5]);
	process_apply(d, version, process_run);
}

void dhcpcd_state(const struct dhcpcd *d, struct fer_state *state)
{
	if (d->config.method != DHCPCD_NONE)
		fer_process_show(d->process, state);
}
