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
	uid_t uid = fer_user_id(user);
	int err = file_make_folders(path, 0755);

	if (err)
		return err;
	if (chown(path, uid, fer_group_id(user)) || chmod(path, mode))
		return -errno;
	return 0;
}

int fer_file_write(const char *path, const void *data, size_t size, mode_t mode, const char *user)
{
	mem_auto char *made = mem_printf("%s.new", path);
	uid_t uid = fer_user_id(user);
	int err;

	if (!user)
		return file_write(path, data, size, mode);
	/* its owner before its name: nobody finds a file that he cannot read */
	err = file_write(made, data, size, mode);
	if (err)
		return err;
	if (chown(made, uid, fer_group_id(user)) || rename(made, path)) {
		err = -errno;
		unlink(made);
	}
	return err;
}

int fer_file_read(const char *path, size_t limit, char **data, size_t *size)
{
	return file_read(path, limit, data, size);
}

void fer_folder_prune(const char *path, int (*keep)(void *arg, const char *name), void *arg)
{
	DIR *dir = opendir(path);
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.' && entry->d_type != DT_DIR && !keep(arg, entry->d_name))
			unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir)
		closedir(dir);
}
