/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The reader's end of a BPF ring buffer (Linux, Documentation/bpf/ringbuf.rst), by memory alone: no
 * system call of bpf(2), which needs privileges on some kernels.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct ring_reader {
	int fd;
	uint64_t *consumer;
	const uint64_t *producer;
	const uint8_t *data; /* twice behind each other, so that no record is cut */
	uint64_t mask;
};

/* size: octets of the ring, a power of two. 0 or a negative errno. */
int ring_open(struct ring_reader *ring, int fd, size_t size);

/* The next record and its length, or NULL; it is there until ring_release(). */
const void *ring_next(struct ring_reader *ring, uint32_t *length);
void ring_release(struct ring_reader *ring);
