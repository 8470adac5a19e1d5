/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whoever connects to the socket of a capture gets it as a stream of pcapng, from now on. Who reads
 * too slowly misses frames, and is told how many.
 */
#pragma once

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LIVE_MAX = 8, LIVE_HOLD = 1 << 20 /* octets that wait for one reader */ };

struct live_client {
	int fd;
	uint8_t *held;
	size_t from, to;
	uint64_t lost;
};

struct live {
	int fd;
	struct live_client client[LIVE_MAX];
	unsigned count;
	const uint8_t *head;
	size_t head_size;
};

/* A socket of that name in the working folder. head: what each stream begins with, borrowed. */
int live_start(struct live *live, const char *path, const uint8_t *head, size_t head_size);

/* Descriptors to wait for, LIVE_MAX + 1 at most; how many. */
unsigned live_poll(const struct live *live, struct pollfd *fd);

/* After poll(2): takes who comes, sends what waits, lets go of who left. */
void live_serve(struct live *live, const struct pollfd *fd, unsigned count);

void live_put(struct live *live, const uint8_t *block, size_t size);
void live_put_one(struct live *live, unsigned client, const uint8_t *block, size_t size);

/* Sends what waits, as far as it is taken. */
void live_flush(struct live *live);
