// SPDX-License-Identifier: GPL-2.0-or-later
#include "origin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/mem.h"

enum { ANCESTORS = 32, ENVIRONMENT_MAX = 256 << 10 /* octets */ };

/* "CLIENT PORT SERVER PORT", as sshd(8) has it. */
static char *server_of(const char *connection)
{
	char server[64];

	return sscanf(connection, "%*s %*s %63s", server) == 1 ? mem_strdup(server) : NULL;
}

static char *search(const char *environment, size_t size)
{
	static const char name[] = "SSH_CONNECTION=";

	for (size_t at = 0; at < size; at += strlen(environment + at) + 1)
		if (!strncmp(environment + at, name, sizeof(name) - 1))
			return server_of(environment + at + sizeof(name) - 1);
	return NULL;
}

/* "PID (NAME) STATE PARENT ..." (proc(5)) */
static pid_t parent_of(pid_t pid)
{
	mem_auto char *path = mem_printf("/proc/%d/stat", pid);
	mem_auto char *text = NULL;
	const char *behind;
	int parent;

	if (file_read(path, 4096, &text, NULL))
		return 0;
	behind = strrchr(text, ')');
	return behind && sscanf(behind, ") %*c %d", &parent) == 1 ? parent : 0;
}

/* sudo and su forget it; those above them know. */
char *origin_address(void)
{
	const char *own = getenv("SSH_CONNECTION");
	pid_t pid = getppid();
	char *found = own ? server_of(own) : NULL;

	for (int i = 0; !found && pid > 1 && i < ANCESTORS; i++, pid = parent_of(pid)) {
		mem_auto char *path = mem_printf("/proc/%d/environ", pid);
		mem_auto char *text = NULL;
		size_t size;

		if (!file_read(path, ENVIRONMENT_MAX, &text, &size))
			found = search(text, size);
	}
	return found;
}
