/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files and folders of services: whole or not at all, and their user's.
 */
#pragma once

#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

/* Makes the folder and its parents; it belongs to the user (NULL: root). 0 or a negative errno. */
int fer_folder_make(const char *path, mode_t mode, const char *user);

/*
 * Replaces the file as a whole; a power cut leaves the old or the new one. It belongs to the user
 * (NULL: root). 0 or a negative errno, and the old file as it was.
 */
int fer_file_write(const char *path, const void *data, size_t size, mode_t mode, const char *user);

/* At most `limit` octets into new memory, with a zero octet behind. 0 or a negative errno. */
int fer_file_read(const char *path, size_t limit, char **data, size_t *size);

/* For reading: a regular file, or NULL and errno. Never waits for the writer of a pipe. */
FILE *fer_file_open(const char *path);

/* While a plan is made: it is made of that file as well, and made again when it changes. Elsewhere
 * it does nothing. */
void fer_file_used(const char *path);

/* The role has written it itself: that is no change which somebody else has made. */
void fer_file_written(const char *path);

/* Removes the files of a folder whose names `keep` does not want; no folders. */
void fer_folder_prune(const char *path, int (*keep)(void *arg, const char *name), void *arg);
