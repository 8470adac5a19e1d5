/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files that survive a power cut: after it there is the old content or the new, never half.
 */
#pragma once

#include <stddef.h>
#include <sys/types.h>

/*
 * Writes path.tmp, syncs it, renames it over path, syncs the folder. 0 or a negative errno; on an
 * error the old file stands as it was and no path.tmp is left.
 */
int file_write(const char *path, const void *data, size_t size, mode_t mode);

struct file_owner {
	uid_t user;
	gid_t group;
};

/* The same, and it belongs to them (NULL: to us) before it has its name. */
int file_write_as(const char *path, const void *data, size_t size, mode_t mode,
		  const struct file_owner *owner);

/*
 * A descriptor (O_PATH) of the folder, or a negative errno. A symbolic link on the way is followed
 * only where nobody else may have put it (-ELOOP): daemons own folders below ours, and root must
 * not be led out of them. All that writes or removes a file goes this way.
 */
int file_folder_open(const char *path);

/* For reading: a regular file, or a negative errno. Never waits for the writer of a pipe. */
int file_open(const char *path);

/* Reads at most `limit` octets into new memory, with a zero octet behind. -EFBIG when longer. */
int file_read(const char *path, size_t limit, char **data, size_t *size);

/* Makes the folder and its parents. */
int file_make_folders(const char *path, mode_t mode);

/* Removes a file for good: unlink, and sync of its folder. 0 also when there is none. */
int file_remove(const char *path);
