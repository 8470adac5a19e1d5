// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Addresses, boot and names for the site. A plan looks at the segment and has dnsmasq check what
 * it will be given; a commit writes files, and restarts only what must be.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/api/action.h"
#include "core/api/event.h"
#include "core/api/facts.h"
#include "core/api/file.h"
#include "core/api/log.h"
#include "core/api/model.h"
#include "core/api/plugin.h"
#include "core/api/state.h"
#include "access.h"
#include "grub.h"
#include "load.h"
#include "loader.h"
#include "machines.h"
#include "pool.h"
#include "probe.h"
#include "scripts.h"
#include "services/lighttpd/lighttpd.h"
#include "services/netdev/neighbour.h"
#include "state.h"
#include "track.h"
#include "upstreams.h"

enum {
	LOOK_MS = 2000,	      /* at our own address */
	PROBE_EVERY = 600000, /* ms, for other servers while we serve */
	PROBE_FIRST = 5000,
};

struct lan {
	char folder[256]; /* of boot files */
	struct dnsmasq *dnsmasq;
	struct lighttpd *lighttpd;
	struct track *track;
	struct machines *machines;
	struct grub *grub;
	struct lan_config now, staged;
	struct access *access;
	struct upstreams *upstreams;
	struct probe *probe;
	struct probe_servers foreign;
	struct fer_plan *plan;
	bool first; /* since the supervisor started: nothing that is in force is refused now */
	struct fer_event *look, *probe_timer;
	struct fer_fact_watch *watch;
};

/* ---- boots ---- */

static const char *mac_of(const struct lan *lan, const char *address, char mac[64])
{
	unsigned count;
	struct dnsmasq_lease *leases = dnsmasq_leases(lan->dnsmasq, &count);

	mac[0] = '\0';
	for (unsigned i = 0; i < count; i++)
		if (!strcmp(leases[i].address, address))
			memcpy(mac, leases[i].mac, 64);
	free(leases);
	/* it has its address from somebody else, or an identifier that names no MAC address */
	if (strlen(mac) != 17)
		neighbour_mac(address, mac);
	return mac;
}

static uint64_t size_of(const struct lan *lan, const char *file)
{
	char path[512];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", lan->folder, file);
	return stat(path, &st) ? 0 : (uint64_t)st.st_size;
}

/* What shim and GRUB look for and go on without. */
static bool is_optional(const char *file)
{
	const char *name = strrchr(file, '/') ? strrchr(file, '/') + 1 : file;
	size_t length = strlen(name);

	return !strncmp(name, "revocations_", 12) || !strncmp(name, "shim_certificate_", 17) ||
	       (length > 4 && !strcmp(name + length - 4, ".lst"));
}

static void fetched(struct lan *lan, const struct track_event *event)
{
	if (event->problem && is_optional(event->file))
		return;
	machines_add(lan->machines, &lan->now, event);
	if (event->problem)
		fer_log_warn("lan: %s asked for %s by %s: %s", event->address, event->file,
			     event->by, event->problem);
	if (track_add(lan->track, &lan->now, event))
		scripts_write(&lan->now, lan->folder, lan->track);
}

static void tftp(void *arg, const char *file, const char *address, const char *problem)
{
	struct lan *lan = arg;
	size_t length = strlen(lan->folder);
	char mac[64];
	struct track_event event = {.by = "tftp", .address = address, .problem = problem};

	event.file = strncmp(file, lan->folder, length) ? file : file + length + 1;
	event.size = size_of(lan, event.file);
	event.bytes = problem ? 0 : event.size;
	event.whole = !problem;
	event.mac = mac_of(lan, address, mac);
	event.is_mac = *event.mac;
	if (lan->now.boot)
		fetched(lan, &event);
}

/* "mac=02-00-00-00-00-01" */
static void mac_parse(const char *query, char mac[64])
{
	const char *at = strstr(query, "mac=");

	mac[0] = '\0';
	if (!at)
		return;
	snprintf(mac, 64, "%.17s", at + 4);
	for (char *c = mac; *c; c++)
		if (*c == '-')
			*c = ':';
}

static void served(void *arg, const char *address, const char *method, const char *path,
		   const char *query, unsigned status, uint64_t bytes)
{
	struct track_event event = {.by = "http", .address = address, .bytes = bytes};
	struct lan *lan = arg;
	char mac[64];

	if (strcmp(method, "GET") || !lan->now.boot)
		return;
	/* that a host has no script of its own is no fault */
	if (status == 404 && !strncmp(path, "/mac/", 5))
		return;
	event.mac = mac_of(lan, address, mac);
	event.is_mac = *mac;
	if (!event.is_mac)
		mac_parse(query, mac);
	event.file = *path == '/' ? path + 1 : path;
	event.size = size_of(lan, event.file);
	if (status == 404)
		event.problem = "there is no such file";
	else if (status != 200 && status != 206)
		event.problem = "refused";
	else if (status == 200 && bytes < event.size)
		event.problem = "broken off";
	event.whole = status == 200 && bytes >= event.size;
	fetched(lan, &event);
}

/* "... PXEClient:Arch:00022:UNDI:..." with the tag that none of our files is for */
static void line(void *arg, const char *text)
{
	struct lan *lan = arg;
	const char *at = strstr(text, "tags: ");

	if (lan->now.boot && at && strstr(at, "stranger"))
		fer_log_warn("lan: a client's architecture has no boot file; its DHCP exchange "
			     "stands in 'ferrule log lan'");
}

static void upstreams_changed(void *arg)
{
	struct lan *lan = arg;

	dnsmasq_without(lan->dnsmasq, upstreams_bad(lan->upstreams));
}

/* ---- other servers ---- */

static void looked_around(void *arg, const struct probe_servers *servers)
{
	struct lan *lan = arg;

	lan->probe = NULL;
	for (unsigned i = lan->foreign.count; i < servers->count; i++)
		fer_log(lan->now.mode == DNSMASQ_PROXY ? LOG_INFO : LOG_WARNING,
			"lan: another DHCP server, %s, answers on %s", servers->address[i],
			lan->now.interface);
	lan->foreign = *servers;
	fer_timer_start(lan->probe_timer, PROBE_EVERY);
}

static void look_around(void *arg)
{
	struct lan *lan = arg;

	if (!lan->now.on || lan->probe || lan->plan)
		return;
	lan->probe = probe_start(lan->now.interface, lan->now.dnsmasq.address, looked_around, lan);
	if (!lan->probe)
		fer_timer_start(lan->probe_timer, PROBE_EVERY);
}

/* ---- plan ---- */

static void checked(void *arg, int code, const char *output)
{
	struct lan *lan = arg;
	struct fer_plan *plan = lan->plan;

	if (code) {
		output += strspn(output, "\n");
		fer_problem(fer_plan_problems(plan), NULL, "lan: dnsmasq does not take it: %.*s",
			    *output ? (int)strcspn(output, "\n") : INT_MAX,
			    *output ? output : strerror(code < 0 ? -code : EINVAL));
	}
	lan->plan = NULL;
	fer_plan_done(plan, code ? -EINVAL : 0);
}

static int check_begin(struct lan *lan)
{
	/* the texts move; what else the configuration says stays here */
	struct dnsmasq_config given = lan->staged.dnsmasq;
	struct dnsmasq_config *d = &lan->staged.dnsmasq;

	dnsmasq_config_moved(d);
	return dnsmasq_check(lan->dnsmasq, &given, checked, lan);
}

static void plan_looked(void *arg, const struct probe_servers *servers)
{
	struct lan *lan = arg;
	struct fer_plan *plan = lan->plan;
	int err = 0;

	lan->probe = NULL;
	lan->foreign = *servers;
	if (servers->count && !lan->staged.force) {
		fer_problem(fer_plan_problems(plan), fer_model_find(lan->staged.at, "dhcp/mode"),
			    "another DHCP server, %s, answers on %s; mode proxy goes beside it, or "
			    "say force: true",
			    servers->address[0], lan->staged.interface);
		dnsmasq_config_clear(&lan->staged.dnsmasq);
		err = -EEXIST;
	} else {
		err = check_begin(lan);
	}
	if (!err)
		return;
	lan->plan = NULL;
	fer_plan_done(plan, err);
}

static int missing(struct fer_problems *problems, const struct fer_model *at, const char *what,
		   const char *package)
{
	fer_problem(problems, at, "%s is not installed: apt-get install %s", what, package);
	return -ENOENT;
}

/* Those for x86 are needed; the others where somebody has such machines. */
static int loaders_here(const struct lan_config *to, struct fer_problems *problems)
{
	const struct loader *loader = loader_find(DNSMASQ_X64, to->secure_boot);

	if (access("/usr/lib/ipxe/undionly.kpxe", R_OK))
		return missing(problems, to->boot, "iPXE", "ipxe");
	if (access(loader->path, R_OK))
		return missing(problems, to->boot, loader->name, loader->package);
	return 0;
}

static int daemons_here(const struct lan_config *to, struct fer_problems *problems)
{
	if (!dnsmasq_available())
		return missing(problems, to->at, "dnsmasq", "dnsmasq-base");
	if (!to->boot)
		return 0;
	if (!lighttpd_available())
		return missing(problems, to->boot, "lighttpd", "lighttpd");
	return loaders_here(to, problems);
}

static int lan_plan(void *instance, struct fer_plan *plan, const struct fer_config *from,
		    const struct fer_config *to, struct fer_problems *problems)
{
	struct lan *lan = instance;
	bool serves = lan->now.on && lan->now.dnsmasq.dhcp == DNSMASQ_SERVER;
	int err = lan_load(to, &lan->staged, true, lan->folder, problems);

	(void)from;
	if (err || !lan->staged.on)
		return err;
	err = daemons_here(&lan->staged, problems);
	if (!err) {
		probe_cancel(lan->probe);
		lan->probe = NULL;
		lan->plan = plan;
		if (lan->staged.dnsmasq.dhcp == DNSMASQ_SERVER && !serves && !lan->first)
			lan->probe = probe_start(lan->staged.interface, lan->staged.dnsmasq.address,
						 plan_looked, lan);
		if (lan->probe)
			fer_plan_doing(plan,
				       "looks for other DHCP servers, which takes four seconds");
		err = lan->probe ? 0 : check_begin(lan);
	}
	if (!err)
		return FER_PLAN_PENDING;
	lan->plan = NULL;
	dnsmasq_config_clear(&lan->staged.dnsmasq);
	return err;
}

static void lan_abort(void *instance)
{
	struct lan *lan = instance;

	probe_cancel(lan->probe);
	lan->probe = NULL;
	lan->plan = NULL;
	dnsmasq_check_cancel(lan->dnsmasq);
	dnsmasq_config_clear(&lan->staged.dnsmasq);
}

/* ---- commit ---- */

static void put_into_force(struct lan *lan)
{
	const struct lighttpd_config http = {
		.interface = lan->now.interface,
		.port = lan->now.dnsmasq.http_port,
		.root = lan->folder,
	};

	access_apply(lan->access, &lan->now);
	upstreams_set(lan->upstreams,
		      lan->now.dnsmasq.dns ? fer_model_find(lan->now.at, "dns/upstream") : NULL,
		      lan->now.dnsmasq.dnssec);
	if (!lan->now.on) {
		dnsmasq_stop(lan->dnsmasq);
		lighttpd_stop(lan->lighttpd);
		return;
	}
	track_forget(lan->track, &lan->now);
	if (lan->now.boot) {
		scripts_write(&lan->now, lan->folder, lan->track);
		grub_make(lan->grub, lan->now.dnsmasq.address, lan->now.dnsmasq.http_port);
		lighttpd_apply(lan->lighttpd, &http);
	} else {
		lighttpd_stop(lan->lighttpd);
	}
	dnsmasq_commit(lan->dnsmasq);
}

static void lan_commit(void *instance)
{
	struct lan *lan = instance;

	lan->now = lan->staged;
	memset(&lan->staged, 0, sizeof(lan->staged));
	lan->first = false;
	put_into_force(lan);
	fer_timer_start(lan->look, LOOK_MS);
	fer_timer_start(lan->probe_timer, PROBE_FIRST);
}

/* The interface has got another address, as by DHCP: what names it is written anew. */
static void refreshed(void *arg, int code, const char *output)
{
	struct lan *lan = arg;

	if (code) {
		fer_log_err("lan: with the new address dnsmasq does not take it: %s", output);
		return;
	}
	lan->now = lan->staged;
	memset(&lan->staged, 0, sizeof(lan->staged));
	fer_log_notice("lan: %s has address %s now", lan->now.interface,
		       *lan->now.dnsmasq.address ? lan->now.dnsmasq.address : "none");
	put_into_force(lan);
}

/* Its files name the module's own address. */
static bool needs_address(const struct lan_config *config)
{
	return config->boot || config->mode == DNSMASQ_PROXY || config->mode == DNSMASQ_RELAY;
}

static void look_at_address(void *arg)
{
	struct lan *lan = arg;
	struct dnsmasq_config given;
	struct own own;

	fer_timer_start(lan->look, LOOK_MS);
	/* before the first commit nobody knows who may ask: what is in force stays */
	if (!lan->first)
		access_apply(lan->access, &lan->now);
	if (!lan->now.on || lan->plan || !needs_address(&lan->now))
		return;
	own_find(lan->now.config, lan->now.interface, &own);
	if (own_equal(&own, &lan->now.own))
		return;
	if (lan_load(lan->now.config, &lan->staged, true, lan->folder, NULL))
		return;
	given = lan->staged.dnsmasq;
	dnsmasq_config_moved(&lan->staged.dnsmasq);
	dnsmasq_check(lan->dnsmasq, &given, refreshed, lan);
}

/* ---- the rest of the role ---- */

/* Without the role `ntp` somebody else keeps the clock, and is believed. */
static void clock_changed(void *arg, const char *value)
{
	struct lan *lan = arg;

	dnsmasq_time_known(lan->dnsmasq, !value || strcmp(value, "unknown"));
}

static int lan_start(const struct fer_plugin_paths *paths, void **instance)
{
	struct lan *lan = calloc(1, sizeof(*lan));
	const struct dnsmasq_events dns = {tftp, line, lan};
	const struct lighttpd_events http = {served, lan};

	if (!lan)
		return -ENOMEM;
	lan->first = true;
	snprintf(lan->folder, sizeof(lan->folder), "%.200s/boot", paths->run_dir);
	lan->dnsmasq = dnsmasq_new(paths->run_dir, paths->state_dir, &dns);
	lan->lighttpd = lighttpd_new(paths->run_dir, &http);
	if (!lan->dnsmasq || !lan->lighttpd) {
		dnsmasq_free(lan->dnsmasq);
		lighttpd_free(lan->lighttpd);
		free(lan);
		return -EIO;
	}
	lan->track = track_new(paths->state_dir);
	lan->access = access_new(paths->run_dir);
	lan->upstreams = upstreams_new(upstreams_changed, lan);
	lan->machines = machines_new();
	lan->grub = grub_new(lan->folder);
	lan->look = fer_timer_new(look_at_address, lan);
	fer_timer_start(lan->look, LOOK_MS);
	lan->probe_timer = fer_timer_new(look_around, lan);
	lan->watch = fer_fact_watch("clock", clock_changed, lan);
	clock_changed(lan, fer_fact("clock"));
	*instance = lan;
	return 0;
}

static void lan_stop(void *instance)
{
	struct lan *lan = instance;

	fer_fact_unwatch(lan->watch);
	probe_cancel(lan->probe);
	fer_event_free(lan->look);
	fer_event_free(lan->probe_timer);
	access_free(lan->access);
	upstreams_free(lan->upstreams);
	dnsmasq_free(lan->dnsmasq);
	lighttpd_free(lan->lighttpd);
	track_free(lan->track);
	machines_free(lan->machines);
	grub_free(lan->grub);
	free(lan);
}

static int lan_validate(const struct fer_config *config, struct fer_problems *problems)
{
	struct lan_config ignored;

	return lan_load(config, &ignored, false, "", problems);
}

static void lan_files(const char *state_dir, const struct fer_config *config,
		      struct fer_problems *problems)
{
	struct lan_config to;

	(void)state_dir;
	if (!lan_load(config, &to, true, "", problems))
		dnsmasq_config_clear(&to.dnsmasq);
}

static void lan_show(void *instance, struct fer_state *state)
{
	struct lan *lan = instance;

	if (!lan->now.on)
		return;
	for (unsigned i = 0; i < lan->foreign.count; i++)
		fer_state_text(state, lan->foreign.address[i], "ferrule-lan:lan/foreign-server");
	if (lan->now.waits)
		fer_state_text(state, lan->now.interface, "ferrule-lan:lan/waits-for-address-on");
	lan_state(lan->dnsmasq, state);
	pool_show(&lan->now, lan->dnsmasq, state);
	access_show(lan->access, state);
	upstreams_show(lan->upstreams, state);
	if (lan->now.waits)
		fer_state_trouble(state, "lan", "dhcp", true, "it waits for an IPv4 address on %s",
				  lan->now.interface);
	for (unsigned i = 0; i < lan->foreign.count && lan->now.mode == DNSMASQ_SERVER; i++)
		fer_state_trouble(state, "lan", "other dhcp server", false, "%s answers on %s, too",
				  lan->foreign.address[i], lan->now.interface);
	machines_state(lan->machines, state);
	track_state(lan->track, state);
	dnsmasq_show(lan->dnsmasq, state);
	if (lan->now.boot)
		lighttpd_show(lan->lighttpd, state);
}

/* The interface's own address stands under host-link. */
static const char *const owns[] = {"lan", "host-link", NULL};

static const struct fer_verb verbs[] = {
	FER_VERB_RELOAD,
	{0},
};

extern const struct fer_plugin fer_plugin;

const struct fer_plugin fer_plugin = {
	.api = FER_PLUGIN_API,
	.name = "lan",
	.version = "1",
	.owns = owns,
	.start = lan_start,
	.stop = lan_stop,
	.validate = lan_validate,
	.files = lan_files,
	.plan = lan_plan,
	.commit = lan_commit,
	.abort = lan_abort,
	.state = lan_show,
	.verbs = verbs,
};
