/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frames into the rings of captures. BPF only; needs bpf_xdp_load_bytes() of Linux 5.18.
 */
#pragma once

#include "classify.h"

/*
 * A record of a size that the verifier knows, with what is to be kept of the frame: 1 to `room`
 * octets, a power of two, so that a mask says it to kernels that take no comparison for it. 0: it
 * is in.
 */
static __always_inline int record_write(struct xdp_md *ctx, void *ring, __u32 room,
					const struct capture_record *head)
{
	struct capture_record *to = bpf_ringbuf_reserve(ring, sizeof(*to) + room, 0);
	__u32 keep = head->captured - 1;

	if (!to)
		return -1;
	*to = *head;
	keep &= room - 1;
	asm volatile("" : "+r"(keep));
	if (bpf_xdp_load_bytes(ctx, 0, to + 1, (keep & (room - 1)) + 1)) {
		bpf_ringbuf_discard(to, 0);
		return -1;
	}
	bpf_ringbuf_submit(to, 0);
	return 0;
}

static __always_inline int record_put(struct xdp_md *ctx, void *ring,
				      const struct capture_record *head)
{
	if (head->captured <= 128)
		return record_write(ctx, ring, 128, head);
	if (head->captured <= 512)
		return record_write(ctx, ring, 512, head);
	if (head->captured <= 2048)
		return record_write(ctx, ring, 2048, head);
	return record_write(ctx, ring, CAPTURE_SNAP_MAX, head);
}

__attribute__((noinline)) int capture_one(struct xdp_md *ctx, __u32 bank, __u32 number, __u32 port,
					  __u32 length)
{
	const struct image *img = bpf_map_lookup_elem(&fer_image, &bank);
	struct capture_record head = {.length = length, .captured = length, .port = port};
	const struct image_capture *capture;
	struct capture_counters *counts;
	__u32 slot;
	void *ring;

	/* a function is checked also where nobody calls it */
	if (!has_buff_len || !img)
		return 0;
	capture = &img->capture[number & (CAPTURES_MAX - 1)];
	slot = capture->slot;
	if (capture->snap < head.captured)
		head.captured = capture->snap;
	ring = bpf_map_lookup_elem(&fer_rings, &slot);
	counts = bpf_map_lookup_elem(&fer_captures, &slot);
	if (!ring || !counts)
		return 0;
	head.stamp = bpf_ktime_get_ns();
	head.lost = counts->lost[port & 1];
	__sync_fetch_and_add(&counts->packets, 1);
	__sync_fetch_and_add(&counts->bytes, length);
	if (record_put(ctx, ring, &head))
		__sync_fetch_and_add(&counts->lost[port & 1], 1);
	return 0;
}

static __always_inline void capture_frame(struct xdp_md *ctx, __u32 bank, __u32 wanted, __u32 port,
					  __u32 length)
{
	for (int i = 0; i < CAPTURES_MAX && wanted; i++) {
		__u32 number = lowest(wanted);

		capture_one(ctx, bank, number, port, length);
		wanted &= wanted - 1;
	}
}
