/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Token buckets, 100 ms deep. BPF only.
 */
#pragma once

#include "tables.h"

/*
 * Credits are what the limits are made of, without a division that would lose something:
 * kbit/s x ns = 10^-6 bit, frames/s x ns = 10^-9 frames. A limit of 0 is none. With `spare`, a
 * quarter of the bucket is left for others. 1: there was credit, and it is taken.
 */
static __always_inline int bucket_take(struct bucket *bucket, __u32 kbits, __u32 limit,
				       __u32 length, int spare)
{
	__s64 bits_max = (__s64)kbits * 100000000; /* 100 ms of it */
	__s64 packets_max = (__s64)limit * 100000000;
	__s64 bits = (__s64)length * 8000000, passed;
	__u64 now = bpf_ktime_get_ns();
	int ok = 1;

	/* low limits are for few frames, not for none */
	if (bits_max && bits_max < BUCKET_BITS_MIN)
		bits_max = BUCKET_BITS_MIN;
	if (packets_max && packets_max < BUCKET_PACKETS_MIN)
		packets_max = BUCKET_PACKETS_MIN;
	bpf_spin_lock(&bucket->lock);
	/* another CPU may have taken a later time before us */
	passed = now - bucket->stamp;
	if (passed < 0)
		passed = 0;
	else
		bucket->stamp = now;
	if (passed > 1000000000)
		passed = 1000000000;
	bucket->bits += passed * kbits;
	bucket->packets += passed * limit;
	if (bucket->bits > bits_max)
		bucket->bits = bits_max;
	if (bucket->packets > packets_max)
		bucket->packets = packets_max;
	if (bits_max && bucket->bits < bits + (spare ? bits_max / 4 : 0))
		ok = 0;
	if (packets_max && bucket->packets < 1000000000 + (spare ? packets_max / 4 : 0))
		ok = 0;
	/* what has no limit is not charged, or the debt would outlive the next commit */
	if (ok && bits_max)
		bucket->bits -= bits;
	if (ok && packets_max)
		bucket->packets -= 1000000000;
	bpf_spin_unlock(&bucket->lock);
	return ok;
}

/* The next number. Under the lock: fetching atomics are newer than arm64 with Linux 5.15. */
static __always_inline __u32 bucket_number(struct bucket *bucket)
{
	__u32 number;

	bpf_spin_lock(&bucket->lock);
	number = bucket->number++;
	bpf_spin_unlock(&bucket->lock);
	return number;
}
