// SPDX-License-Identifier: GPL-2.0-or-later
#include "files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void path_of(const struct files *f, unsigned number, char path[128])
{
	snprintf(path, 128, "%s-%04u.pcapng", f->name, number);
}

static unsigned number_of(const struct files *f, const char *entry)
{
	size_t length = strlen(f->name);
	unsigned number;
	char *rest;

	if (strncmp(entry, f->name, length) || entry[length] != '-')
		return 0;
	/* a name may have a dash and figures of its own */
	number = strtoul(entry + length + 1, &rest, 10);
	return strcmp(rest, ".pcapng") ? 0 : number;
}

void files_start(struct files *f)
{
	DIR *dir = opendir(".");
	struct dirent *entry;

	f->fd = -1;
	while (dir && (entry = readdir(dir)))
		if (number_of(f, entry->d_name) > f->number)
			f->number = number_of(f, entry->d_name);
	if (dir)
		closedir(dir);
}

/* Whatever number the oldest has: the count may have been another one. */
static void oldest_remove(const struct files *f)
{
	DIR *dir = opendir(".");
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		unsigned number = number_of(f, entry->d_name);

		if (number && number + f->count <= f->number)
			unlink(entry->d_name);
	}
	if (dir)
		closedir(dir);
}

/* All of it or nothing. */
static int write_whole(struct files *f, const void *data, size_t size)
{
	size_t done = 0;

	while (done < size) {
		ssize_t n = write(f->fd, (const uint8_t *)data + done, size - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			int err = n ? -errno : -ENOSPC;

			if (ftruncate(f->fd, f->written) || lseek(f->fd, f->written, SEEK_SET) < 0)
				err = -errno;
			return err;
		}
		done += n;
	}
	f->written += size;
	return 0;
}

static int next_open(struct files *f, const void *head, size_t head_size)
{
	char path[128];
	int err;

	if (f->fd >= 0)
		close(f->fd);
	f->number++;
	oldest_remove(f);
	path_of(f, f->number, path);
	f->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
	if (f->fd < 0) {
		err = -errno;
		f->number--;
		return err;
	}
	f->written = 0;
	err = write_whole(f, head, head_size);
	if (!err)
		return 0;
	close(f->fd);
	unlink(path);
	f->fd = -1;
	f->number--;
	return err;
}

static void buffer_write(struct files *f)
{
	int err = f->held ? write_whole(f, f->buffer, f->held) : 0;

	if (err) {
		f->err = err;
		f->dropped += f->blocks;
	}
	f->held = 0;
	f->blocks = 0;
}

unsigned files_flush(struct files *f)
{
	unsigned dropped;

	buffer_write(f);
	dropped = f->dropped;
	f->dropped = 0;
	return dropped;
}

int files_put(struct files *f, const void *head, size_t head_size, const void *block, size_t size)
{
	int err = 0;

	if (f->held + size > sizeof(f->buffer))
		buffer_write(f);
	if (f->fd < 0 || f->written + f->held + size > f->size) {
		buffer_write(f);
		err = next_open(f, head, head_size);
	}
	if (err)
		return err;
	memcpy(f->buffer + f->held, block, size);
	f->held += size;
	f->blocks++;
	return 0;
}
