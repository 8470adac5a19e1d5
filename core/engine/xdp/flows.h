/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frames for somebody else's address that the module answers: to the guest interface with a MAC
 * header that the host takes, and back with the MACs, tags and port that the flow came with. BPF
 * only.
 *
 * A flow is new until its remote has sent something after it was answered. New flows have a table
 * of their own, so that a flood of forged ones evicts only its like.
 */
#pragma once

#include "copier.h"
#include "erspan.h"
#include "parse.h"
#include "tcp.h"

enum {
	ACKNOWLEDGED_MAX = 1 << 20, /* octets that may be on their way before the first answer */
	GUEST_DIVERT = 1,	    /* third octet of the source MAC: what brought the frame */
	GUEST_LOAN = 2,
};

static __always_inline void *flow_table(__u32 number)
{
	return bpf_map_lookup_elem(&fer_flows, &number);
}

static __always_inline __u32 engine_tick(void)
{
	struct engine_control *control = bpf_map_lookup_elem(&fer_control, &zero);

	return control ? control->tick : 0;
}

/* The key of a flow whose remote sent the frame, or, with `back`, is sent it. */
static __always_inline void key_of(const struct frame_fields *f, int back, struct flow_key *key)
{
	__u64 source[2] = {f->source[0], f->source[1]};
	__u64 destination[2] = {f->destination[0], f->destination[1]};

	key->remote[0] = back ? destination[0] : source[0];
	key->remote[1] = back ? destination[1] : source[1];
	key->local[0] = back ? source[0] : destination[0];
	key->local[1] = back ? source[1] : destination[1];
	key->remote_port = back ? f->destination_port : f->source_port;
	key->local_port = back ? f->source_port : f->destination_port;
	key->protocol = f->protocol;
	key->family = f->has & HAS_IPV4 ? 4 : 6;
	key->pad = 0;
}

/* VLAN tags in front of the packet: how many. */
static __always_inline __u32 tags_of(const struct frame_fields *f)
{
	__u32 tags = f->network > ETHERNET ? (f->network - ETHERNET) / TAG : 0;

	return tags > FLOW_TAGS ? FLOW_TAGS : tags;
}

/* Where frames of the flow come from, as the next answer needs it. 0, or the frame is too short. */
static __always_inline int flow_fill(struct xdp_md *ctx, const struct frame_fields *f, __u32 port,
				     struct flow *flow)
{
	const __u8 *data = (void *)(long)ctx->data;

	if ((void *)(data + 12 + 4 * FLOW_TAGS) > (void *)(long)ctx->data_end)
		return -1;
	copy_octets(flow->mac, data + 6, 6);
	copy_octets(flow->mac + 6, data, 6);
	copy_octets(flow->tag, data + 12, 4 * FLOW_TAGS);
	flow->port = port;
	flow->tags = tags_of(f);
	return 0;
}

/* A flow moves with its remote; what does not change is not written, for other CPUs' sake. */
static __always_inline void flow_renew(struct flow *to, const struct flow *now, __u32 tick)
{
	if (*(const __u64 *)to->mac != *(const __u64 *)now->mac ||
	    *(const __u32 *)(to->mac + 8) != *(const __u32 *)(now->mac + 8) ||
	    to->port != now->port || to->tags != now->tags) {
		copy_octets(to->mac, now->mac, 12);
		copy_octets(to->tag, now->tag, 4 * FLOW_TAGS);
		to->port = now->port;
		to->tags = now->tags;
	}
	if (to->loan != now->loan)
		to->loan = now->loan;
	if (to->filter != now->filter)
		to->filter = now->filter;
	if (to->seen != tick)
		to->seen = tick;
}

/* The remote has taken an answer: of TCP it acknowledges what only who was sent it can know. */
static __always_inline int is_taken(struct xdp_md *ctx, const struct frame_fields *f,
				    const struct flow *flow)
{
	const __u8 *tcp;

	if (!(flow->flags & FLOW_ANSWERED))
		return 0;
	if (f->protocol != 6)
		return 1;
	tcp = frame_at(ctx, f->offset, TCP_HEADER);
	return tcp && flow->next && (tcp[13] & (TCP_SYN | TCP_RST | TCP_ACK)) == TCP_ACK &&
	       PARSE_32(tcp + 8) - flow->next < ACKNOWLEDGED_MAX;
}

/* The remote has sent. 0: it is known now. */
__attribute__((noinline)) int flow_note(struct xdp_md *ctx, const struct frame_fields *f,
					__u32 port, __u32 loan, __u32 filter)
{
	void *answered = flow_table(FLOWS_ANSWERED), *young = flow_table(FLOWS_NEW);
	struct flow now = {.loan = loan, .filter = filter}, *known;
	struct flow_key key;

	if (!f || !answered || !young || flow_fill(ctx, f, port, &now))
		return -1;
	key_of(f, 0, &key);
	now.seen = engine_tick();
	known = bpf_map_lookup_elem(answered, &key);
	if (known) {
		flow_renew(known, &now, now.seen);
		return 0;
	}
	known = bpf_map_lookup_elem(young, &key);
	if (known && is_taken(ctx, f, known)) {
		now.flags = FLOW_ANSWERED;
		bpf_map_update_elem(answered, &key, &now, BPF_ANY);
		bpf_map_delete_elem(young, &key);
		return 0;
	}
	if (known) {
		flow_renew(known, &now, now.seen);
		return 0;
	}
	return bpf_map_update_elem(young, &key, &now, BPF_ANY);
}

/* The flow that the module answers, or NULL. next: behind its SYN, or 0. */
static __always_inline struct flow *flow_answer(const struct flow_key *key, __u32 next)
{
	void *answered = flow_table(FLOWS_ANSWERED), *young = flow_table(FLOWS_NEW);
	struct flow *known = answered ? bpf_map_lookup_elem(answered, key) : 0;

	if (known || !young)
		return known;
	known = bpf_map_lookup_elem(young, key);
	if (known && !(known->flags & FLOW_ANSWERED))
		known->flags = FLOW_ANSWERED;
	if (known && next && known->next != next)
		known->next = next;
	return known;
}

/* A frame of a flow that is known: also while no new ones are taken. */
__attribute__((noinline)) int flow_is_known(struct xdp_md *ctx)
{
	void *answered = flow_table(FLOWS_ANSWERED), *young = flow_table(FLOWS_NEW);
	struct frame_fields fields = {};
	struct flow_key key;

	parse_fields(ctx, &fields, linear_length(ctx));
	if (!(fields.has & HAS_PORTS) || !answered || !young)
		return 0;
	key_of(&fields, 0, &key);
	return bpf_map_lookup_elem(answered, &key) || bpf_map_lookup_elem(young, &key);
}

/*
 * The key of the flow that an ICMP error is about (RFC 792, RFC 4443): its sender has got what it
 * quotes. The first four octets behind the quoted header are the ports. 0: there is one.
 */
static __always_inline int quoted4(struct xdp_md *ctx, __u32 at, struct frame_fields *f)
{
	const __u8 *p = frame_at(ctx, at, 8 + 20);
	__u32 header;

	if (!p || (p[0] != 3 && p[0] != 11 && p[0] != 12) || p[8] >> 4 != 4)
		return -1;
	f->source[0] = PARSE_32(p + 8 + 12);
	f->destination[0] = PARSE_32(p + 8 + 16);
	f->protocol = p[8 + 9];
	header = at + 8 + (p[8] & 15) * 4;
	p = frame_at(ctx, header, 4);
	if (!p)
		return -1;
	f->source_port = PARSE_16(p);
	f->destination_port = PARSE_16(p + 2);
	return 0;
}

static __always_inline int quoted6(struct xdp_md *ctx, __u32 at, struct frame_fields *f)
{
	const __u8 *p = frame_at(ctx, at, 8 + 40 + 4);

	if (!p || p[0] < 1 || p[0] > 4 || p[8] >> 4 != 6)
		return -1;
	f->source[0] = PARSE_64(p + 8 + 8);
	f->source[1] = PARSE_64(p + 8 + 16);
	f->destination[0] = PARSE_64(p + 8 + 24);
	f->destination[1] = PARSE_64(p + 8 + 32);
	f->protocol = p[8 + 6];
	f->source_port = PARSE_16(p + 48);
	f->destination_port = PARSE_16(p + 50);
	return 0;
}

/* f becomes what the error quotes. */
__attribute__((noinline)) int quoted(struct xdp_md *ctx, struct frame_fields *f)
{
	if (!f)
		return -1;
	if (f->has & HAS_IPV4 && f->protocol == 1)
		return quoted4(ctx, f->offset, f);
	if (f->has & HAS_IPV6 && f->protocol == 58)
		return quoted6(ctx, f->offset, f);
	return -1;
}

/* To the guest interface: without tags, from a MAC that says what brought it. */
__attribute__((noinline)) int guest_enter(struct xdp_md *ctx, __u32 bank, __u32 kind, __u32 number,
					  __u32 network)
{
	const struct image *img = bpf_map_lookup_elem(&fer_image, &bank);
	const __u8 *type = frame_at(ctx, network - 2, 2);
	__u8 high, low, *data;

	if (!img || !type || network < ETHERNET)
		return XDP_DROP;
	high = type[0];
	low = type[1];
	if (network > ETHERNET && bpf_xdp_adjust_head(ctx, (int)network - ETHERNET))
		return XDP_DROP;
	data = (void *)(long)ctx->data;
	if ((void *)(data + ETHERNET) > (void *)(long)ctx->data_end)
		return XDP_DROP;
	copy_octets(data, img->guest_mac, 6);
	data[6] = 0x02;
	data[7] = 0xfe;
	data[8] = kind;
	data[9] = 0;
	put16(data + 10, number);
	data[12] = high;
	data[13] = low;
	return copy_send(PORT_GUEST);
}

/* A filter diverts it. */
__attribute__((noinline)) int divert_serve(struct xdp_md *ctx, __u32 bank, __u32 filter, __u32 port)
{
	struct engine_counters *c = counters();
	struct frame_fields fields = {};

	parse_fields(ctx, &fields, linear_length(ctx));
	if (!c || !(fields.has & (HAS_IPV4 | HAS_IPV6)))
		return XDP_DROP;
	if (fields.has & HAS_PORTS)
		flow_note(ctx, &fields, port, 0, filter);
	c->diverted++;
	return guest_enter(ctx, bank, GUEST_DIVERT, filter, fields.network);
}

/* What the host sends there has no tags: the flow's come in. */
__attribute__((noinline)) int guest_leave(struct xdp_md *ctx, const struct flow *flow)
{
	__u32 tags, port;
	__u8 high, low, *data = (void *)(long)ctx->data;

	if (!flow || (void *)(data + ETHERNET) > (void *)(long)ctx->data_end)
		return XDP_DROP;
	tags = flow->tags;
	port = flow->port & 1;
	high = data[12];
	low = data[13];
	if (tags > FLOW_TAGS || (tags && bpf_xdp_adjust_head(ctx, -(int)(tags * TAG))))
		return XDP_DROP;
	data = (void *)(long)ctx->data;
	if ((void *)(data + 14 + 4 * FLOW_TAGS) > (void *)(long)ctx->data_end)
		return XDP_DROP;
	copy_octets(data, flow->mac, 12);
	for (__u32 i = 0; i < FLOW_TAGS; i++)
		if (i < tags)
			copy_octets(data + 12 + TAG * i, flow->tag + TAG * i, TAG);
	data = frame_at(ctx, 12 + TAG * tags, 2);
	if (!data)
		return XDP_DROP;
	data[0] = high;
	data[1] = low;
	return copy_send(port);
}
