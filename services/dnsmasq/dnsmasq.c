// SPDX-License-Identifier: GPL-2.0-or-later
#include "dnsmasq.h"

#include <errno.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/api/file.h"
#include "core/api/log.h"
#include "core/api/service.h"
#include "core/api/task.h"
#include "internal.h"

#define DNSMASQ "/usr/sbin/dnsmasq"

enum {
	CHECK_MS = 10000,
	MEMORY = 96 << 20,
	EXIT_CONFIGURATION = 1, /* dnsmasq(8), EXIT CODES */
	EXIT_NETWORK = 2,
	EXIT_FILE = 3,
};

struct dnsmasq {
	struct dnsmasq_paths paths;
	char run_dir[200];
	struct dnsmasq_config now, staged;
	char *text, *staged_text; /* of the main file */
	struct dnsmasq_events events;
	struct fer_process *process;
	struct fer_task *check;
	void (*checked)(void *arg, int code, const char *output);
	void *checked_arg;
	struct keeper *keeper;
	struct counting *counting;
	struct dnsmasq_counters counters;
	const char *const *without; /* upstream servers that are not asked now, or NULL */
	bool reread;		    /* files have changed since it began to start */
	bool time_known;
	bool time_checked; /* by the process that runs */
	char last_line[200];
};

bool dnsmasq_available(void)
{
	return !access(DNSMASQ, X_OK);
}

void dnsmasq_config_clear(struct dnsmasq_config *config)
{
	free(config->hosts);
	free(config->options);
	free(config->records);
	free(config->servers);
	free(config->private_domains);
	free(config->anchors);
	free(config->aliases);
	free(config->ranges);
	memset(config, 0, sizeof(*config));
}

void dnsmasq_config_moved(struct dnsmasq_config *config)
{
	config->hosts = config->options = config->records = config->servers = NULL;
	config->private_domains = config->anchors = config->aliases = config->ranges = NULL;
}

/* ---- health ---- */

static void heard(void *arg)
{
	struct dnsmasq *d = arg;

	if (d->reread)
		fer_process_signal(d->process, SIGHUP);
	d->reread = false;
	fer_process_probed(d->process, true, NULL);
}

/* Without DNS there is nothing to ask; that it is stopped can be seen from outside. */
static bool is_stopped(pid_t pid)
{
	char path[64], *text, *at;
	bool stopped = true;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	if (fer_file_read(path, 4096, &text, NULL))
		return true;
	at = strrchr(text, ')');
	if (at && at[1])
		stopped = strchr("TtDZX", at[2]);
	free(text);
	return stopped;
}

static void probe(void *arg)
{
	struct dnsmasq *d = arg;
	int err;

	if (!d->now.dns) {
		fer_process_probed(d->process, !is_stopped(fer_process_pid(d->process)),
				   "it is stopped");
		return;
	}
	err = counting_ask(d->counting);
	if (err)
		fer_process_probed(d->process, false, strerror(-err));
}

/* ---- what it says ---- */

/* "sent FILE to ADDRESS", "failed sending FILE to ADDRESS", "file FILE not found for ADDRESS" */
static void line_tftp(struct dnsmasq *d, const char *text)
{
	char file[256], address[64];

	if (sscanf(text, "sent %255s to %63s", file, address) == 2)
		d->events.tftp(d->events.arg, file, address, NULL);
	else if (sscanf(text, "failed sending %255s to %63s", file, address) == 2)
		d->events.tftp(d->events.arg, file, address, "broken off");
	else if (sscanf(text, "file %255s not found for %63s", file, address) == 2)
		d->events.tftp(d->events.arg, file, address, "there is no such file");
}

static void line_came(void *arg, const char *line)
{
	struct dnsmasq *d = arg;
	const char *at = strstr(line, "dnsmasq-tftp");

	if (at && (at = strstr(at, ": ")))
		line_tftp(d, at + 2);
	else
		snprintf(d->last_line, sizeof(d->last_line), "%s", line);
	d->events.line(d->events.arg, line);
}

static enum fer_exit ended(void *arg, int status, char *why, unsigned size)
{
	struct dnsmasq *d = arg;
	const char *said = strstr(d->last_line, ": ") ? strstr(d->last_line, ": ") + 2 : "";

	d->counters.fresh = false;
	if (!WIFEXITED(status))
		return FER_EXIT_AGAIN;
	switch (WEXITSTATUS(status)) {
	case EXIT_CONFIGURATION:
		snprintf(why, size, "does not take its configuration: %s", said);
		return FER_EXIT_FAILED;
	case EXIT_NETWORK:
		snprintf(why, size, "the network is not there: %s", said);
		return FER_EXIT_SOON;
	case EXIT_FILE:
		snprintf(why, size, "a file: %s", said);
		return FER_EXIT_AGAIN;
	default:
		return FER_EXIT_AGAIN;
	}
}

/* ---- the process ---- */

static void starting(void *arg)
{
	struct dnsmasq *d = arg;

	keeper_mend(d->keeper);
	d->reread = false;
}

static char *text_make(const struct dnsmasq *d, const struct dnsmasq_config *config,
		       bool time_check)
{
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	if (!file)
		abort();
	dnsmasq_render(config, &d->paths, time_check, file);
	fclose(file);
	return text;
}

static void process_spec(struct dnsmasq *d, struct fer_process_spec *spec, char **argv)
{
	argv[0] = (char *)DNSMASQ;
	argv[1] = (char *)"-k";
	argv[2] = (char *)"-C";
	argv[3] = d->paths.conf;
	argv[4] = NULL;
	*spec = (struct fer_process_spec){
		.name = "dnsmasq",
		.role = "lan",
		.run_dir = d->run_dir,
		.argv = argv,
		.user = DNSMASQ_USER,
		/* NET_ADMIN: a client that has no address yet is put into the ARP table */
		.capabilities =
			1ULL << CAP_NET_ADMIN | 1ULL << CAP_NET_RAW | 1ULL << CAP_NET_BIND_SERVICE,
		.memory_max = MEMORY,
		.cpu_max = 80,
		.ready = FER_READY_PROBE,
		.version = d->text,
		.probe = probe,
		.starting = starting,
		.exited = ended,
		.line = line_came,
		.arg = d,
	};
}

static int folders_make(struct dnsmasq *d, const char *run_dir, const char *state_dir)
{
	struct dnsmasq_paths *p = &d->paths;
	char kept[240];
	int err;

	snprintf(d->run_dir, sizeof(d->run_dir), "%s", run_dir);
	snprintf(p->folder, sizeof(p->folder), "%.190s/dnsmasq", run_dir);
	snprintf(p->conf, sizeof(p->conf), "%s/dnsmasq.conf", p->folder);
	snprintf(p->hosts_dir, sizeof(p->hosts_dir), "%s/hosts", p->folder);
	snprintf(p->options_dir, sizeof(p->options_dir), "%s/options", p->folder);
	snprintf(p->records_dir, sizeof(p->records_dir), "%s/records", p->folder);
	snprintf(p->servers, sizeof(p->servers), "%s/servers", p->folder);
	snprintf(p->leases, sizeof(p->leases), "%s/leases", p->folder);
	snprintf(kept, sizeof(kept), "%.190s/dnsmasq", state_dir);
	snprintf(p->kept, sizeof(p->kept), "%s/leases", kept);
	err = fer_folder_make(p->folder, 0755, DNSMASQ_USER);
	if (!err)
		err = fer_folder_make(p->hosts_dir, 0755, DNSMASQ_USER);
	if (!err)
		err = fer_folder_make(p->options_dir, 0755, DNSMASQ_USER);
	if (!err)
		err = fer_folder_make(p->records_dir, 0755, DNSMASQ_USER);
	return err ? err : fer_folder_make(kept, 0755, NULL);
}

struct dnsmasq *dnsmasq_new(const char *run_dir, const char *state_dir,
			    const struct dnsmasq_events *events)
{
	struct dnsmasq *d = calloc(1, sizeof(*d));
	struct fer_process_spec spec;
	char *argv[8];

	if (!d)
		abort();
	d->events = *events;
	if (folders_make(d, run_dir, state_dir)) {
		free(d);
		return NULL;
	}
	process_spec(d, &spec, argv);
	d->process = fer_process_new(&spec);
	d->keeper = keeper_new(&d->paths);
	d->counting = counting_new(&d->counters, heard, d);
	return d;
}

void dnsmasq_free(struct dnsmasq *d)
{
	if (!d)
		return;
	dnsmasq_check_cancel(d);
	fer_process_free(d->process);
	keeper_free(d->keeper);
	counting_free(d->counting);
	dnsmasq_config_clear(&d->now);
	dnsmasq_config_clear(&d->staged);
	free(d->text);
	free(d->staged_text);
	free(d);
}

/* ---- a new configuration ---- */

static void checked(void *arg, int code, const char *output)
{
	struct dnsmasq *d = arg;

	d->check = NULL;
	d->checked(d->checked_arg, code, output);
}

int dnsmasq_check(struct dnsmasq *d, struct dnsmasq_config *config,
		  void (*done)(void *arg, int code, const char *output), void *arg)
{
	char staged[272], option[300];
	char *argv[] = {(char *)DNSMASQ, (char *)"--test", option, NULL};
	const struct fer_task_spec task = {
		.name = "dnsmasq --test",
		.argv = argv,
		.user = DNSMASQ_USER,
		.deadline = CHECK_MS,
		.done = checked,
		.arg = d,
	};
	int err;

	dnsmasq_check_cancel(d); /* one that nobody waits for any more */
	dnsmasq_config_clear(&d->staged);
	d->staged = *config;
	memset(config, 0, sizeof(*config));
	free(d->staged_text);
	d->staged_text = text_make(d, &d->staged, true);
	d->checked = done;
	d->checked_arg = arg;
	snprintf(staged, sizeof(staged), "%s.staged", d->paths.conf);
	snprintf(option, sizeof(option), "--conf-file=%s", staged);
	err = fer_file_write(staged, d->staged_text, strlen(d->staged_text), 0644, DNSMASQ_USER);
	if (err)
		return err;
	d->check = fer_task_start(&task);
	return d->check ? 0 : -ENOEXEC;
}

void dnsmasq_check_cancel(struct dnsmasq *d)
{
	fer_task_cancel(d->check);
	d->check = NULL;
}

/* True where the file is another one now. */
static bool file_put(const char *path, const char *text)
{
	char *old = NULL;
	bool same = !fer_file_read(path, 64 << 20, &old, NULL) && !strcmp(old, text);
	int err;

	free(old);
	if (same)
		return false;
	err = fer_file_write(path, text, strlen(text), 0644, DNSMASQ_USER);
	if (err)
		fer_log_err("dnsmasq: %s: %s", path, strerror(-err));
	return !err;
}

static bool file_put_in(const char *folder, const char *text)
{
	char path[280];

	snprintf(path, sizeof(path), "%s/ferrule", folder);
	return file_put(path, text);
}

/* A signal that comes before it is there would end it. */
static void read_again(struct dnsmasq *d)
{
	if (fer_process_state(d->process) == FER_PROCESS_READY)
		fer_process_signal(d->process, SIGHUP);
	else
		d->reread = true;
}

static bool is_without(const struct dnsmasq *d, const char *line, size_t length)
{
	for (const char *const *u = d->without; u && *u; u++)
		if (length == 7 + strlen(*u) && !strncmp(line, "server=", 7) &&
		    !strncmp(line + 7, *u, length - 7))
			return true;
	return false;
}

/* The servers but for those that are not to be asked; new text. */
static char *servers_asked(const struct dnsmasq *d)
{
	char *text = calloc(1, strlen(d->now.servers) + 1), *to = text;
	const char *line = d->now.servers;

	if (!text)
		abort();
	while (*line) {
		size_t length = strcspn(line, "\n");

		if (!is_without(d, line, length))
			to = mempcpy(to, line, length + (line[length] == '\n'));
		line += length + (line[length] == '\n');
	}
	return text;
}

static bool servers_put(const struct dnsmasq *d)
{
	char *text = servers_asked(d);
	bool changed = file_put(d->paths.servers, text);

	free(text);
	return changed;
}

void dnsmasq_without(struct dnsmasq *d, const char *const *upstream)
{
	d->without = upstream;
	if (d->now.servers && servers_put(d))
		read_again(d);
}

/* What it reads again by itself or on a signal. */
static void files_put(struct dnsmasq *d)
{
	bool changed = file_put_in(d->paths.hosts_dir, d->now.hosts);

	changed = file_put_in(d->paths.options_dir, d->now.options) || changed;
	changed = file_put_in(d->paths.records_dir, d->now.records) || changed;
	changed = servers_put(d) || changed;
	/* new lines it has noticed by then; that some are gone it learns by this */
	if (changed)
		read_again(d);
}

static void process_run(struct dnsmasq *d)
{
	struct fer_process_spec spec;
	char *argv[8];

	process_spec(d, &spec, argv);
	fer_process_apply(d->process, &spec);
}

void dnsmasq_commit(struct dnsmasq *d)
{
	dnsmasq_config_clear(&d->now);
	d->now = d->staged;
	memset(&d->staged, 0, sizeof(d->staged));
	/* the text is the process's identity: the state of the clock is not in it */
	free(d->text);
	d->text = d->staged_text;
	d->staged_text = NULL;
	files_put(d);
	keeper_restore(d->keeper);
	d->time_checked = d->time_known;
	if (d->now.dnssec && !d->time_known) {
		char *careful = text_make(d, &d->now, false);

		file_put(d->paths.conf, careful);
		free(careful);
	} else {
		file_put(d->paths.conf, d->text);
	}
	process_run(d);
	keeper_watch(d->keeper, true);
}

void dnsmasq_stop(struct dnsmasq *d)
{
	fer_process_stop(d->process);
	keeper_watch(d->keeper, false);
	memset(&d->counters, 0, sizeof(d->counters));
	dnsmasq_config_clear(&d->now);
	free(d->text);
	d->text = NULL;
}

/*
 * SIGINT is what dnsmasq takes as "the time is right now". Its file is put right for the next
 * start, too.
 */
void dnsmasq_time_known(struct dnsmasq *d, bool known)
{
	d->time_known = known;
	if (!known || d->time_checked || !d->text)
		return;
	d->time_checked = true;
	file_put(d->paths.conf, d->text);
	if (d->now.dnssec && fer_process_pid(d->process)) {
		fer_process_signal(d->process, SIGINT);
		fer_log_notice("dnsmasq: the clock is right: dates of signatures count");
	}
}

bool dnsmasq_time_checked(const struct dnsmasq *d)
{
	return d->time_checked;
}

/* ---- state ---- */

/* The MAC address in a DUID of kind LLT or LL (RFC 8415 section 11), as text of octets. */
static void duid_mac(const char *duid, char mac[64])
{
	size_t length = strlen(duid);

	if (length == 41 && !strncmp(duid, "00:01:00:01:", 12))
		memcpy(mac, duid + 24, 18);
	else if (length == 29 && !strncmp(duid, "00:03:00:01:", 12))
		memcpy(mac, duid + 12, 18);
}

/* "1732300000 02:00:00:00:00:01 192.0.2.11 sw1 *", and after the line "duid ..." those of IPv6 */
struct dnsmasq_lease *dnsmasq_leases(const struct dnsmasq *d, unsigned *count)
{
	struct dnsmasq_lease *leases = NULL, lease;
	char *text = keeper_text(d->keeper), *save = NULL;
	unsigned room = 0;

	*count = 0;
	if (!text)
		return NULL;
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		unsigned long long expires;
		char id[400] = "";

		if (sscanf(line, "%llu %63s %63s %63s %399s", &expires, lease.mac, lease.address,
			   lease.name, id) < 4)
			continue;
		lease.expires = expires;
		if (strchr(lease.address, ':'))
			duid_mac(id, lease.mac);
		if (!strcmp(lease.name, "*"))
			lease.name[0] = '\0';
		if (*count == room) {
			room = room ? 2 * room : 64;
			leases = realloc(leases, room * sizeof(*leases));
			if (!leases)
				abort();
		}
		leases[(*count)++] = lease;
	}
	free(text);
	return leases;
}

const struct dnsmasq_counters *dnsmasq_counters(const struct dnsmasq *d)
{
	return &d->counters;
}

void dnsmasq_show(const struct dnsmasq *d, struct fer_state *state)
{
	fer_process_show(d->process, state);
}
