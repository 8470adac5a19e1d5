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

/* Reads at most `limit` octets into new memory, with a zero octet behind. -EFBIG when longer. */
int file_read(const char *path, size_t limit, char **data, size_t *size);

/* Makes the folder and its parents. */
int file_make_folders(const char *path, mode_t mode);

/* Removes a file for good: unlink, and sync of its folder. 0 also when there is none. */
int file_remove(const char *path);
