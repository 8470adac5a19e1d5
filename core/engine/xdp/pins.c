// SPDX-License-Identifier: GPL-2.0-or-later
#include "pins.h"

#include <dirent.h>
#include <errno.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "core/api/log.h"

#define SYSTEM_BPFFS "/sys/fs/bpf"

static bool is_bpffs(const char *path)
{
	struct statfs fs;

	return !statfs(path, &fs) && (unsigned long)fs.f_type == BPF_FS_MAGIC;
}

/* A mount of our own lives only as long as the mount namespace does. */
static void warn_private_namespace(void)
{
	struct stat own, init;

	if (stat("/proc/self/ns/mnt", &own) || stat("/proc/1/ns/mnt", &init))
		return;
	if (own.st_ino != init.st_ino)
		fer_log_warn("engine: this is a private mount namespace without /sys/fs/bpf: the "
			     "wire ends with it; start ferruled outside (nsenter --net, not ip "
			     "netns exec)");
}

static int own_bpffs(const char *run_dir, bool make, char *path, size_t size)
{
	snprintf(path, size, "%s/bpf", run_dir);
	if (is_bpffs(path))
		return 0;
	if (!make)
		return -ENOENT;
	if (mkdir(path, 0700) && errno != EEXIST)
		return -errno;
	if (mount("bpf", path, "bpf", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0700"))
		return -errno;
	warn_private_namespace();
	return 0;
}

/* /run/ferrule -> ferrule:run-ferrule; a bpffs takes no dots in names */
static void instance_path(const char *run_dir, char *path, size_t size)
{
	int at = snprintf(path, size, "%s/ferrule:", SYSTEM_BPFFS);

	for (const char *c = run_dir + (*run_dir == '/'); *c && (size_t)at + 1 < size; c++)
		path[at++] = *c == '/' || *c == '.' ? '-' : *c;
	path[at] = '\0';
}

static bool has_pins(const char *path)
{
	DIR *dir = is_bpffs(path) ? opendir(path) : NULL;
	struct dirent *entry;
	bool found = false;

	while (dir && (entry = readdir(dir)))
		found = found || entry->d_name[0] != '.';
	if (dir)
		closedir(dir);
	return found;
}

/* Where an earlier start has put it, which is not where this one would: bpftool mounts
 * /sys/fs/bpf by itself, and others unmount it. */
int pins_open(const char *run_dir, bool make, char *path, size_t size)
{
	bool system = is_bpffs(SYSTEM_BPFFS);

	snprintf(path, size, "%s/bpf", run_dir);
	if (has_pins(path))
		return 0;
	instance_path(run_dir, path, size);
	if (system && has_pins(path))
		return 0;
	if (!system)
		return own_bpffs(run_dir, make, path, size);
	if (!make)
		return access(path, F_OK) ? -ENOENT : 0;
	return mkdir(path, 0700) && errno != EEXIST ? -errno : 0;
}

static void folder_empty(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	char child[512];

	if (!dir)
		return;
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(child, sizeof(child), "%s/%s", path, entry->d_name);
		if (entry->d_type == DT_DIR) {
			folder_empty(child);
			rmdir(child);
		} else {
			unlink(child);
		}
	}
	closedir(dir);
}

void pins_prune(const char *path, const char *keep)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	char child[512];

	if (!dir)
		return;
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] != 'v' || !strcmp(entry->d_name, keep))
			continue;
		snprintf(child, sizeof(child), "%s/%s", path, entry->d_name);
		folder_empty(child);
		rmdir(child);
	}
	closedir(dir);
}

void pins_remove(const char *run_dir, const char *path)
{
	char own[512];

	folder_empty(path);
	snprintf(own, sizeof(own), "%s/bpf", run_dir);
	if (strcmp(own, path))
		rmdir(path);
	if (is_bpffs(own))
		umount2(own, MNT_DETACH);
	rmdir(own);
	snprintf(own, sizeof(own), "%s/links", run_dir);
	unlink(own);
}
