// SPDX-License-Identifier: GPL-2.0-or-later
#include "note.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cgroup.h"
#include "core/base/file.h"
#include "core/base/mem.h"

uint64_t note_start_time(pid_t pid)
{
	mem_auto char *path = mem_printf("/proc/%d/stat", pid);
	mem_auto char *text = NULL;
	uint64_t value = 0;
	char *at;

	if (file_read(path, 4096, &text, NULL))
		return 0;
	at = strrchr(text, ')'); /* the name may hold anything */
	if (!at || at[1] != ' ' || at[2] == 'Z')
		return 0;
	for (int field = 2; at && field < 22; field++)
		at = strchr(at + 1, ' ');
	if (at)
		value = strtoull(at + 1, NULL, 10);
	return value;
}

void note_write(const char *path, const struct note *note)
{
	mem_auto char *text =
		mem_printf("%d %" PRIu64 " %" PRIx64 " %d %s\n", note->pid, note->started,
			   note->version, note->ready, *note->cgroup ? note->cgroup : "-");

	file_write(path, text, strlen(text), 0600);
}

int note_read(const char *path, struct note *note)
{
	mem_auto char *text = NULL;
	struct note n = {0};
	int ready;

	if (file_read(path, 512, &text, NULL) ||
	    sscanf(text, "%d %" SCNu64 " %" SCNx64 " %d %191s", &n.pid, &n.started, &n.version,
		   &ready, n.cgroup) != 5)
		return -ESRCH;
	n.ready = ready;
	if (!strcmp(n.cgroup, "-"))
		n.cgroup[0] = '\0';
	if (n.pid <= 1 || !n.started || note_start_time(n.pid) != n.started)
		return -ESRCH;
	if (*n.cgroup && !cgroup_has(n.cgroup, n.pid))
		return -ESRCH;
	*note = n;
	return 0;
}

/* "/usr/sbin/NAME (deleted)": what readlink says of a file without a name (proc(5)) */
bool note_program_is_gone(pid_t pid)
{
	static const char mark[] = " (deleted)";
	mem_auto char *path = mem_printf("/proc/%d/exe", pid);
	char target[4096];
	ssize_t length = readlink(path, target, sizeof(target));

	return length > (ssize_t)sizeof(mark) - 1 &&
	       !memcmp(target + length - (sizeof(mark) - 1), mark, sizeof(mark) - 1);
}
