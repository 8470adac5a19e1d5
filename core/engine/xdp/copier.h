/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frames that become something else than themselves: ERSPAN packets and TCP resets. BPF only.
 *
 * A program in XDP ends with one frame, and the kernel's broadcast makes clones that are all the
 * same. So what is to be changed goes into a pair of interfaces of our own, with a label in front
 * that says what is still to be made of it; the program at the far end (fer_copier) serves one
 * target, or sends two clones in again, one for the first target and one for the rest. Nobody
 * else's frames meet it, and a plain frame never does.
 *
 * The label goes as metadata to the device map, whose program (fer_label) makes octets of it.
 * Generic mode loses metadata, and runs that program at once: there it is found in fer_scratch.
 */
#pragma once

#include "parse.h"
#include "tables.h"

/* Octets of a frame in one piece. The asm keeps pointers from being cut to 32 bits and spilled. */
static __always_inline __u32 linear_length(struct xdp_md *ctx)
{
	__u64 data = ctx->data, end = ctx->data_end;

	asm volatile("" : "+r"(data));
	asm volatile("" : "+r"(end));
	return end - data;
}

/* n octets at an offset that the verifier does not know, or NULL. */
static __always_inline __u8 *frame_at(struct xdp_md *ctx, __u32 offset, __u32 n)
{
	__u8 *p;

	if (offset > PARSE_REACH)
		return 0;
	asm volatile("" : "+r"(offset));
	p = (__u8 *)(long)ctx->data + (offset & PARSE_REACH);
	asm volatile("" : "+r"(p)); /* this very register is what is compared and used */
	if (p + n > (__u8 *)(long)ctx->data_end)
		return 0;
	return p;
}

/* Not 0: the driver has no room for it. The pointers into the frame are void afterwards. */
static __always_inline int label_put(struct xdp_md *ctx, const struct copy_label *label)
{
	struct copy_scratch *scratch = bpf_map_lookup_elem(&fer_scratch, &zero);
	__u64 data = ctx->data, before = ctx->data_meta;
	struct copy_label *meta;

	/* what is there from the last time makes room: 32 octets are all that old kernels have */
	asm volatile("" : "+r"(data));
	asm volatile("" : "+r"(before));
	if (!scratch || bpf_xdp_adjust_meta(ctx, (int)(data - before) - (int)sizeof(*label)))
		return -1;
	scratch->label = *label;
	meta = (void *)(long)ctx->data_meta;
	if ((void *)(meta + 1) > (void *)(long)ctx->data)
		return -1;
	*meta = *label;
	return 0;
}

/* Two clones go in again. */
static __always_inline int copy_twice(struct xdp_md *ctx, struct copy_label *label)
{
	struct copy_scratch *scratch = bpf_map_lookup_elem(&fer_scratch, &zero);

	if (!scratch)
		return XDP_DROP;
	label->number = ++scratch->number ?: ++scratch->number;
	if (label_put(ctx, label))
		return XDP_DROP;
	return bpf_redirect_map(&fer_copy_twice, 0, BPF_F_BROADCAST);
}

/* On the way into the pair: metadata, or what was left for us, becomes octets. */
static __always_inline int label_write(struct xdp_md *ctx)
{
	struct copy_scratch *scratch = bpf_map_lookup_elem(&fer_scratch, &zero);
	struct copy_label *at = (void *)(long)ctx->data_meta, label;

	if (!scratch)
		return XDP_DROP;
	label = scratch->label;
	if ((void *)(at + 1) <= (void *)(long)ctx->data)
		label = *at;
	/* clones follow each other, on this CPU */
	if (label.number) {
		label.second = scratch->seen == label.number;
		scratch->seen = label.number;
	}
	if (bpf_xdp_adjust_head(ctx, -(int)sizeof(label)))
		return XDP_DROP;
	at = (void *)(long)ctx->data;
	if ((void *)(at + 1) > (void *)(long)ctx->data_end)
		return XDP_DROP;
	*at = label;
	return XDP_PASS;
}

/* Takes the label off. Not 0: there is none. */
static __always_inline int label_take(struct xdp_md *ctx, struct copy_label *label)
{
	const struct copy_label *at = (void *)(long)ctx->data;
	__u32 first;

	if ((void *)(at + 1) > (void *)(long)ctx->data_end)
		return -1;
	*label = *at;
	if (label->number && !(label->targets & COPY_FRAGMENT)) {
		first = label->targets & -label->targets;
		label->targets = label->second ? label->targets & ~first : first;
		label->number = 0;
	}
	return bpf_xdp_adjust_head(ctx, sizeof(*label));
}

static __always_inline int copy_send(__u32 port)
{
	return bpf_redirect_map(&fer_ports, port, XDP_DROP);
}
