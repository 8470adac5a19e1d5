/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A TCP segment becomes the RST that ends its connection, at one end or the other (RFC 9293
 * 3.5.2). Tags, addresses and extension headers stay as they are. BPF only.
 */
#pragma once

#include "copier.h"
#include "erspan.h"
#include "octets.h"
#include "parse.h"
#include "tcp.h"

/* What the RST says. */
struct reset {
	__u32 sequence;
	__u32 acknowledged;
	__u8 flags;
};

static __always_inline struct reset reset_make(const __u8 *tcp, __u32 payload, int back)
{
	__u32 sequence = PARSE_32(tcp + 4), acknowledged = PARSE_32(tcp + 8);
	__u8 flags = tcp[13];

	if (!back)
		return (struct reset){sequence, acknowledged, TCP_RST | (flags & TCP_ACK)};
	if (flags & TCP_ACK)
		return (struct reset){acknowledged, 0, TCP_RST};
	/* who sent it has heard nothing of the other yet: what it sent is acknowledged */
	sequence += payload + !!(flags & TCP_SYN) + !!(flags & TCP_FIN);
	return (struct reset){0, sequence, TCP_RST | TCP_ACK};
}

static __always_inline __u32 sum64(__u64 value)
{
	return (value >> 48) + (value >> 32 & 0xffff) + (value >> 16 & 0xffff) + (value & 0xffff);
}

/* Ports are as in the frame; the order of the pseudo header's addresses does not matter. */
static __always_inline void tcp_write(__u8 *tcp, const struct frame_fields *f,
				      const struct reset *reset)
{
	__u32 sum = TCP_HEADER + 6;

	put32(tcp + 4, reset->sequence);
	put32(tcp + 8, reset->acknowledged);
	put16(tcp + 12, TCP_HEADER / 4 << 12 | reset->flags);
	put32(tcp + 14, 0); /* window, checksum */
	put16(tcp + 18, 0);
	sum += sum64(f->source[0]) + sum64(f->source[1]) + sum64(f->destination[0]) +
	       sum64(f->destination[1]);
#pragma unroll
	for (int i = 0; i < TCP_HEADER; i += 2)
		sum += PARSE_16(tcp + i);
	put16(tcp + 16, outer_checksum(sum));
}

/* RFC 1624: a word of the IPv4 header changes */
static __always_inline void word4_put(__u8 *ip, __u32 at, __u16 value)
{
	__u32 sum = (__u16)~PARSE_16(ip + 10) + (__u16)~PARSE_16(ip + at) + value;

	put16(ip + at, value);
	put16(ip + 10, outer_checksum(sum));
}

static __always_inline int network4_write(struct xdp_md *ctx, __u32 at, __u32 header, int back)
{
	__u8 *ip = frame_at(ctx, at, 20);

	if (!ip)
		return -1;
	word4_put(ip, 2, header + TCP_HEADER);
	word4_put(ip, 6, 0x4000); /* whole, DF */
	word4_put(ip, 8, 64 << 8 | 6);
	if (back)
		swap(ip + 12, ip + 16, 4);
	return 0;
}

static __always_inline int network6_write(struct xdp_md *ctx, __u32 at, __u32 header, int back)
{
	__u8 *ip = frame_at(ctx, at, 40);

	if (!ip)
		return -1;
	put16(ip + 4, header - 40 + TCP_HEADER);
	ip[7] = 64;
	if (back)
		swap(ip + 8, ip + 24, 16);
	return 0;
}

/* Cut to its headers; what pads a short frame is zero. */
static __always_inline int reset_cut(struct xdp_md *ctx, __u32 transport)
{
	__u32 length = linear_length(ctx), to = transport + TCP_HEADER;
	__u8 *pad;

	if (to < FRAME_MIN)
		to = FRAME_MIN;
	if (to < length && bpf_xdp_adjust_tail(ctx, (int)to - (int)length))
		return -1;
	for (int i = 0; i < 8; i++) {
		pad = frame_at(ctx, transport + TCP_HEADER + i, 1);
		if (pad)
			*pad = 0;
	}
	return 0;
}

/* RFC 9293 3.9.2.3, RFC 1122 4.2.3.10: nobody answers a segment to or from a group. */
static __always_inline int is_of_group(struct xdp_md *ctx, const struct frame_fields *f)
{
	const __u8 *data = (void *)(long)ctx->data;
	__u8 from, to;

	if ((void *)(data + ETHERNET) > (void *)(long)ctx->data_end || (data[0] | data[6]) & 1)
		return 1;
	if (f->has & HAS_IPV6)
		return f->source[0] >> 56 == 0xff || f->destination[0] >> 56 == 0xff;
	from = f->source[0] >> 24;
	to = f->destination[0] >> 24;
	return from >= 224 || to >= 224 || !from || !to;
}

static __always_inline int reset_frame(struct xdp_md *ctx, const struct frame_fields *f, int back)
{
	__u32 transport = f->offset;
	__u8 *tcp = frame_at(ctx, transport, TCP_HEADER), *data;
	struct reset reset;
	__u32 header;
	int err;

	if (!tcp || !(f->has & HAS_TCP_FLAGS) || tcp[13] & TCP_RST || is_of_group(ctx, f))
		return -1;
	header = transport + (tcp[12] >> 4) * 4;
	reset = reset_make(tcp, f->end > header ? f->end - header : 0, back);
	if (reset_cut(ctx, transport))
		return -1;
	header = transport - f->network;
	err = f->has & HAS_IPV4 ? network4_write(ctx, f->network, header, back)
				: network6_write(ctx, f->network, header, back);
	if (err)
		return -1;
	tcp = frame_at(ctx, transport, TCP_HEADER);
	if (!tcp)
		return -1;
	if (back)
		swap(tcp, tcp + 2, 2);
	tcp_write(tcp, f, &reset);
	data = (void *)(long)ctx->data;
	if ((void *)data + ETHERNET > (void *)(long)ctx->data_end)
		return -1;
	if (back)
		swap(data, data + 6, 6);
	return 0;
}

__attribute__((noinline)) int reset_serve(struct xdp_md *ctx, struct copy_label *label)
{
	struct frame_fields fields = {};
	struct engine_counters *c = counters();
	int back;

	if (!label || !c)
		return XDP_DROP;
	back = !!(label->targets & COPY_RESET_BACK);
	parse_fields(ctx, &fields, linear_length(ctx));
	if (reset_frame(ctx, &fields, back))
		return XDP_DROP;
	c->resets++;
	return copy_send(back ? label->port : label->port ^ 1);
}
