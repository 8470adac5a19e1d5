/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Octets in network byte order, as the verifier likes them. BPF only. */
#pragma once

#include <linux/types.h>
#include <bpf/bpf_helpers.h>

static __always_inline void put16(__u8 *at, __u16 value)
{
	at[0] = value >> 8;
	at[1] = value;
}

static __always_inline void put32(__u8 *at, __u32 value)
{
	put16(at, value >> 16);
	put16(at + 2, value);
}

/* Two by two: octets one by one need more registers than there are. n is even. */
static __always_inline void copy_octets(__u8 *to, const __u8 *from, int n)
{
#pragma unroll
	for (int i = 0; i < n; i += 2)
		*(__u16 *)(to + i) = *(const __u16 *)(from + i);
}

static __always_inline void swap(__u8 *a, __u8 *b, int n)
{
#pragma unroll
	for (int i = 0; i < n; i++) {
		__u8 t = a[i];

		a[i] = b[i];
		b[i] = t;
	}
}
