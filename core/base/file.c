// SPDX-License-Identifier: GPL-2.0-or-later
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
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

/* ---- the way to a file ---- */

/* Nobody else can have put a link there. */
static bool is_own(int folder)
{
	struct stat st;

	return !fstat(folder, &st) && (!st.st_uid || st.st_uid == geteuid()) && !(st.st_mode & 022);
}

/* One step further; takes `folder`. */
static int step(int folder, const char *name)
{
	int next = openat(folder, name, O_PATH | O_NOFOLLOW | O_CLOEXEC), err = -errno;
	struct stat st;

	if (next >= 0 && !fstat(next, &st) && S_ISLNK(st.st_mode)) {
		close(next);
		next = is_own(folder) ? openat(folder, name, O_PATH | O_CLOEXEC) : -1;
		err = next < 0 && is_own(folder) ? -errno : -ELOOP;
	}
	close(folder);
	return next < 0 ? err : next;
}

int file_folder_open(const char *path)
{
	mem_auto char *copy = mem_strdup(path);
	int fd = open(*path == '/' ? "/" : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	char *save = NULL;

	if (fd < 0)
		return -errno;
	for (char *name = strtok_r(copy, "/", &save); name && fd >= 0;
	     name = strtok_r(NULL, "/", &save))
		fd = step(fd, name);
	return fd;
}

/* The folder of a file; *name: what it is called there, within `path`. */
static int parent_open(const char *path, const char **name)
{
	const char *slash = strrchr(path, '/');
	mem_auto char *folder = slash ? mem_strndup(path, slash - path + 1) : mem_strdup(".");

	*name = slash ? slash + 1 : path;
	return file_folder_open(folder);
}

/* ---- writing ---- */

/* close() reports what a network file system noticed late. What has that name already is somebody's
 * left-over, or a trap. */
static int write_synced(int folder, const char *name, const void *data, size_t size, mode_t mode,
			const struct file_owner *owner)
{
	int fd, err = 0;

	unlinkat(folder, name, 0);
	fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
	if (fd < 0)
		return -errno;
	if ((owner && fchown(fd, owner->user, owner->group)) || fchmod(fd, mode))
		err = -errno;
	if (!err)
		err = write_all(fd, data, size);
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
static void folder_sync(int folder)
{
	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return;
	fsync(fd);
	close(fd);
}

int file_write_as(const char *path, const void *data, size_t size, mode_t mode,
		  const struct file_owner *owner)
{
	const char *name;
	int folder = parent_open(path, &name), err;
	mem_auto char *temporary = mem_printf(".%s.tmp", name);

	if (folder < 0)
		return folder;
	err = write_synced(folder, temporary, data, size, mode, owner);
	if (!err && renameat(folder, temporary, folder, name))
		err = -errno;
	if (err)
		unlinkat(folder, temporary, 0);
	else
		folder_sync(folder);
	close(folder);
	return err;
}

int file_write(const char *path, const void *data, size_t size, mode_t mode)
{
	return file_write_as(path, data, size, mode, NULL);
}

/* ---- reading ---- */

/* What a shell hands over as a file, <(...), waits for its writer; nobody else's pipe is waited
 * for, as it may never come. */
int file_open(const char *path)
{
	bool handed = !strncmp(path, "/dev/", 5) || !strncmp(path, "/proc/self/fd/", 14);
	int fd = open(path, O_RDONLY | O_CLOEXEC | (handed ? 0 : O_NONBLOCK | O_NOCTTY));
	struct stat st;

	if (fd < 0)
		return -errno;
	if (!fstat(fd, &st) && (S_ISREG(st.st_mode) || handed))
		return fd;
	close(fd);
	return S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL;
}

int file_read(const char *path, size_t limit, char **data, size_t *size)
{
	int fd = file_open(path);
	char *text = NULL;
	size_t length = 0;
	ssize_t n;

	if (fd < 0)
		return fd;
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
	const char *name;
	int folder = parent_open(path, &name), err;

	if (folder < 0)
		return folder == -ENOENT ? 0 : folder;
	err = unlinkat(folder, name, 0) ? -errno : 0;
	if (!err)
		folder_sync(folder);
	close(folder);
	return err == -ENOENT ? 0 : err;
}
