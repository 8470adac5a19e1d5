/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Outer packets that are longer than their path, in pieces (RFC 791 3.2, RFC 8200 4.5). BPF only.
 * Of two clones the first becomes the first piece, and the second what is left; that goes in again
 * where it is still too long.
 */
#pragma once

#include "copier.h"
#include "erspan.h"

enum { FRAGMENT_HEADER = 8, GRE = 47, MORE4 = 0x2000 };

static __always_inline void checksum4_write(__u8 *ip)
{
	__u32 sum = 0;

	put16(ip + 10, 0);
#pragma unroll
	for (int i = 0; i < 20; i += 2)
		sum += PARSE_16(ip + i);
	put16(ip + 10, outer_checksum(sum));
}

/* What is left of the packet leaves, or goes in again. */
static __always_inline int fragment_rest(struct xdp_md *ctx, struct copy_label *label)
{
	if (linear_length(ctx) <= label->detail + ETHERNET)
		return copy_send(label->port);
	return copy_twice(ctx, label);
}

static __always_inline int fragment4(struct xdp_md *ctx, struct copy_label *label)
{
	__u8 *data = (void *)(long)ctx->data, outer[OUTER4];
	__u32 length = linear_length(ctx), piece = (label->detail - 20) & ~7;
	__u16 place;

	if ((void *)data + OUTER4 > (void *)(long)ctx->data_end || length < OUTER4 + piece)
		return XDP_DROP;
	copy_octets(outer, data, OUTER4);
	place = PARSE_16(outer + 20);
	if (label->second ? bpf_xdp_adjust_head(ctx, piece)
			  : bpf_xdp_adjust_tail(ctx, (int)(OUTER4 + piece) - (int)length))
		return XDP_DROP;
	put16(outer + 20, label->second ? place + piece / 8 : place | MORE4);
	put16(outer + 16, label->second ? length - ETHERNET - piece : 20 + piece);
	checksum4_write(outer + ETHERNET);
	data = (void *)(long)ctx->data;
	if ((void *)data + OUTER4 > (void *)(long)ctx->data_end)
		return XDP_DROP;
	copy_octets(data, outer, OUTER4);
	return label->second ? fragment_rest(ctx, label) : copy_send(label->port);
}

static __always_inline int fragment6(struct xdp_md *ctx, struct copy_label *label)
{
	__u8 *data = (void *)(long)ctx->data, outer[OUTER6 + FRAGMENT_HEADER];
	__u32 length = linear_length(ctx), piece = (label->detail - 48) & ~7, payload;
	int grow = FRAGMENT_HEADER;
	__u16 place = 0;

	if ((void *)data + sizeof(outer) > (void *)(long)ctx->data_end)
		return XDP_DROP;
	copy_octets(outer, data, sizeof(outer));
	if (outer[20] == 44) {
		grow = 0;
		place = PARSE_16(outer + OUTER6 + 2) & 0xfff8;
	}
	payload = length - OUTER6 - (FRAGMENT_HEADER - grow);
	if (payload < piece || payload > 0xffff)
		return XDP_DROP;
	if (!label->second && bpf_xdp_adjust_tail(ctx, (int)piece - (int)payload))
		return XDP_DROP;
	if (bpf_xdp_adjust_head(ctx, label->second ? (int)piece - grow : -grow))
		return XDP_DROP;
	payload = label->second ? payload - piece : piece;
	place = label->second ? place + piece : place | 1; /* M */
	put16(outer + 18, payload + FRAGMENT_HEADER);
	outer[20] = 44;
	put16(outer + OUTER6, GRE << 8);
	put16(outer + OUTER6 + 2, place);
	put32(outer + OUTER6 + 4, label->stamp);
	data = (void *)(long)ctx->data;
	if ((void *)data + sizeof(outer) > (void *)(long)ctx->data_end)
		return XDP_DROP;
	copy_octets(data, outer, sizeof(outer));
	return label->second ? fragment_rest(ctx, label) : copy_send(label->port);
}

__attribute__((noinline)) int fragment_serve(struct xdp_md *ctx, struct copy_label *label)
{
	const __u8 *data = (void *)(long)ctx->data;

	if (!label || (void *)data + ETHERNET > (void *)(long)ctx->data_end)
		return XDP_DROP;
	return PARSE_16(data + 12) == 0x0800 ? fragment4(ctx, label) : fragment6(ctx, label);
}
