// SPDX-License-Identifier: GPL-2.0-or-later
#include "access.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/api/log.h"
#include "core/api/file.h"
#include "core/api/model.h"
#include "core/api/plugin.h"
#include "load.h"
#include "services/openssh/openssh.h"
#include "services/ser2net/ser2net.h"
#include "space.h"

struct access {
	char folder[240];
	struct openssh *ssh;
	struct ser2net *console;
	struct fer_plan *plan; /* that waits; NULL: none */
	const struct fer_model *at;
	void (*failed)(void *arg);
	void *arg;
};

struct access *access_new(const char *run_dir, const char *folder)
{
	struct access *a = calloc(1, sizeof(*a));

	if (!a)
		abort();
	snprintf(a->folder, sizeof(a->folder), "%s", folder);
	a->ssh = openssh_new(run_dir, folder, "oob");
	a->console = ser2net_new(run_dir, folder, "oob");
	if (!a->ssh || !a->console)
		fer_log_err("oob: no folder in %s: neither ssh nor console can be", run_dir);
	return a;
}

void access_free(struct access *a)
{
	if (!a)
		return;
	openssh_free(a->ssh);
	ser2net_free(a->console);
	free(a);
}

/* ---- ssh ---- */

/* In front of a namespace, what serves is at this end of the way into it. */
static unsigned addresses_near(const struct oob_config *config, char to[][48])
{
	bool four = false, six = false;
	unsigned count = 0;

	for (unsigned i = 0; i < config->addresses; i++) {
		four = four || !strchr(config->address[i], ':');
		six = six || strchr(config->address[i], ':');
	}
	if (four)
		snprintf(to[count++], 48, "%s", SPACE_MODULE4);
	if (six)
		snprintf(to[count++], 48, "%s", SPACE_MODULE6);
	return count;
}

static unsigned addresses_take(const struct oob_config *config, char to[][48])
{
	if (*config->space)
		return addresses_near(config, to);
	for (unsigned i = 0; i < config->addresses; i++)
		snprintf(to[i], 48, "%.*s", (int)strcspn(config->address[i], "/"),
			 config->address[i]);
	return config->addresses;
}

static void keys_path(const char *folder, const struct fer_model *at, char *path, size_t size)
{
	const char *keys = fer_model_text(at, "authorized-keys-file");

	*path = '\0';
	if (keys)
		snprintf(path, size, *keys == '/' ? "%.0s%s" : "%s/%s", folder, keys);
}

static void ssh_load(const struct access *a, const struct oob_config *config,
		     const struct fer_model *at, struct openssh_config *to)
{
	memset(to, 0, sizeof(*to));
	to->addresses = addresses_take(config, to->address);
	to->port = fer_model_number(at, "listen", 22);
	keys_path(a->folder, at, to->keys, sizeof(to->keys));
}

static void ssh_planned(void *arg, int err, const char *why)
{
	struct access *a = arg;
	struct fer_plan *plan = a->plan;

	a->plan = NULL;
	if (err) {
		fer_problem(fer_plan_problems(plan), a->at, "sshd does not take it: %s", why);
		a->failed(a->arg);
	}
	fer_plan_done(plan, err);
}

/* sshd refuses a file that others may change, or whose folders they may, at each login, and says so
 * only in its log. */
static int keys_check(const char *path, const struct fer_model *at, struct fer_problems *problems)
{
	char part[256];
	struct stat st;

	if (*path)
		fer_file_used(path);
	for (snprintf(part, sizeof(part), "%s", path); *part; *strrchr(part, '/') = '\0') {
		if (stat(part, &st)) {
			fer_problem(problems, at, "%s: %s", part, strerror(errno));
			return -ENOENT;
		}
		if (!(st.st_mode & 022) && !st.st_uid)
			continue;
		fer_problem(problems, at,
			    "others than root may write %s, and sshd wants none: chown root %s; "
			    "chmod go-w %s",
			    part, part, part);
		return -EPERM;
	}
	return 0;
}

void access_check_files(const struct oob_config *config, const char *folder,
			struct fer_problems *problems)
{
	const struct fer_model *at = fer_model_find(config->at, "ssh");
	char path[256];

	keys_path(folder, at, path, sizeof(path));
	keys_check(path, fer_model_find(at, "authorized-keys-file"), problems);
}

static int ssh_plan(struct access *a, const struct oob_config *config, const struct fer_model *at,
		    struct fer_problems *problems)
{
	struct openssh_config ssh;
	int err;

	if (!openssh_available() || !a->ssh) {
		fer_problem(problems, at, "sshd is not installed: apt-get install openssh-server");
		return -ENOENT;
	}
	ssh_load(a, config, at, &ssh);
	err = keys_check(ssh.keys, fer_model_find(at, "authorized-keys-file"), problems);
	if (err)
		return err;
	err = openssh_plan(a->ssh, &ssh, ssh_planned, a);
	if (err)
		fer_problem(problems, at, "its file cannot be written: %s", strerror(-err));
	return err ? err : FER_PLAN_PENDING;
}

/* ---- console ---- */

static int console_plan(const struct access *a, const struct oob_config *config,
			struct fer_problems *problems)
{
	const struct fer_model *at = fer_model_find(config->at, "console");

	if (!at || (a->console && ser2net_available()))
		return 0;
	fer_problem(problems, at, "ser2net is not installed: apt-get install ser2net");
	return -ENOENT;
}

static enum ser2net_flow flow_of(const char *text)
{
	return !strcmp(text, "rts-cts")	   ? SER2NET_RTSCTS
	       : !strcmp(text, "xon-xoff") ? SER2NET_XONXOFF
					   : SER2NET_FREE;
}

static void console_load(const struct oob_config *config, struct ser2net_config *to)
{
	const struct fer_model *at = fer_model_find(config->at, "console");

	to->addresses = addresses_take(config, to->address);
	for (; at && to->ports < SER2NET_PORTS; at = fer_model_next(at)) {
		struct ser2net_port *port = &to->port[to->ports++];

		snprintf(port->name, sizeof(port->name), "%s", fer_model_text(at, "name"));
		snprintf(port->device, sizeof(port->device), "%s", fer_model_text(at, "device"));
		port->speed = fer_model_number(at, "speed", 9600);
		port->port = fer_model_number(at, "port", 0);
		port->raw = !strcmp(fer_model_text(at, "protocol"), "raw");
		port->parity = *fer_model_text(at, "parity");
		port->data_bits = fer_model_number(at, "data-bits", 8);
		port->stop_bits = fer_model_number(at, "stop-bits", 1);
		port->flow = flow_of(fer_model_text(at, "flow-control"));
		port->log = fer_model_flag(at, "log");
	}
}

/* ---- both ---- */

int access_plan(struct access *a, const struct oob_config *config, struct fer_plan *plan,
		struct fer_problems *problems, void (*failed)(void *arg), void *arg)
{
	const struct fer_model *at = fer_model_find(config->at, "ssh");
	int err = console_plan(a, config, problems);

	if (err || !at)
		return err;
	a->at = at;
	a->plan = plan;
	a->failed = failed;
	a->arg = arg;
	fer_plan_doing(plan, "asks sshd for its opinion");
	err = ssh_plan(a, config, at, problems);
	if (err != FER_PLAN_PENDING)
		a->plan = NULL;
	return err;
}

void access_abort(struct access *a)
{
	a->plan = NULL;
	if (a->ssh)
		openssh_abort(a->ssh);
}

void access_commit(struct access *a, const struct oob_config *config)
{
	struct ser2net_config console = {.ports = 0};

	if (!a->ssh || !a->console)
		return;
	if (config->on && fer_model_find(config->at, "ssh"))
		openssh_commit(a->ssh);
	else
		openssh_stop(a->ssh);
	if (config->on)
		console_load(config, &console);
	ser2net_apply(a->console, &console);
}

void access_move(struct access *a)
{
	if (a->ssh)
		openssh_restart(a->ssh);
}

void access_wake(struct access *a)
{
	if (a->ssh)
		openssh_wake(a->ssh);
	if (a->console)
		ser2net_wake(a->console);
}

void access_show(const struct access *a, struct fer_state *state)
{
	if (a->ssh)
		openssh_show(a->ssh, state);
	if (a->console)
		ser2net_show(a->console, state);
}
