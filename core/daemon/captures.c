// SPDX-License-Identifier: GPL-2.0-or-later
#include "captures.h"

#include <dirent.h>
#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "core/api/event.h"
#include "core/api/log.h"
#include "core/api/model.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/engine/engine.h"
#include "core/engine/rules.h"
#include "once.h"

static const char user[] = "ferrule-capture";

/* One that is no more has its place until its process has ended. */
struct entry {
	char name[FILTER_NAME_SIZE];
	struct captures *captures;
	struct fer_process *process;
	bool over; /* one in passing has ended */
};

enum { ENTRIES = 2 * CAPTURES_MAX, PROCESS_MIB = 32 };

struct captures {
	char *run_dir;
	char *folder;
	struct engine *engine;
	struct fer_event *timer;
	void (*ended)(void *arg, const char *name);
	void *arg;
	bool looked; /* for what an earlier supervisor left */
	struct entry *entry[ENTRIES];
};

char *captures_folder(const char *run_dir)
{
	return mem_printf("%s/capture", run_dir);
}

/* Not from within the process's own callback. */
static void tell_ended(void *arg)
{
	struct captures *c = arg;

	for (int i = 0; i < ENTRIES; i++)
		if (c->entry[i] && c->entry[i]->over)
			c->ended(c->arg, c->entry[i]->name);
}

struct captures *captures_new(const char *run_dir, void (*ended)(void *arg, const char *name),
			      void *arg)
{
	struct captures *c = mem_zalloc(sizeof(*c));

	c->run_dir = mem_strdup(run_dir);
	c->ended = ended;
	c->arg = arg;
	c->timer = fer_timer_new(tell_ended, c);
	c->folder = captures_folder(run_dir);
	return c;
}

static void entry_free(struct entry **entry)
{
	fer_process_free((*entry)->process);
	free(*entry);
	*entry = NULL;
}

void captures_free(struct captures *c)
{
	for (int i = 0; c && i < ENTRIES; i++)
		if (c->entry[i])
			entry_free(&c->entry[i]);
	if (!c)
		return;
	fer_event_free(c->timer);
	free(c->run_dir);
	free(c->folder);
	free(c);
}

static int ring(void *arg)
{
	const struct entry *entry = arg;
	uint32_t id;

	return engine_ring(entry->captures->engine, entry->name, &id);
}

/* Who may use the client may listen. */
static const struct group *readers(void)
{
	return getgrnam("ferrule");
}

/* The working folder is the process's own user's: it is no business of his what else is there. */
static void folder_make(const struct captures *c)
{
	int err = file_make_folders(c->folder, 0750);

	if (!err && chown(c->folder, fer_user_id(user), readers() ? readers()->gr_gid : 0))
		err = -errno;
	if (err)
		fer_log_err("capture: %s: %s", c->folder, strerror(-err));
}

static const char *program(void)
{
	const char *folder = getenv("FERRULE_LIBEXEC_DIR");
	static char path[512];

	snprintf(path, sizeof(path), "%s/ferrule-capture",
		 folder && *folder ? folder : FERRULE_LIBEXEC_DIR);
	return path;
}

static struct entry *entry_find(const struct captures *c, const char *name)
{
	for (int i = 0; i < ENTRIES; i++)
		if (c->entry[i] && !strcmp(c->entry[i]->name, name))
			return c->entry[i];
	return NULL;
}

static struct entry *entry_get(struct captures *c, const char *name)
{
	struct entry *entry = entry_find(c, name);

	for (int i = 0; !entry && i < ENTRIES; i++) {
		if (c->entry[i])
			continue;
		entry = c->entry[i] = mem_zalloc(sizeof(*entry));
		snprintf(entry->name, sizeof(entry->name), "%s", name);
		entry->captures = c;
	}
	return entry;
}

/* A process reads one ring all its life: another ring is another process. */
static char *ring_version(struct captures *c, const char *name)
{
	uint32_t id = 0;
	int fd = engine_ring(c->engine, name, &id);

	if (fd >= 0)
		close(fd);
	else
		fer_log_err("capture: %s: no ring: %s%s", name, strerror(-fd),
			    fd == -EOPNOTSUPP ? " (Linux 5.18 has them)" : "");
	return mem_printf("ring %u", id);
}

static enum fer_exit over(void *arg, int status, char *why, unsigned size)
{
	struct entry *entry = arg;

	(void)status;
	(void)why;
	(void)size;
	entry->over = true;
	fer_timer_start(entry->captures->timer, 0);
	return FER_EXIT_DONE;
}

/* config: NULL for one in passing */
static void entry_run(struct captures *c, struct entry *entry, const struct fer_model *config,
		      uint32_t octets, const struct backend_ports *ports)
{
	mem_auto char *name = mem_printf("capture-%s", entry->name);
	mem_auto char *version = ring_version(c, entry->name);
	mem_auto char *snap = mem_printf("%u", octets);
	char *const argv[] = {
		(char *)program(),
		"--name",
		entry->name,
		"--files",
		config ? (char *)fer_model_text(config, "files") : "1",
		"--file-size",
		config ? (char *)fer_model_text(config, "file-size") : "1",
		"--snap",
		snap,
		"--optical",
		(char *)ports->name[PORT_OPTICAL],
		"--electrical",
		(char *)ports->name[PORT_ELECTRICAL],
		config ? NULL : "--once",
		NULL,
	};
	const struct fer_process_spec spec = {
		.name = name,
		.role = "capture",
		.run_dir = c->run_dir,
		.argv = argv,
		.folder = c->folder,
		.user = user,
		.group = readers() ? "ferrule" : NULL,
		/* files in RAM count for who wrote them */
		.memory_max =
			((uint64_t)PROCESS_MIB + fer_model_number(config, "files", 0) *
							 fer_model_number(config, "file-size", 0))
			<< 20,
		.data_max = PROCESS_MIB << 20,
		.ready = FER_READY_ALIVE,
		.ready_after = 100,
		.version = version,
		.descriptor = ring,
		.exited = config ? NULL : over,
		.arg = entry,
	};

	if (!entry->process)
		entry->process = fer_process_new(&spec);
	/* also of a new one: what runs from before may have another ring */
	fer_process_apply(entry->process, &spec);
	fer_process_start(entry->process);
}

/* Those that the rules do not have end; those that have ended are forgotten. */
static void others_end(struct captures *c, const struct rule_set *rules)
{
	for (int i = 0; i < ENTRIES; i++) {
		struct entry *entry = c->entry[i];
		bool stays = false;

		if (!entry)
			continue;
		for (unsigned k = 0; k < rules->captures; k++)
			stays |= !strcmp(entry->name, rules->capture[k].name);
		if (stays)
			continue;
		if (fer_process_state(entry->process) == FER_PROCESS_STOPPED) {
			fer_process_remove(entry->process);
			entry->process = NULL;
			entry_free(&c->entry[i]);
		} else {
			fer_process_stop(entry->process);
		}
	}
}

/* "capture-NAME.process" */
static bool left_name(const char *file, char name[FILTER_NAME_SIZE])
{
	const char *const begin = "capture-", *const end = ".process";
	size_t length = strlen(file), inner = length - strlen(begin) - strlen(end);

	if (length <= strlen(begin) + strlen(end) || strncmp(file, begin, strlen(begin)) ||
	    strcmp(file + length - strlen(end), end) || inner >= FILTER_NAME_SIZE)
		return false;
	snprintf(name, FILTER_NAME_SIZE, "%.*s", (int)inner, file + strlen(begin));
	return true;
}

static void left_end(struct captures *c, const char *name)
{
	mem_auto char *process = mem_printf("capture-%s", name);
	char *const argv[] = {(char *)program(), NULL};
	const struct fer_process_spec spec = {
		.name = process,
		.role = "capture",
		.run_dir = c->run_dir,
		.argv = argv,
	};
	struct entry *entry = entry_get(c, name);

	if (!entry)
		return;
	entry->process = fer_process_new(&spec);
	fer_process_stop(entry->process);
}

/* What ran for an earlier supervisor, and is in no configuration any more. */
static void left_look(struct captures *c, const struct rule_set *rules)
{
	DIR *dir = c->looked ? NULL : opendir(c->run_dir);
	char name[FILTER_NAME_SIZE];
	struct dirent *file;

	c->looked = true;
	while (dir && (file = readdir(dir))) {
		bool stays = false;

		if (!left_name(file->d_name, name))
			continue;
		for (unsigned i = 0; i < rules->captures; i++)
			stays |= !strcmp(rules->capture[i].name, name);
		if (!stays)
			left_end(c, name);
	}
	if (dir)
		closedir(dir);
}

void captures_set(struct captures *c, struct engine *engine, const struct backend_ports *ports,
		  const struct fer_model *config, const struct rule_set *rules)
{
	c->engine = engine;
	left_look(c, rules);
	others_end(c, rules);
	if (rules->captures)
		folder_make(c);
	for (unsigned i = 0; i < rules->captures; i++) {
		const struct rule_capture *rule = &rules->capture[i];
		struct entry *entry = entry_get(c, rule->name);

		if (entry)
			entry_run(c, entry, once_is(rule->name) ? NULL : config, rule->snap, ports);
		config = once_is(rule->name) ? config : fer_model_next(config);
	}
}

const struct fer_process *captures_process(const struct captures *c, const char *name)
{
	const struct entry *entry = entry_find(c, name);

	return entry ? entry->process : NULL;
}

unsigned captures_files(const char *folder, const char *name, uint64_t *size)
{
	DIR *dir = opendir(folder);
	size_t length = strlen(name);
	struct dirent *entry;
	unsigned count = 0;

	*size = 0;
	while (dir && (entry = readdir(dir))) {
		const char *rest = entry->d_name + length;
		struct stat st;

		/* NAME-0001.pcapng: the name may have a dash of its own */
		if (strncmp(entry->d_name, name, length) || *rest != '-' ||
		    strspn(rest + 1, "0123456789") + strlen("-.pcapng") != strlen(rest) ||
		    fstatat(dirfd(dir), entry->d_name, &st, 0))
			continue;
		*size += st.st_size;
		count++;
	}
	if (dir)
		closedir(dir);
	return count;
}

void captures_check(const char *run_dir, const struct fer_model *config,
		    struct fer_problems *problems)
{
	struct statvfs fs;
	const struct fer_model *last = NULL;
	uint64_t need = 0;

	for (; config; config = fer_model_next(config)) {
		need += fer_model_number(config, "files", 0) *
			fer_model_number(config, "file-size", 0);
		last = config;
	}
	if (!last || statvfs(run_dir, &fs) ||
	    need <= (uint64_t)fs.f_blocks * fs.f_frsize / 1048576 / 2)
		return;
	fer_problem(problems, fer_model_find(last, "files"),
		    "captures may take %llu MiB; half of the %llu MiB of %s is what they may have",
		    (unsigned long long)need,
		    (unsigned long long)fs.f_blocks * fs.f_frsize / 1048576, run_dir);
}
