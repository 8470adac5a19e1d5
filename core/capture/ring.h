/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The reader's end of a BPF ring buffer (Linux, Documentation/bpf/ringbuf.rst), by memory alone: no
 * system call of bpf(2), which needs privileges on some kernels.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ring_reader {
	int fd;
	unsigned long *consumer; /* as wide as the kernel's */
	const unsigned long *producer;
	const uint8_t *data; /* twice behind each other, so that no record is cut */
	unsigned long mask;
};

/* size: octets of the ring, a power of two. 0 or a negative errno. */
int ring_open(struct ring_reader *ring, int fd, size_t size);

/* The next record and its length, or NULL; it is there until ring_release(). */
const void *ring_next(struct ring_reader *ring, uint32_t *length);
/* There is one. */
bool ring_waits(const struct ring_reader *ring);
void ring_release(struct ring_reader *ring);
