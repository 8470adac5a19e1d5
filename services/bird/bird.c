// SPDX-License-Identifier: GPL-2.0-or-later
#include "bird.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/api/file.h"
#include "core/api/log.h"
#include "core/api/service.h"
#include "core/api/task.h"

#define BIRD	  "/usr/sbin/bird"
#define BIRD_USER "bird" /* of Debian's package */

enum {
	CHECK_MS = 60000,	/* a large configuration on a small machine */
	CONFIGURE_MS = 120000,	/* the same, in the daemon */
	PATIENCE_MS = 150000,	/* longer than it may take to read its configuration */
	POLL_EVERY = 3,		/* probes */
	CONFIG_MAX = 256 << 20, /* octets of its file */
	VERSION_MS = 10000,
	AT_ONCE = 4,	    /* questions: it has one thread for them and for BGP */
	SCANS = 8,	    /* those that nobody reads cost nothing */
	MEMORY = 384 << 20, /* until somebody says otherwise */
};

struct bird {
	char run_dir[200];
	char role[32];
	char folder[224];
	char config[256];
	struct bird_events events;
	struct fer_process *process;
	struct bird_asker *asker, *scanner;
	struct bird_query *poll, *probe;
	unsigned probes;
	struct bird_protocols protocols;
	struct fer_task *check;
	struct bird_render render;
	unsigned version;
	int64_t program; /* when the program with that version was put there */
	bool refused;	 /* the running one does not take its configuration */
	uint64_t memory;
	struct bird_status status;
};

bool bird_available(void)
{
	return !access(BIRD, X_OK);
}

static void path_of(const struct bird *bird, const char *name, char path[256])
{
	snprintf(path, 256, "%.223s/%.30s", bird->folder, name);
}

/* ---- asking ---- */

static bool polled_line(void *arg, const struct bird_line *line)
{
	struct bird *bird = arg;

	bird_protocols_line(&bird->protocols, line);
	return true;
}

static void polled(void *arg, int err, const char *message)
{
	struct bird *bird = arg;

	(void)message;
	bird->poll = NULL;
	if (err)
		return;
	bird_protocols_end(&bird->protocols);
	bird->events.protocol(bird->events.arg, NULL);
}

static void found(void *arg, const struct bird_protocol *protocol)
{
	struct bird *bird = arg;

	bird->events.protocol(bird->events.arg, protocol);
}

void bird_poll(struct bird *bird)
{
	const struct bird_question question = {
		.command = "show protocols all",
		.deadline = PATIENCE_MS,
		.octets_max = 16 << 20,
		.line = polled_line,
		.done = polled,
		.arg = bird,
	};

	if (bird->poll)
		return;
	bird->protocols = (struct bird_protocols){.found = found, .arg = bird};
	bird->poll = bird_ask(bird->asker, &question);
}

static void behind(const char *text, const char *prefix, char *to, size_t size)
{
	size_t length = strlen(prefix);

	if (!strncmp(text, prefix, length))
		snprintf(to, size, "%.*s", (int)size - 1, text + length);
}

/* "BIRD 2.0.12", "Last reboot on 2026-11-25 16:00:00.123" */
static bool status_line(void *arg, const struct bird_line *line)
{
	struct bird *bird = arg;
	struct bird_status *s = &bird->status;

	if (line->code == BIRD_VERSION)
		behind(line->text, "BIRD ", s->version, sizeof(s->version));
	if (line->code == BIRD_STATUS)
		behind(line->text, "", s->message, sizeof(s->message));
	if (line->code != BIRD_UPTIME)
		return true;
	behind(line->text, "Current server time is ", s->server_time, 20);
	behind(line->text, "Last reboot on ", s->started, 20);
	behind(line->text, "Last reconfiguration on ", s->configured, 20);
	return true;
}

static void probed(void *arg, int err, const char *message)
{
	struct bird *bird = arg;

	bird->probe = NULL;
	fer_process_probed(bird->process, !err, message);
	if (!err && bird->probes++ % POLL_EVERY == 0)
		bird_poll(bird);
}

/* A small question: one that has a thousand sessions answers a large one at length. */
static void probe(void *arg)
{
	struct bird *bird = arg;
	const struct bird_question question = {
		.command = "show status",
		.deadline = PATIENCE_MS,
		.line = status_line,
		.done = probed,
		.arg = bird,
	};

	if (!bird->probe)
		bird->probe = bird_ask(bird->asker, &question);
}

/* The file is not what the daemon has: it was written, and is not read yet. */
static bool is_unread(const struct bird *bird)
{
	char path[256];

	path_of(bird, "unread", path);
	return !access(path, F_OK);
}

static void mark_unread(const struct bird *bird, bool unread)
{
	char path[256];

	path_of(bird, "unread", path);
	if (!unread)
		unlink(path);
	else if (fer_file_write(path, "", 0, 0644, NULL))
		fer_log_warn("bird: %s cannot be written", path);
}

static void configured(void *arg, int err, const char *message)
{
	struct bird *bird = arg;

	bird->refused = err;
	if (err)
		fer_log_err("bird: the configuration is not taken: %s", message);
	else
		mark_unread(bird, false);
}

static void configure(struct bird *bird)
{
	const struct bird_question question = {
		.command = "configure",
		.may_change = true,
		.deadline = CONFIGURE_MS,
		.done = configured,
		.arg = bird,
	};

	bird_ask(bird->asker, &question);
}

static void serving(void *arg)
{
	struct bird *bird = arg;

	/* not otherwise: it would bring back what is down by a command */
	if (is_unread(bird))
		configure(bird);
}

/* ---- the process ---- */

static void mark_of(const struct bird *bird, char path[256])
{
	path_of(bird, "ran", path);
}

/* After one that did not take leave: neighbours that know RFC 4724 have kept what it told them. */
static const char *extra(void *arg)
{
	const struct bird *bird = arg;
	bool again;
	char path[256];

	bird->events.starting(bird->events.arg);
	mark_unread(bird, false);
	mark_of(bird, path);
	again = !access(path, F_OK);
	if (!again && fer_file_write(path, "", 0, 0644, NULL))
		fer_log_warn("bird: %s cannot be written", path);
	return again ? "-R" : NULL;
}

static void stopped(void *arg)
{
	struct bird *bird = arg;
	char path[256];

	mark_of(bird, path);
	unlink(path);
}

/* It says what is wrong with its file in its log, and ends with 1. */
static enum fer_exit ended(void *arg, int status, char *why, unsigned size)
{
	struct bird *bird = arg;

	bird_query_cancel(bird->poll);
	bird_query_cancel(bird->probe);
	bird->poll = bird->probe = NULL;
	bird->probes = 0;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 1)
		return FER_EXIT_AGAIN;
	snprintf(why, size, "ended by itself: 'ferrule log %s' says why", bird->role);
	return FER_EXIT_AGAIN;
}

static void line_came(void *arg, const char *line)
{
	struct bird *bird = arg;

	bird->events.line(bird->events.arg, line);
}

static void process_spec(struct bird *bird, struct fer_process_spec *spec, char **argv)
{
	/* many sessions that begin at once leave holes behind, which these give back */
	static char *const env[] = {(char *)"MALLOC_MMAP_THRESHOLD_=32768",
				    (char *)"MALLOC_TRIM_THRESHOLD_=65536", NULL};

	argv[0] = (char *)BIRD;
	argv[1] = (char *)"-f";
	argv[2] = (char *)"-c";
	argv[3] = (char *)"bird.conf";
	argv[4] = (char *)"-s";
	argv[5] = (char *)"bird.ctl";
	argv[6] = NULL;
	*spec = (struct fer_process_spec){
		.name = "bird",
		.role = bird->role,
		.run_dir = bird->run_dir,
		.argv = argv,
		.env = env,
		.folder = bird->folder,
		.user = BIRD_USER,
		.capabilities =
			1ULL << CAP_NET_BIND_SERVICE | 1ULL << CAP_NET_RAW | 1ULL << CAP_NET_ADMIN,
		.memory_max = bird->memory + bird->memory / 4,
		.elastic = true,
		.lasting = true,
		.ready = FER_READY_PROBE,
		.ready_within = CHECK_MS,
		/* its one thread has other things to do when many sessions begin */
		.patience = PATIENCE_MS,
		.probe = probe,
		.extra = extra,
		.exited = ended,
		.serving = serving,
		.stopped = stopped,
		.line = line_came,
		.arg = bird,
	};
}

struct bird *bird_new(const char *run_dir, const char *role, const struct bird_events *events)
{
	struct bird *bird = calloc(1, sizeof(*bird));
	struct fer_process_spec spec;
	char *argv[8], socket[256];

	if (!bird)
		abort();
	snprintf(bird->run_dir, sizeof(bird->run_dir), "%s", run_dir);
	snprintf(bird->role, sizeof(bird->role), "%s", role);
	snprintf(bird->folder, sizeof(bird->folder), "%.200s/bird", run_dir);
	path_of(bird, "bird.conf", bird->config);
	bird->events = *events;
	bird->memory = MEMORY;
	if (fer_folder_make(bird->folder, 0750, BIRD_USER)) {
		free(bird);
		return NULL;
	}
	path_of(bird, "bird.ctl", socket);
	bird->asker = bird_asker_new(socket, AT_ONCE);
	bird->scanner = bird_asker_new(socket, SCANS);
	process_spec(bird, &spec, argv);
	bird->process = fer_process_new(&spec);
	return bird;
}

void bird_free(struct bird *bird)
{
	if (!bird)
		return;
	bird_check_cancel(bird);
	bird_asker_free(bird->asker);
	bird_asker_free(bird->scanner);
	fer_process_free(bird->process);
	free(bird);
}

/* ---- a new configuration ---- */

static void checked(void *arg, int code, const char *output)
{
	struct bird *bird = arg;
	/* "bird: ./staged.conf:12:3 syntax error" */
	const char *at = output ? strstr(output, "staged.conf:") : NULL;

	bird->check = NULL;
	bird->render.done(bird->render.arg, code, at ? at + strlen("staged.conf:") : output);
}

static void read_it(struct bird *bird)
{
	char *argv[] = {(char *)"/bin/sh",
			(char *)"-c",
			(char *)"cd \"$1\" && exec " BIRD " -p -c staged.conf",
			(char *)"sh",
			bird->folder,
			NULL};
	const struct fer_task_spec task = {
		.name = "bird -p",
		.argv = argv,
		.user = BIRD_USER,
		.deadline = CHECK_MS,
		.done = checked,
		.arg = bird,
	};

	bird->check = fer_task_start(&task);
}

static unsigned version_number(const char *text)
{
	const char *at = text ? strstr(text, "version ") : NULL;
	unsigned major = 0, minor = 0, patch = 0;

	if (!at || sscanf(at + 8, "%u.%u.%u", &major, &minor, &patch) < 2)
		return 0;
	return major * 1000000 + minor * 1000 + patch;
}

static void refuse(struct bird *bird, const char *why)
{
	bird->render.done(bird->render.arg, -ENOEXEC, why);
}

/* The text for this version, in its file: 0 or why not. */
static int staged_write(struct bird *bird, char *why, size_t size)
{
	char *text = bird->render.render(bird->render.arg, why, size);
	char path[256];
	int err;

	if (!text)
		return -EINVAL;
	path_of(bird, "staged.conf", path);
	err = fer_file_write(path, text, strlen(text), 0600, BIRD_USER);
	if (err)
		snprintf(why, size, "%s: %s", path, strerror(-err));
	explicit_bzero(text, strlen(text)); /* passwords */
	free(text);
	return err;
}

/* When the program was put where it is, ns; 0: it is not there. */
static int64_t program_time(void)
{
	struct stat st;

	return stat(BIRD, &st) ? 0 : st.st_ctim.tv_sec * 1000000000LL + st.st_ctim.tv_nsec;
}

static void version_told(void *arg, int code, const char *output)
{
	struct bird *bird = arg;
	char text[400] = "cannot be started";

	bird->check = NULL;
	if (!code && version_number(output) >= BIRD_VERSION_OLDEST) {
		bird->version = version_number(output);
		bird->program = program_time();
	} else {
		snprintf(text, sizeof(text), "found '%.*s', needed is BIRD 2.0.11 or later",
			 (int)strcspn(output ? output : "", "\n"), output ? output : "");
		refuse(bird, text);
		return;
	}
	if (!staged_write(bird, text, sizeof(text)))
		read_it(bird);
	if (!bird->check)
		refuse(bird, text);
}

/* That of the daemon which is to read it: the one that runs, which an upgrade does not change, or
 * else the next one, of which nothing is known once the file is another one. */
unsigned bird_version_number(const struct bird *bird)
{
	char text[64];

	if (bird_serves(bird) && *bird->status.version) {
		snprintf(text, sizeof(text), "version %s", bird->status.version);
		return version_number(text);
	}
	return bird->program == program_time() ? bird->version : 0;
}

int bird_check(struct bird *bird, const struct bird_render *render)
{
	char *argv[] = {(char *)BIRD, (char *)"--version", NULL};
	const struct fer_task_spec task = {
		.name = "bird --version",
		.argv = argv,
		.user = BIRD_USER,
		.deadline = VERSION_MS,
		.done = version_told,
		.arg = bird,
	};

	bird_check_cancel(bird); /* one that nobody waits for any more */
	bird->render = *render;
	bird->check = fer_task_start(&task);
	return bird->check ? 0 : -ENOEXEC;
}

void bird_check_cancel(struct bird *bird)
{
	fer_task_cancel(bird->check);
	bird->check = NULL;
}

static bool same_files(const char *a, const char *b)
{
	char *x = NULL, *y = NULL;
	size_t x_size, y_size;
	bool same = !fer_file_read(a, CONFIG_MAX, &x, &x_size) &&
		    !fer_file_read(b, CONFIG_MAX, &y, &y_size) && x_size == y_size &&
		    !memcmp(x, y, x_size);

	free(x);
	free(y);
	return same;
}

void bird_stage(struct bird *bird, const char *text)
{
	char path[256];

	path_of(bird, "staged.conf", path);
	if (fer_file_write(path, text, strlen(text), 0600, BIRD_USER))
		fer_log_err("bird: %s cannot be written", path);
}

void bird_commit(struct bird *bird, uint64_t memory)
{
	const char *path = bird->config;
	char staged[256];
	struct fer_process_spec spec;
	char *argv[8];

	path_of(bird, "staged.conf", staged);
	if (!same_files(staged, path))
		mark_unread(bird, true);
	if (rename(staged, path))
		fer_log_err("bird: %s: %s", path, strerror(errno));
	bird->memory = memory;
	process_spec(bird, &spec, argv);
	if (bird_serves(bird) && is_unread(bird))
		configure(bird);
	fer_process_apply(bird->process, &spec);
}

void bird_rewrite(struct bird *bird, const char *text)
{
	if (fer_file_write(bird->config, text, strlen(text), 0600, BIRD_USER))
		fer_log_err("bird: %s cannot be written", bird->config);
}

const char *bird_config_path(const struct bird *bird)
{
	return bird->config;
}

void bird_stop(struct bird *bird)
{
	fer_process_stop(bird->process);
}

bool bird_refused(const struct bird *bird)
{
	return bird->refused;
}

bool bird_serves(const struct bird *bird)
{
	return fer_process_state(bird->process) == FER_PROCESS_READY;
}

struct bird_asker *bird_asker(const struct bird *bird)
{
	return bird->asker;
}

struct bird_asker *bird_scanner(const struct bird *bird)
{
	return bird->scanner;
}

const char *bird_version(const struct bird *bird)
{
	return bird->status.version;
}

const struct bird_status *bird_status(const struct bird *bird)
{
	return &bird->status;
}

uint64_t bird_resident(const struct bird *bird)
{
	pid_t pid = fer_process_pid(bird->process);
	unsigned long long size, resident = 0;
	char path[48];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/statm", (int)pid);
	file = pid > 0 ? fopen(path, "re") : NULL;
	if (!file)
		return 0;
	if (fscanf(file, "%llu %llu", &size, &resident) != 2)
		resident = 0;
	fclose(file);
	return resident * sysconf(_SC_PAGESIZE);
}

void bird_show(const struct bird *bird, struct fer_state *state)
{
	fer_process_show(bird->process, state);
}
