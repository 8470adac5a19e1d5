// SPDX-License-Identifier: GPL-2.0-or-later
#include "cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/api/log.h"
#include "core/base/file.h"
#include "core/base/mem.h"

#define ROLES_UNIT "ferrule-roles.service"

static char base[192]; /* of the supervisor's own cgroup; "" where there is none to use */

static int write_text(const char *folder, const char *name, const char *text)
{
	mem_auto char *path = mem_printf("%s/%s", folder, name);
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int err = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		err = -errno;
	close(fd);
	return err;
}

/* Where a hierarchy of version 2 is mounted. */
static bool mount_find(char *path, size_t size)
{
	mem_auto char *mounts = NULL;
	char *save = NULL;

	if (file_read("/proc/self/mounts", 1 << 20, &mounts, NULL))
		return false;
	for (char *line = strtok_r(mounts, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char where[128], type[32];

		if (sscanf(line, "%*s %127s %31s", where, type) == 2 && !strcmp(type, "cgroup2")) {
			snprintf(path, size, "%s", where);
			return true;
		}
	}
	return false;
}

/* The path of a process in that hierarchy: the line "0::/path" (cgroups(7)). */
static bool own_path(pid_t pid, char *path, size_t size)
{
	mem_auto char *file = mem_printf("/proc/%d/cgroup", pid);
	mem_auto char *text = NULL;
	char *at;

	if (file_read(file, 1 << 16, &text, NULL))
		return false;
	at = !strncmp(text, "0::", 3) ? text : strstr(text, "\n0::");
	if (!at)
		return false;
	at = strchr(at + 1, '/');
	snprintf(path, size, "%.*s", (int)strcspn(at, "\n"), at);
	return true;
}

static bool has_controllers(const char *folder)
{
	mem_auto char *path = mem_printf("%s/cgroup.controllers", folder);
	mem_auto char *text = NULL;

	return !file_read(path, 4096, &text, NULL) && strstr(text, "memory") && strstr(text, "cpu");
}

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), tail = strlen(end);

	return length >= tail && !strcmp(text + length - tail, end);
}

/* Takes the last part off. */
static void path_up(char *path)
{
	char *slash = strrchr(path, '/');

	if (slash)
		*slash = '\0';
}

/* The unit's own process goes into a leaf, as the supervisor would elsewhere. */
static void members_move(const char *from, const char *to)
{
	mem_auto char *path = mem_printf("%s/cgroup.procs", from);
	mem_auto char *pids = NULL;
	char *save = NULL;

	if (file_read(path, 1 << 16, &pids, NULL))
		return;
	for (char *pid = strtok_r(pids, "\n", &save); pid; pid = strtok_r(NULL, "\n", &save))
		write_text(to, "cgroup.procs", pid);
}

/* A supervisor of systemd's: the unit for daemons beside its own, if that is there. */
static int base_of_unit(const char *folder)
{
	char unit[256], leaf[256];

	snprintf(unit, sizeof(unit), "%s", folder);
	path_up(unit);
	snprintf(unit + strlen(unit), sizeof(unit) - strlen(unit), "/" ROLES_UNIT);
	if (strlen(unit) >= sizeof(base) - 32 || !has_controllers(unit))
		return -ENOENT;
	snprintf(base, sizeof(base), "%.150s", unit);
	snprintf(leaf, sizeof(leaf), "%.150s/keeper", base);
	mkdir(leaf, 0755);
	members_move(base, leaf);
	return write_text(base, "cgroup.subtree_control", "+memory +cpu");
}

/* Anybody else's: the supervisor goes into a leaf of its own cgroup. */
static int base_of_own(const char *folder)
{
	mem_auto char *pid = mem_printf("%d", getpid());
	char leaf[256];
	int err;

	snprintf(base, sizeof(base), "%.150s", folder);
	snprintf(leaf, sizeof(leaf), "%.150s/supervisor", base);
	mkdir(leaf, 0755);
	err = write_text(leaf, "cgroup.procs", pid);
	return err ? err : write_text(base, "cgroup.subtree_control", "+memory +cpu");
}

void cgroup_start(void)
{
	static bool said;
	char mount[128], own[128], folder[192 + 64];
	int err;

	base[0] = '\0';
	if (!mount_find(mount, sizeof(mount)) || !own_path(getpid(), own, sizeof(own)))
		return;
	snprintf(folder, sizeof(folder), "%s%s", mount, strcmp(own, "/") ? own : "");
	/* a supervisor that was started from within its leaf, as after an upgrade */
	if (ends_with(folder, "/supervisor"))
		path_up(folder);
	if (ends_with(folder, ".service")) {
		err = base_of_unit(folder);
	} else {
		if (strlen(folder) >= sizeof(base) - 32 || !has_controllers(folder))
			return;
		err = base_of_own(folder);
	}
	if (!err)
		return;
	if (!said)
		fer_log_notice(
			"run: no cgroup %s with memory and cpu that is ours to use (%s): resource "
			"limits instead",
			*base ? base : ROLES_UNIT, strerror(-err));
	said = true;
	base[0] = '\0';
}

/* Somebody may have started the unit of the daemons anew, or have removed what is below. */
static bool base_is_open(void)
{
	mem_auto char *path = mem_printf("%s/cgroup.subtree_control", base);
	mem_auto char *text = NULL;

	return *base && !file_read(path, 4096, &text, NULL) && strstr(text, "memory");
}

bool cgroup_available(void)
{
	return *base;
}

int cgroup_make(const char *name, uint64_t memory_max, unsigned cpu_max, char *path, unsigned size)
{
	char value[64];
	int err = 0;

	path[0] = '\0';
	if (!base_is_open())
		cgroup_start();
	if (!*base)
		return -ENOTSUP;
	snprintf(path, size, "%s/%s", base, name);
	if (mkdir(path, 0755) && errno != EEXIST)
		err = -errno;
	if (memory_max)
		snprintf(value, sizeof(value), "%llu", (unsigned long long)memory_max);
	if (!err)
		err = write_text(path, "memory.max", memory_max ? value : "max");
	if (cpu_max)
		snprintf(value, sizeof(value), "%u 100000", cpu_max * 1000);
	if (!err)
		err = write_text(path, "cpu.max", cpu_max ? value : "max");
	if (err)
		path[0] = '\0';
	return err;
}

int cgroup_enter(const char *path)
{
	return write_text(path, "cgroup.procs", "0");
}

bool cgroup_has(const char *path, pid_t pid)
{
	char own[192];
	size_t length, whole = strlen(path);

	if (!own_path(pid, own, sizeof(own)))
		return false;
	length = strlen(own);
	return whole >= length && !strcmp(path + whole - length, own);
}

bool cgroup_outgrown(const char *path)
{
	mem_auto char *file = mem_printf("%s/memory.events", path);
	mem_auto char *text = NULL;
	const char *at;

	if (!*path || file_read(file, 4096, &text, NULL))
		return false;
	at = strstr(text, "oom_kill ");
	return at && at[9] != '0';
}

void cgroup_remove(const char *path)
{
	if (!*path)
		return;
	write_text(path, "cgroup.kill", "1"); /* Linux 5.14 */
	rmdir(path);
}
