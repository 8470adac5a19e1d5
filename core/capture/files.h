/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A ring of files: NAME-0001.pcapng and so on, of which the last `count` are kept. What does not
 * fit on the disk is counted, and no file ends in the middle of a block.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct files {
	const char *name;
	unsigned count;
	uint64_t size; /* octets of each, at most */

	int fd; /* -1: none is open */
	unsigned number;
	uint64_t written;
	int err;	  /* why a block was dropped last */
	unsigned dropped; /* blocks, that nobody was told of */
	uint8_t buffer[65536];
	size_t held;
	unsigned blocks; /* in the buffer */
};

/* In the working folder; goes on behind what is there. */
void files_start(struct files *files);

/* A block of a file that begins with `head`. 0, or a negative errno: it is dropped. */
int files_put(struct files *files, const void *head, size_t head_size, const void *block,
	      size_t size);

/* What is held goes out: whoever reads the file sees it. How many blocks were dropped since the
 * last time, beside those that files_put() refused. */
unsigned files_flush(struct files *files);
