// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/api/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/api/service.h"
#include "core/base/file.h"
#include "core/base/mem.h"

int fer_folder_make(const char *path, mode_t mode, const char *user)
{
	int err = file_make_folders(path, 0755);
	int at = err ? err : file_folder_open(path);
	int fd = at < 0 ? at : openat(at, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (at < 0)
		return at;
	err = fd < 0 || fchown(fd, fer_user_id(user), fer_group_id(user)) || fchmod(fd, mode)
		      ? -errno
		      : 0;
	if (fd >= 0)
		close(fd);
	close(at);
	return err;
}

int fer_file_write(const char *path, const void *data, size_t size, mode_t mode, const char *user)
{
	const struct file_owner owner = {fer_user_id(user), fer_group_id(user)};

	return file_write_as(path, data, size, mode, user ? &owner : NULL);
}

FILE *fer_file_open(const char *path)
{
	int fd = file_open(path);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "r");

	if (fd < 0)
		errno = -fd;
	else if (!file)
		close(fd);
	return file;
}

int fer_file_read(const char *path, size_t limit, char **data, size_t *size)
{
	return file_read(path, limit, data, size);
}

void fer_folder_prune(const char *path, int (*keep)(void *arg, const char *name), void *arg)
{
	int at = file_folder_open(path);
	int fd = at < 0 ? -1 : openat(at, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (at >= 0)
		close(at);
	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.' && entry->d_type != DT_DIR && !keep(arg, entry->d_name))
			unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir)
		closedir(dir);
}
