// SPDX-License-Identifier: GPL-2.0-or-later
#include "ring.h"

#include <errno.h>
#include <linux/bpf.h>
#include <sys/mman.h>
#include <unistd.h>

int ring_open(struct ring_reader *ring, int fd, size_t size)
{
	size_t page = sysconf(_SC_PAGESIZE);
	void *consumer = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	void *producer = mmap(NULL, page + 2 * size, PROT_READ, MAP_SHARED, fd, page);

	if (consumer == MAP_FAILED || producer == MAP_FAILED)
		return -errno;
	*ring = (struct ring_reader){
		.fd = fd,
		.consumer = consumer,
		.producer = producer,
		.data = (const uint8_t *)producer + page,
		.mask = size - 1,
	};
	return 0;
}

static unsigned long step(uint32_t header)
{
	uint32_t length = header & ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);

	return (length + BPF_RINGBUF_HDR_SZ + 7) / 8 * 8;
}

static const uint32_t *header_at(const struct ring_reader *ring)
{
	return (const uint32_t *)(ring->data + (*ring->consumer & ring->mask));
}

void ring_release(struct ring_reader *ring)
{
	__atomic_store_n(ring->consumer, *ring->consumer + step(*header_at(ring)),
			 __ATOMIC_RELEASE);
}

bool ring_waits(const struct ring_reader *ring)
{
	return *ring->consumer != __atomic_load_n(ring->producer, __ATOMIC_ACQUIRE);
}

const void *ring_next(struct ring_reader *ring, uint32_t *length)
{
	while (ring_waits(ring)) {
		const uint32_t *at = header_at(ring);
		uint32_t header = __atomic_load_n(at, __ATOMIC_ACQUIRE);

		if (header & BPF_RINGBUF_BUSY_BIT)
			return NULL;
		if (!(header & BPF_RINGBUF_DISCARD_BIT)) {
			*length = header;
			return (const uint8_t *)at + BPF_RINGBUF_HDR_SZ;
		}
		ring_release(ring);
	}
	return NULL;
}
