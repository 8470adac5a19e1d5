// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * wireguard-go 0.0.20220316 leaves its UDP sockets at the system's default buffer (208 KiB), which
 * a burst overflows before the program is scheduled again: each retransmit at the far end was a
 * datagram dropped there. The sockets are fetched from the process (pidfd_getfd(2), Linux 5.6) and
 * given room: no setting of the machine is changed.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "internal.h"

static bool is_udp(int fd)
{
	int value = 0;
	socklen_t size = sizeof(value);

	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &value, &size) || value != SOCK_DGRAM)
		return false;
	size = sizeof(value);
	return !getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &value, &size) &&
	       (value == AF_INET || value == AF_INET6);
}

static bool grow(int fd, int name, int forced, int octets)
{
	int now = 0;
	socklen_t size = sizeof(now);

	/* the kernel counts its own bookkeeping, and so tells twice what was asked for */
	if (getsockopt(fd, SOL_SOCKET, name, &now, &size) || now >= 2 * octets)
		return false;
	return !setsockopt(fd, SOL_SOCKET, forced, &octets, sizeof(octets));
}

static int grow_one(int pidfd, int number, int octets)
{
	int fd = syscall(SYS_pidfd_getfd, pidfd, number, 0);
	bool grown = false;

	if (fd < 0)
		return errno == ENOSYS || errno == EPERM ? -errno : 0;
	if (is_udp(fd)) {
		grown = grow(fd, SO_RCVBUF, SO_RCVBUFFORCE, octets);
		grown = grow(fd, SO_SNDBUF, SO_SNDBUFFORCE, octets) || grown;
	}
	close(fd);
	return grown;
}

int sockets_grow(pid_t pid, int octets)
{
	int pidfd = syscall(SYS_pidfd_open, pid, 0), count = 0, one = 0;
	struct dirent *entry;
	char path[64];
	DIR *folder;

	if (pidfd < 0)
		return -errno;
	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	folder = opendir(path);
	while (folder && one >= 0 && (entry = readdir(folder))) {
		if (*entry->d_name == '.')
			continue;
		one = grow_one(pidfd, atoi(entry->d_name), octets);
		count += one;
	}
	if (folder)
		closedir(folder);
	close(pidfd);
	return one < 0 ? one : count;
}

/* "sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode ref pointer drops" */
static uint64_t drops_of(const char *path, uint16_t port)
{
	FILE *file = fopen(path, "re");
	unsigned long long drops, sum = 0;
	unsigned local;
	char line[320];

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "%*d: %*[0-9A-F]:%x %*s %*x %*s %*s %*s %*d %*d %*d %*d %*s %llu",
			   &local, &drops) == 2 &&
		    local == port)
			sum += drops;
	if (file)
		fclose(file);
	return sum;
}

uint64_t sockets_drops(uint16_t port)
{
	return drops_of("/proc/net/udp", port) + drops_of("/proc/net/udp6", port);
}
