// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A program that writes packets to a tun device one by one has each of them go up by itself, and
 * be acknowledged by itself. Held for some microseconds, those of one connection are one for all
 * that comes: filters, the connection's own code, and acknowledgements, which the program at the
 * other end would encrypt each (Documentation/networking/napi.rst of Linux, software IRQ
 * coalescing).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "link.h"

/* A sysfs that shows the interfaces of the namespace that we're in: the one that is mounted shows
 * those of whoever mounted it. Attached nowhere (Linux 5.2). */
static int sysfs_open(void)
{
	int context = fsopen("sysfs", FSOPEN_CLOEXEC), fd;

	if (context < 0)
		return -errno;
	if (fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		fd = -errno;
	else
		fd = fsmount(context, FSMOUNT_CLOEXEC, 0);
	if (fd == -1)
		fd = -errno;
	close(context);
	return fd;
}

static int attribute_write(int sysfs, const char *name, const char *what, unsigned value)
{
	char path[80], text[16];
	int fd, err = 0;

	snprintf(path, sizeof(path), "class/net/%.15s/%s", name, what);
	fd = openat(sysfs, path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	snprintf(text, sizeof(text), "%u", value);
	if (write(fd, text, strlen(text)) < 0)
		err = -errno;
	close(fd);
	return err;
}

int link_gather(const char *name, unsigned wait)
{
	int sysfs = sysfs_open(), err;

	if (sysfs < 0)
		return sysfs;
	err = attribute_write(sysfs, name, "gro_flush_timeout", wait * 1000); /* ns */
	/* once: it waits where there was something, and rests after a wait for nothing */
	if (!err)
		err = attribute_write(sysfs, name, "napi_defer_hard_irqs", wait ? 1 : 0);
	close(sysfs);
	return err;
}
