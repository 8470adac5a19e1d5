// SPDX-License-Identifier: GPL-2.0-or-later
#include "chrony.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/api/file.h"
#include "core/api/log.h"
#include "core/api/service.h"
#include "core/api/task.h"
#include "internal.h"

#define CHRONYD "/usr/sbin/chronyd"
/* what Debian compiled in: chronyd insists that its folders are this user's */
#define CHRONY_USER "_chrony"

enum {
	ISLAND_STRATUM = 10,
	CHECK_MS = 10000,
	BURST_EVERY = 8,   /* probes: chronyd itself would wait for a minute and more */
	DETAILS_EVERY = 2, /* probes between two looks at sources and clients */
};

struct chrony {
	char run_dir[200];
	char run[224]; /* seen as CHRONY_RUN */
	char lib[224]; /* seen as CHRONY_LIB */
	char *text;    /* of the configuration that was committed, and of the staged one */
	char *staged_text;
	bool control_clock, staged_control;
	uint64_t files, staged_files; /* what the certificates hold */
	struct chrony_events events;
	struct fer_process *process;
	struct fer_task *check;
	void (*checked)(void *arg, int code, const char *output);
	void *checked_arg;
	struct asker *asker;
	struct chrony_report report, next; /* `next` is being gathered */
	unsigned wanted;		   /* sources that `next` will have */
	unsigned probes;
	bool gathering;
	char *serve[CHRONY_LIST_MAX]; /* in force, or to be put in force when it runs */
	unsigned serves;
	bool orphan;
};

bool chrony_available(void)
{
	return !access(CHRONYD, X_OK);
}

/* ---- asking ---- */

static void ask(struct chrony *c, size_t length, const uint8_t *packet, asked_fn *fn)
{
	asker_ask(c->asker, packet, length, fn, c);
}

static void got_clients(void *arg, const uint8_t *reply, size_t length)
{
	struct chrony_client page[CHRONY_CLIENTS_A_REPLY];
	uint8_t packet[CHRONY_PACKET_MAX];
	struct chrony *c = arg;
	unsigned count, room = sizeof(c->next.client) / sizeof(*c->next.client);
	uint32_t next = 0;

	count = reply ? chrony_reply_clients(reply, length, page, &next) : 0;
	for (unsigned i = 0; i < count && c->next.clients < room; i++)
		if (page[i].requests)
			c->next.client[c->next.clients++] = page[i];
	if (next && c->next.clients < room) {
		ask(c, chrony_request_clients(packet, 0, next), packet, got_clients);
		return;
	}
	c->next.tracking = c->report.tracking;
	c->next.fresh = c->report.fresh;
	c->report = c->next;
	c->gathering = false;
}

static void got_stats(void *arg, const uint8_t *reply, size_t length)
{
	uint8_t packet[CHRONY_PACKET_MAX];
	struct chrony *c = arg;

	if (reply)
		chrony_reply_stats(reply, length, &c->next.answered, &c->next.dropped);
	ask(c, chrony_request_clients(packet, 0, 0), packet, got_clients);
}

static void ask_source(struct chrony *c);

static void got_auth(void *arg, const uint8_t *reply, size_t length)
{
	struct chrony *c = arg;

	if (reply)
		chrony_reply_auth(reply, length, &c->next.source[c->next.sources]);
	c->next.sources++;
	ask_source(c);
}

static void got_name(void *arg, const uint8_t *reply, size_t length)
{
	uint8_t packet[CHRONY_PACKET_MAX];
	struct chrony *c = arg;
	struct chrony_source *source = &c->next.source[c->next.sources];

	if (reply)
		chrony_reply_name(reply, length, source);
	ask(c, chrony_request_source(packet, 0, CHRONY_AUTH_DATA, &source->address), packet,
	    got_auth);
}

static void got_source(void *arg, const uint8_t *reply, size_t length)
{
	uint8_t packet[CHRONY_PACKET_MAX];
	struct chrony *c = arg;
	struct chrony_source *source = &c->next.source[c->next.sources];

	if (!reply || !chrony_reply_source(reply, length, source)) {
		c->wanted = c->next.sources; /* one that has gone meanwhile */
		ask_source(c);
		return;
	}
	ask(c, chrony_request_source(packet, 0, CHRONY_SOURCE_NAME, &source->address), packet,
	    got_name);
}

static void ask_source(struct chrony *c)
{
	uint8_t packet[CHRONY_PACKET_MAX];

	if (c->next.sources < c->wanted && c->next.sources < CHRONY_LIST_MAX)
		ask(c, chrony_request_index(packet, 0, CHRONY_SOURCE_DATA, c->next.sources), packet,
		    got_source);
	else
		ask(c, chrony_request(packet, 0, CHRONY_SERVER_STATS), packet, got_stats);
}

static void got_count(void *arg, const uint8_t *reply, size_t length)
{
	struct chrony *c = arg;

	memset(&c->next, 0, sizeof(c->next));
	c->wanted = 0;
	if (reply)
		chrony_reply_count(reply, length, &c->wanted);
	ask_source(c);
}

static void gather(struct chrony *c)
{
	uint8_t packet[CHRONY_PACKET_MAX];

	if (c->gathering)
		return;
	c->gathering = true;
	ask(c, chrony_request(packet, 0, CHRONY_N_SOURCES), packet, got_count);
}

static void hurried(void *arg, const uint8_t *reply, size_t length)
{
	(void)arg;
	(void)reply;
	(void)length;
}

/* Without the time, or without an uplink until now. */
static void hurry(struct chrony *c)
{
	uint8_t packet[CHRONY_PACKET_MAX];

	ask(c, chrony_request_burst(packet, 0, 2, 4), packet, hurried);
}

static void got_tracking(void *arg, const uint8_t *reply, size_t length)
{
	struct chrony *c = arg;

	if (!reply || !chrony_reply_tracking(reply, length, &c->report.tracking)) {
		fer_process_probed(c->process, false, "no answer on its command socket");
		return;
	}
	c->report.fresh = true;
	fer_process_probed(c->process, true, NULL);
	c->events.heard(c->events.arg);
	if (!c->report.tracking.synchronised && c->probes % BURST_EVERY == BURST_EVERY - 1)
		hurry(c);
	if (c->probes++ % DETAILS_EVERY == 0)
		gather(c);
}

static void probe(void *arg)
{
	uint8_t packet[CHRONY_PACKET_MAX];
	struct chrony *c = arg;

	ask(c, chrony_request(packet, 0, CHRONY_TRACKING), packet, got_tracking);
}

/* ---- serving ---- */

static void told(void *arg, const uint8_t *reply, size_t length)
{
	uint32_t sequence;
	unsigned command;

	(void)arg;
	if (reply && !chrony_reply(reply, length, &sequence, &command))
		return;
	fer_log_warn("chronyd: did not take a change of whom it serves%s",
		     reply ? "" : ": no answer");
}

static void tell_subnets(struct chrony *c, unsigned command)
{
	uint8_t packet[CHRONY_PACKET_MAX];

	for (unsigned i = 0; i < c->serves; i++)
		ask(c, chrony_request_subnet(packet, 0, command, c->serve[i]), packet, told);
}

static void tell_local(struct chrony *c)
{
	uint8_t packet[CHRONY_PACKET_MAX];
	bool on = c->serves && c->orphan;

	ask(c, chrony_request_local(packet, 0, on, ISLAND_STRATUM, true), packet, told);
}

static void serving(void *arg)
{
	struct chrony *c = arg;

	tell_local(c);
	tell_subnets(c, CHRONY_ALLOW);
}

static bool serves_already(const struct chrony *c, const struct chrony_list *prefixes)
{
	if (c->serves != prefixes->count)
		return false;
	for (unsigned i = 0; i < c->serves; i++)
		if (strcmp(c->serve[i], prefixes->at[i]))
			return false;
	return true;
}

void chrony_serve(struct chrony *c, const struct chrony_list *prefixes, bool orphan)
{
	bool runs = fer_process_state(c->process) == FER_PROCESS_READY;

	if (serves_already(c, prefixes) && c->orphan == orphan)
		return;
	if (runs)
		tell_subnets(c, CHRONY_DENY);
	while (c->serves)
		free(c->serve[--c->serves]);
	for (; c->serves < prefixes->count; c->serves++)
		c->serve[c->serves] = strdup(prefixes->at[c->serves]);
	c->orphan = orphan;
	if (runs)
		serving(c);
}

/* ---- the process ---- */

/* `Fatal error` stands in its log; all that it knows to say by its code is 1. */
static enum fer_exit ended(void *arg, int status, char *why, unsigned size)
{
	struct chrony *c = arg;

	(void)why;
	(void)size;
	asker_reset(c->asker);
	c->gathering = c->report.fresh = false;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? FER_EXIT_SOON : FER_EXIT_AGAIN;
}

static void process_spec(struct chrony *c, struct fer_process_spec *spec, char **argv,
			 const struct fer_process_bind *bind)
{
	unsigned n = 0;

	argv[n++] = (char *)CHRONYD;
	argv[n++] = (char *)"-d";
	argv[n++] = (char *)"-U";
	argv[n++] = (char *)"-r";
	if (!c->control_clock)
		argv[n++] = (char *)"-x";
	argv[n++] = (char *)"-f";
	argv[n++] = (char *)CHRONY_RUN "/chrony.conf";
	argv[n] = NULL;
	*spec = (struct fer_process_spec){
		.name = "chronyd",
		.role = "ntp",
		.run_dir = c->run_dir,
		.argv = argv,
		.bind = bind,
		.folder = CHRONY_RUN,
		.user = CHRONY_USER,
		.capabilities = 1ULL << CAP_NET_BIND_SERVICE |
				(c->control_clock ? 1ULL << CAP_SYS_TIME : 0),
		.memory_max = 64 << 20,
		.cpu_max = 50,
		.ready = FER_READY_PROBE,
		.version = c->text,
		.probe = probe,
		.exited = ended,
		.serving = serving,
		.arg = c,
	};
}

struct chrony *chrony_new(const char *run_dir, const char *state_dir,
			  const struct chrony_events *events)
{
	struct chrony *c = calloc(1, sizeof(*c));
	const struct fer_process_bind bind[] = {
		{c->run, CHRONY_RUN}, {c->lib, CHRONY_LIB}, {NULL, NULL}};
	struct fer_process_spec spec;
	char *argv[8];

	snprintf(c->run_dir, sizeof(c->run_dir), "%s", run_dir);
	snprintf(c->run, sizeof(c->run), "%.200s/chrony", run_dir);
	snprintf(c->lib, sizeof(c->lib), "%.200s/chrony", state_dir);
	c->events = *events;
	/* chronyd insists that nobody else may look into the folder of its socket */
	if (fer_folder_make(c->run, 0750, CHRONY_USER) ||
	    fer_folder_make(c->lib, 0750, CHRONY_USER) || !(c->asker = asker_new(c->run))) {
		free(c);
		return NULL;
	}
	process_spec(c, &spec, argv, bind);
	c->process = fer_process_new(&spec);
	return c;
}

void chrony_free(struct chrony *c)
{
	if (!c)
		return;
	chrony_check_cancel(c);
	fer_process_free(c->process);
	asker_free(c->asker);
	while (c->serves)
		free(c->serve[--c->serves]);
	free(c->text);
	free(c->staged_text);
	free(c);
}

/* ---- a new configuration ---- */

/* FNV-1a over what the files hold: what a certificate authority renews has its old name. */
static uint64_t fingerprint(const struct chrony_config *config)
{
	const char *const files[] = {config->certificate, config->key, config->trusted};
	uint64_t sum = 0xcbf29ce484222325;
	char *data;
	size_t size;

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		if (!files[i] || fer_file_read(files[i], 1 << 20, &data, &size))
			continue;
		for (size_t at = 0; at < size; at++)
			sum = (sum ^ (unsigned char)data[at]) * 0x100000001b3;
		free(data);
	}
	return sum;
}

static char *text_make(const struct chrony_config *config, uint64_t files)
{
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	if (!file)
		abort();
	chrony_render(config, file);
	/* a part of what identifies the process: with new files it is another one */
	fprintf(file, "# certificates %016" PRIx64 "\n", files);
	fclose(file);
	return text;
}

/* Files of others, for a user that may not read them where they are. Beside the ones in force:
 * a plan that is aborted changes nothing. */
static int file_take(struct chrony *c, const char *from, const char *name)
{
	char path[256];
	char *data;
	size_t size;
	int err;

	if (!from)
		return 0;
	err = fer_file_read(from, 1 << 20, &data, &size);
	if (err)
		return err;
	snprintf(path, sizeof(path), "%s/%s.staged", c->run, name);
	err = fer_file_write(path, data, size, 0400, CHRONY_USER);
	free(data);
	return err;
}

static void checked(void *arg, int code, const char *output)
{
	struct chrony *c = arg;

	c->check = NULL;
	c->checked(c->checked_arg, code, output);
}

int chrony_check(struct chrony *c, const struct chrony_config *config,
		 void (*done)(void *arg, int code, const char *output), void *arg)
{
	const struct fer_process_bind bind[] = {
		{c->run, CHRONY_RUN}, {c->lib, CHRONY_LIB}, {NULL, NULL}};
	char *argv[] = {(char *)CHRONYD,
			(char *)"-p",
			(char *)"-U",
			(char *)"-f",
			(char *)CHRONY_RUN "/staged.conf",
			NULL};
	const struct fer_task_spec task = {
		.name = "chronyd -p",
		.argv = argv,
		.bind = bind,
		.user = CHRONY_USER,
		.deadline = CHECK_MS,
		.done = checked,
		.arg = c,
	};
	char path[256];
	int err;

	chrony_check_cancel(c); /* one that nobody waits for any more */
	free(c->staged_text);
	c->staged_files = fingerprint(config);
	c->staged_text = text_make(config, c->staged_files);
	c->staged_control = config->control_clock;
	c->checked = done;
	c->checked_arg = arg;
	mkdir(CHRONY_RUN, 0755);
	mkdir(CHRONY_LIB, 0755);
	snprintf(path, sizeof(path), "%s/staged.conf", c->run);
	err = fer_file_write(path, c->staged_text, strlen(c->staged_text), 0644, CHRONY_USER);
	if (!err)
		err = file_take(c, config->certificate, "server.crt");
	if (!err)
		err = file_take(c, config->key, "server.key");
	if (!err)
		err = file_take(c, config->trusted, "trusted.crt");
	if (err)
		return err;
	c->check = fer_task_start(&task);
	return c->check ? 0 : -ENOEXEC;
}

void chrony_check_cancel(struct chrony *c)
{
	fer_task_cancel(c->check);
	c->check = NULL;
}

static void file_put(struct chrony *c, const char *name)
{
	char staged[288], path[256];

	snprintf(path, sizeof(path), "%s/%s", c->run, name);
	snprintf(staged, sizeof(staged), "%s.staged", path);
	if (rename(staged, path) && errno != ENOENT)
		fer_log_err("chronyd: %s: %s", path, strerror(errno));
}

void chrony_commit(struct chrony *c)
{
	const struct fer_process_bind bind[] = {
		{c->run, CHRONY_RUN}, {c->lib, CHRONY_LIB}, {NULL, NULL}};
	char staged[256], path[256];
	struct fer_process_spec spec;
	char *argv[8];

	snprintf(staged, sizeof(staged), "%s/staged.conf", c->run);
	snprintf(path, sizeof(path), "%s/chrony.conf", c->run);
	if (rename(staged, path))
		fer_log_err("chronyd: %s: %s", path, strerror(errno));
	file_put(c, "server.crt");
	file_put(c, "server.key");
	file_put(c, "trusted.crt");
	free(c->text);
	c->text = c->staged_text;
	c->staged_text = NULL;
	c->control_clock = c->staged_control;
	c->files = c->staged_files;
	process_spec(c, &spec, argv, bind);
	fer_process_apply(c->process, &spec);
}

void chrony_stop(struct chrony *c)
{
	fer_process_stop(c->process);
	asker_reset(c->asker);
	memset(&c->report, 0, sizeof(c->report));
	c->gathering = false;
}

const struct chrony_report *chrony_report(const struct chrony *c)
{
	return &c->report;
}

void chrony_show(const struct chrony *c, struct fer_state *state)
{
	fer_process_show(c->process, state);
}
