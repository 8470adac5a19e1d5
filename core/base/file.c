// SPDX-License-Identifier: GPL-2.0-or-later
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"

static int write_all(int fd, const char *data, size_t size)
{
	while (size) {
		ssize_t n = write(fd, data, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		data += n;
		size -= n;
	}
	return 0;
}

/* close() reports what a network file system noticed late. */
static int write_synced(const char *path, const void *data, size_t size, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
	int err;

	if (fd < 0)
		return -errno;
	err = fchmod(fd, mode) ? -errno : write_all(fd, data, size);
	if (!err && fsync(fd))
		err = -errno;
	if (close(fd) && !err)
		err = -errno;
	return err;
}

/*
 * Makes a rename or removal last. Where it fails the change is in place all the same, and a power
 * cut leaves the old file or the new one: that is the promise, and no reason to call it a failure.
 */
static void folder_sync(const char *path)
{
	mem_auto char *copy = mem_strdup(path);
	int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return;
	fsync(fd);
	close(fd);
}

int file_write(const char *path, const void *data, size_t size, mode_t mode)
{
	mem_auto char *temporary = mem_printf("%s.tmp", path);
	int err = write_synced(temporary, data, size, mode);

	if (!err && rename(temporary, path))
		err = -errno;
	if (err) {
		unlink(temporary);
		return err;
	}
	folder_sync(path);
	return 0;
}

int file_read(const char *path, size_t limit, char **data, size_t *size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *text = NULL;
	size_t length = 0;
	ssize_t n;

	if (fd < 0)
		return -errno;
	do {
		text = realloc(text, length + 65537);
		if (!text)
			abort();
		n = read(fd, text + length, 65536);
		if (n > 0)
			length += n;
	} while ((n > 0 && length <= limit) || (n < 0 && errno == EINTR));
	close(fd);
	if (n < 0 || length > limit) {
		free(text);
		return n < 0 ? -errno : -EFBIG;
	}
	text[length] = '\0';
	*data = text;
	if (size)
		*size = length;
	return 0;
}

int file_make_folders(const char *path, mode_t mode)
{
	mem_auto char *copy = mem_strdup(path);

	for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(copy, 0755) && errno != EEXIST)
			return -errno;
		*slash = '/';
	}
	return mkdir(copy, mode) && errno != EEXIST ? -errno : 0;
}

int file_remove(const char *path)
{
	if (unlink(path))
		return errno == ENOENT ? 0 : -errno;
	folder_sync(path);
	return 0;
}
