// SPDX-License-Identifier: GPL-2.0-or-later
#include "port.h"

#include <dirent.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/mem.h"
#include "ethtool.h"
#include "netlink.h"

static const char note_prefix[] = "port-";

static char *note_path(const char *name, const char *run_dir)
{
	return mem_printf("%s/%s%s", run_dir, note_prefix, name);
}

int port_check(const char *name, struct link_info *info, char holder[16])
{
	int err = netlink_link_get(name, info);

	if (err)
		return err;
	if (!info->master)
		return 0;
	if (!if_indextoname(info->master, holder))
		snprintf(holder, 16, "%u", info->master);
	return -EBUSY;
}

/* A run folder is seen from every network namespace; another one's port of the same name is not
 * ours. */
static unsigned long long netns_own(void)
{
	struct stat st;

	return stat("/proc/self/ns/net", &st) ? 0 : st.st_ino;
}

static void note_write(const char *name, const char *run_dir, const struct link_info *info)
{
	mem_auto char *path = note_path(name, run_dir);
	mem_auto char *text = mem_printf("up %d promiscuous %d disable_ipv6 %d netns %llu\n",
					 info->up, info->promiscuous,
					 netlink_sysctl6_get(name, "disable_ipv6"), netns_own());

	file_write(path, text, strlen(text), 0600);
}

static char *held_path(const char *name, const char *run_dir)
{
	return mem_printf("%s/held-%s", run_dir, name);
}

bool ports_are_elsewhere(const char *run_dir)
{
	unsigned long long netns = 0;
	bool elsewhere = false;
	DIR *dir = opendir(run_dir);
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		mem_auto char *path = mem_printf("%s/%s", run_dir, entry->d_name);
		mem_auto char *text = NULL;

		if (!strncmp(entry->d_name, note_prefix, sizeof(note_prefix) - 1) &&
		    !file_read(path, 256, &text, NULL) &&
		    sscanf(text, "up %*d promiscuous %*d disable_ipv6 %*d netns %llu", &netns) == 1)
			elsewhere = elsewhere || netns != netns_own();
	}
	if (dir)
		closedir(dir);
	return elsewhere;
}

bool port_held(const char *name, const char *run_dir)
{
	mem_auto char *path = held_path(name, run_dir);

	return !access(path, F_OK);
}

/* The note comes first, and goes last: whoever dies in between leaves no port down for nothing. */
int port_hold(const char *name, const char *run_dir)
{
	mem_auto char *path = held_path(name, run_dir);
	int err = file_write(path, "", 0, 0600);

	return err ? err : netlink_link_set(name, false, true);
}

int port_let_go(const char *name, const char *run_dir)
{
	mem_auto char *path = held_path(name, run_dir);
	int err = netlink_link_set(name, true, true);

	if (!err)
		unlink(path);
	return err;
}

bool port_is_claimed(const char *name, const char *run_dir)
{
	mem_auto char *note = note_path(name, run_dir);

	return !access(note, F_OK);
}

int port_claim(const char *name, const char *run_dir, bool *fresh)
{
	mem_auto char *note = note_path(name, run_dir);
	struct link_info info;
	int err = netlink_link_get(name, &info);

	if (err)
		return err;
	*fresh = access(note, F_OK);
	if (*fresh)
		note_write(name, run_dir, &info);
	/* before it is up: not one frame of the kernel's own */
	err = netlink_sysctl6(name, "disable_ipv6", 1);
	if (err)
		return err;
	ethtool_plain(name);
	if (port_held(name, run_dir) || (info.up && info.promiscuous))
		return 0;
	return netlink_link_set(name, true, true);
}

enum backend_tags port_tags(const char *name)
{
	struct link_info info;

	if (ethtool_strips_tags(name))
		return TAGS_BESIDE_ALWAYS;
	/* what the neighbour's end leaves to "hardware" arrives as it is */
	return !netlink_link_get(name, &info) && !strcmp(info.kind, "veth") ? TAGS_BESIDE
									    : TAGS_INSIDE;
}

void port_release(const char *name, const char *run_dir)
{
	mem_auto char *path = note_path(name, run_dir);
	mem_auto char *held = held_path(name, run_dir);
	mem_auto char *text = NULL;
	unsigned long long netns = netns_own();
	int up, promiscuous, disable_ipv6;

	if (file_read(path, 256, &text, NULL) ||
	    sscanf(text, "up %d promiscuous %d disable_ipv6 %d netns %llu", &up, &promiscuous,
		   &disable_ipv6, &netns) < 3 ||
	    netns != netns_own())
		return;
	unlink(held);
	netlink_link_set(name, up, promiscuous);
	if (disable_ipv6 >= 0)
		netlink_sysctl6(name, "disable_ipv6", disable_ipv6);
	unlink(path);
}

void port_release_others(const char *run_dir, const char *keep, const char *keep_too)
{
	DIR *dir = opendir(run_dir);
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		const char *name = entry->d_name + sizeof(note_prefix) - 1;

		if (strncmp(entry->d_name, note_prefix, sizeof(note_prefix) - 1))
			continue;
		if ((keep && !strcmp(name, keep)) || (keep_too && !strcmp(name, keep_too)))
			continue;
		port_release(name, run_dir);
	}
	if (dir)
		closedir(dir);
}
