/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Loans: which frames to a neighbour's address are the module's, and which are the owner's. BPF
 * only.
 *
 * The module's is what it is answering already, and what opens a session on a port that is lent,
 * unless the owner speaks with that remote from that port. All else is the owner's: fragments,
 * echo, ICMP errors that do not quote a flow of ours.
 */
#pragma once

#include "classify.h"
#include "flows.h"
#include "sight.h"

enum {
	OWNER_AGE = 180, /* s that a datagram of the owner keeps the remote's for it */
	ENDED_AGE = 120, /* s that a connection's ports are the owner's behind its end */
	ASKED_AGE = 2,	 /* s in which what the owner sends is the answer */
};

/* Where the last two octets of the addresses are: IPv4, ARP, IPv6. 0: no addresses. */
struct loan_quick {
	__u32 source;
	__u32 destination;
};

static __always_inline struct loan_quick quick_offsets(__u16 type)
{
	if (type == 0x0800)
		return (struct loan_quick){14, 18};
	if (type == 0x0806)
		return (struct loan_quick){16, 26};
	if (type == 0x86dd)
		return (struct loan_quick){22, 38};
	return (struct loan_quick){0, 0};
}

/* The mask is what Linux 6.1 knows the bound by. */
static __always_inline __u32 loans_ending(const struct image *img, const __u8 *at)
{
	__u32 end = PARSE_16(at);

	asm volatile("" : "+r"(end));
	return img->loan_end[end & 65535];
}

/*
 * Loans that the frame may concern: by its source address in the upper half, by its destination in
 * the lower. All that a frame of others pays, so two octets decide.
 */
__attribute__((noinline)) __u32 loan_candidates(struct xdp_md *ctx, __u32 bank)
{
	const struct image *img = bpf_map_lookup_elem(&fer_image, &bank);
	const __u8 *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end, *p;
	struct loan_quick quick;
	__u32 offset = 12;
	__u16 type;

	if (!img || data + 34 > end)
		return 0;
	type = PARSE_16(data + 12);
	for (int i = 0; i < FLOW_TAGS && parse_is_tag(type); i++) {
		offset += TAG;
		if (data + offset + 2 > end)
			return 0;
		type = PARSE_16(data + offset);
	}
	quick = quick_offsets(type);
	p = data + offset + 2;
	if (!quick.source || p + quick.destination + 2 > end)
		return 0;
	return loans_ending(img, p + quick.source) << 16 | loans_ending(img, p + quick.destination);
}

/* The loan of the address, and 1, or 0. */
__attribute__((noinline)) __u32 loan_find(__u32 bank, const struct frame_fields *f,
					  __u32 destination, __u32 candidates)
{
	const struct image *img = bpf_map_lookup_elem(&fer_image, &bank);
	__u64 first, second;
	__u32 family;

	if (!img || !f)
		return 0;
	family = f->has & HAS_IPV4 ? 4 : 6;
	first = destination ? f->destination[0] : f->source[0];
	second = destination ? f->destination[1] : f->source[1];
	for (__u32 i = 0; i < LOANS_MAX; i++) {
		const struct image_loan *loan = &img->loan[i];

		if (candidates >> i & 1 && loan->family == family && loan->address[0] == first &&
		    loan->address[1] == second)
			return i + 1;
	}
	return 0;
}

/* ---- the owner's own ---- */

static __always_inline __u32 port_lent(const struct image *img, __u32 protocol, __u32 port)
{
	if (protocol == 6)
		return img->lent_tcp[port & 65535];
	return protocol == 17 ? img->lent_udp[port & 65535] : 0;
}

static __always_inline int in_window(const struct image_loan *loan, __u32 port)
{
	return loan->first_port && port >= loan->first_port && port <= loan->last_port;
}

/* Written once a tick: others read it. */
static __always_inline void port_note(void *map, __u32 slot, __u32 protocol, __u32 port)
{
	struct owner_port key = {.slot = slot, .port = port, .protocol = protocol};
	__u32 tick = engine_tick(), *known = bpf_map_lookup_elem(map, &key);

	if (!known)
		bpf_map_update_elem(map, &key, &tick, BPF_ANY);
	else if (*known != tick)
		*known = tick;
}

/* Somebody has asked there lately, and was not answered by the module. */
static __always_inline int was_asked(__u32 slot, __u32 port)
{
	struct owner_port key = {.slot = slot, .port = port, .protocol = 17};
	__u32 *tick = bpf_map_lookup_elem(&fer_asked, &key);

	return tick && engine_tick() - *tick <= ASKED_AGE;
}

/* With that remote the owner goes on to speak, whoever did before. */
static __always_inline void owner_flow(const struct flow_key *key, __u32 flags)
{
	void *owners = flow_table(FLOWS_OWNERS), *answered = flow_table(FLOWS_ANSWERED);
	void *young = flow_table(FLOWS_NEW);
	struct flow flow = {.seen = engine_tick(), .flags = flags}, *known;

	if (!owners || !answered || !young)
		return;
	known = bpf_map_lookup_elem(owners, key);
	if (known && !(flags & FLOW_BEGAN) &&
	    (key->protocol == 6 || flow.seen - known->seen <= OWNER_AGE)) {
		if (known->seen != flow.seen)
			known->seen = flow.seen;
		if (flags & ~known->flags)
			known->flags |= flags;
		return;
	}
	bpf_map_update_elem(owners, key, &flow, BPF_ANY);
	bpf_map_delete_elem(answered, key);
	bpf_map_delete_elem(young, key);
}

/* The owner has spoken so, in the last s; 0: ever. */
static __always_inline struct flow *owners_flow(const struct flow_key *key, __u32 within)
{
	void *owners = flow_table(FLOWS_OWNERS);
	struct flow *known = owners ? bpf_map_lookup_elem(owners, key) : 0;

	return known && (!within || engine_tick() - known->seen <= within) ? known : 0;
}

/*
 * The owner answers from the port: TCP that it did not begin, or datagrams to who has asked. What
 * it begins, it may do from any port.
 */
static __always_inline int is_answer(const struct frame_fields *f, __u32 slot, __u32 lent,
				     const struct flow *known)
{
	__u32 flags = f->tcp_flags & (TCP_SYN | TCP_ACK | TCP_RST);

	if (f->protocol == 17)
		return !known && was_asked(slot, f->source_port);
	if (flags == (TCP_SYN | TCP_ACK))
		return 1;
	return lent && flags == TCP_ACK && !(known && known->flags & FLOW_BEGAN);
}

__attribute__((noinline)) int owner_sent(const struct frame_fields *f, __u32 bank, __u32 number)
{
	const struct image *img = bpf_map_lookup_elem(&fer_image, &bank);
	const struct image_loan *loan;
	const struct flow *known;
	__u32 lent, port, flags = 0;
	struct flow_key key;

	if (!img || !f || !(f->has & HAS_PORTS) || (f->protocol != 6 && f->protocol != 17))
		return 0;
	loan = &img->loan[number & (LOANS_MAX - 1)];
	port = f->source_port;
	key_of(f, 1, &key);
	/* a connection may be silent for long */
	known = owners_flow(&key, f->protocol == 6 ? 0 : OWNER_AGE);
	if (f->protocol == 6) {
		if (!(f->has & HAS_TCP_FLAGS) || (f->tcp_flags & TCP_RST && !known))
			return 0; /* to what nobody has asked for, perhaps */
		if ((f->tcp_flags & (TCP_SYN | TCP_ACK)) == TCP_SYN)
			flags = FLOW_BEGAN;
		if (f->tcp_flags & (TCP_FIN | TCP_RST))
			flags = FLOW_ENDED;
	}
	lent = port_lent(img, f->protocol, port) >> (number & (LOANS_MAX - 1)) & 1;
	if (is_answer(f, loan->slot, lent, known))
		port_note(&fer_owner_ports, loan->slot, f->protocol, port);
	if (lent || in_window(loan, port))
		owner_flow(&key, flags);
	return 0;
}

/* ---- the module's ---- */

enum { OURS_NEW = 1, OURS_ANSWERED = 2 };

/* A flow of this loan, and not of a filter, by a port that is lent still. */
static __always_inline int is_ours(const struct image *img, const struct image_loan *loan,
				   __u32 number, const struct flow_key *key)
{
	__u32 lent = port_lent(img, key->protocol, key->local_port) >> (number & 15) & 1;
	void *answered = flow_table(FLOWS_ANSWERED), *young = flow_table(FLOWS_NEW);
	const struct flow *known = answered ? bpf_map_lookup_elem(answered, key) : 0;

	if (!lent && !in_window(loan, key->local_port))
		return 0;
	if (known)
		return known->loan == loan->slot + 1 ? OURS_ANSWERED : 0;
	known = young ? bpf_map_lookup_elem(young, key) : 0;
	return known && known->loan == loan->slot + 1 ? OURS_NEW : 0;
}

/* Any piece of a packet, also the first; of IPv6 whatever has extension headers. */
static __always_inline int is_fragment(struct xdp_md *ctx, const struct frame_fields *f)
{
	const __u8 *p = frame_at(ctx, f->network, 20);

	if (!p)
		return 1;
	if (f->has & HAS_IPV4)
		return PARSE_16(p + 6) & 0x3fff;
	return p[6] != f->protocol;
}

/* It is for the owner's MAC in the owner's VLAN. */
static __always_inline int is_to_owner(struct xdp_md *ctx, const struct frame_fields *f,
				       const struct engine_loan *loan)
{
	const __u8 *data = (void *)(long)ctx->data;
	__u32 tags = tags_of(f);

	if ((void *)(data + 14 + 2 * TAG) > (void *)(long)ctx->data_end)
		return 0;
	if (*(const __u32 *)data != *(const __u32 *)loan->owner ||
	    *(const __u16 *)(data + 4) != *(const __u16 *)(loan->owner + 4) || tags != loan->tags)
		return 0;
	if (tags && ((data[14] ^ loan->tag[2]) & 0x0f || data[15] != loan->tag[3]))
		return 0;
	return tags < 2 || !((data[18] ^ loan->tag[6]) & 0x0f || data[19] != loan->tag[7]);
}

/* OURS_*: a frame to the loan's address is the module's; 0: it is not. */
__attribute__((noinline)) int loan_takes(struct xdp_md *ctx, struct frame_fields *f, __u32 bank,
					 __u32 number, __u32 port)
{
	const struct image *img = bpf_map_lookup_elem(&fer_image, &bank);
	const struct engine_control *control = bpf_map_lookup_elem(&fer_control, &zero);
	const struct image_loan *loan;
	const struct engine_loan *learned;
	struct flow_key key;
	__u32 slot;
	int ours;

	if (!img || !control || !f)
		return 0;
	loan = &img->loan[number & (LOANS_MAX - 1)];
	slot = loan->slot;
	learned = bpf_map_lookup_elem(&fer_loans, &slot);
	if (!learned || !(control->kept >> (slot & 31) & 1) || !is_to_owner(ctx, f, learned) ||
	    is_fragment(ctx, f))
		return 0;
	if (!(f->has & HAS_PORTS)) {
		/* what it quotes was sent by us: from the loan's address */
		if (quoted(ctx, f))
			return 0;
		key_of(f, 1, &key);
		return is_ours(img, loan, number, &key);
	}
	key_of(f, 0, &key);
	ours = is_ours(img, loan, number, &key);
	if (!ours) {
		if (!(control->lent >> (slot & 31) & 1) || !control->guests ||
		    !(port_lent(img, f->protocol, f->destination_port) >> (number & 15) & 1) ||
		    (f->protocol == 6 &&
		     (f->tcp_flags & (TCP_SYN | TCP_ACK | TCP_RST | TCP_FIN)) != TCP_SYN) ||
		    owners_flow(&key, OWNER_AGE))
			return 0;
		ours = OURS_NEW;
	}
	return flow_note(ctx, f, port, slot + 1, 0) ? 0 : ours;
}

static __always_inline struct loan_counters *loan_count(__u32 slot)
{
	return bpf_map_lookup_elem(&fer_loan_counters, &slot);
}

/*
 * A datagram goes to the owner: when it answers, the port is its own. What it sends first it does
 * as a client, from any port, and that is no use of the port.
 */
__attribute__((noinline)) int remote_asked(const struct frame_fields *f, __u32 slot)
{
	struct flow_key key;

	if (!f || !(f->has & HAS_PORTS) || f->protocol != 17)
		return 0;
	key_of(f, 0, &key);
	if (!owners_flow(&key, OWNER_AGE))
		port_note(&fer_asked, slot, 17, f->destination_port);
	return 0;
}

enum { LOAN_NEW = 1 << 8 };

/* 0, or the loan that takes the frame, and 1; with LOAN_NEW where it was not answered before. */
__attribute__((noinline)) __u32 loan_frame(struct xdp_md *ctx, __u32 bank, __u32 port,
					   __u32 candidates)
{
	const struct image *img = bpf_map_lookup_elem(&fer_image, &bank);
	struct frame_fields fields = {};
	__u32 from, to, number, ours;

	parse_fields(ctx, &fields, linear_length(ctx));
	if (!img || (fields.ether_type == 0x0806 && arp_fields(ctx, &fields)) ||
	    !(fields.has & (HAS_IPV4 | HAS_IPV6)))
		return 0;
	from = loan_find(bank, &fields, 0, candidates >> 16);
	if (from) {
		number = (from - 1) & (LOANS_MAX - 1);
		sight(ctx, &fields, img->loan[number].slot, port, SIGHTING_OWNER);
		if (port == img->loan[number].owner)
			owner_sent(&fields, bank, number);
		return 0;
	}
	to = loan_find(bank, &fields, 1, candidates & 0xffff);
	number = (to - 1) & (LOANS_MAX - 1);
	if (!to || port == img->loan[number].owner)
		return 0;
	sight(ctx, &fields, img->loan[number].slot, port, SIGHTING_REMOTE);
	if (fields.ether_type == 0x0806)
		return 0;
	ours = loan_takes(ctx, &fields, bank, number, port);
	if (ours)
		return ours == OURS_NEW ? to | LOAN_NEW : to;
	remote_asked(&fields, img->loan[number].slot);
	return 0;
}

__attribute__((noinline)) int loan_serve(struct xdp_md *ctx, __u32 bank, __u32 number, __u32 length)
{
	const struct image *img = bpf_map_lookup_elem(&fer_image, &bank);
	struct frame_fields fields = {};
	struct loan_counters *count;

	parse_fields(ctx, &fields, linear_length(ctx));
	if (!img)
		return XDP_DROP;
	count = loan_count(img->loan[number & (LOANS_MAX - 1)].slot);
	if (count) {
		count->rx_packets++;
		count->rx_bytes += length;
	}
	return guest_enter(ctx, bank, GUEST_LOAN, img->loan[number & (LOANS_MAX - 1)].slot,
			   fields.network);
}

/* ---- the module's own connections ---- */

/* The owner has such a connection: one of TCP until it was seen to end, and is over (RFC
 * 9293 3.6.1, two segment lifetimes of a minute). */
static __always_inline int is_taken_by_owner(const struct flow_key *key)
{
	const struct flow *known = owners_flow(key, 0);
	__u32 age = known ? engine_tick() - known->seen : 0;

	if (!known)
		return 0;
	return key->protocol == 6 ? !(known->flags & FLOW_ENDED && age > ENDED_AGE)
				  : age <= OWNER_AGE;
}

/* A session from the window: as the owner, by way of its gateway. 0: it is a flow now. */
__attribute__((noinline)) int loan_open(const struct frame_fields *f, __u32 bank, __u32 number)
{
	const struct image *img = bpf_map_lookup_elem(&fer_image, &bank);
	const struct engine_control *control = bpf_map_lookup_elem(&fer_control, &zero);
	void *answered = flow_table(FLOWS_ANSWERED);
	const struct engine_loan *learned;
	const struct image_loan *loan;
	struct flow flow = {.seen = engine_tick()};
	struct flow_key key;
	__u32 slot;

	if (!img || !control || !f || !answered)
		return -1;
	loan = &img->loan[number & (LOANS_MAX - 1)];
	slot = loan->slot;
	learned = bpf_map_lookup_elem(&fer_loans, &slot);
	if (!learned || !(control->lent >> (slot & 31) & 1) || !in_window(loan, f->source_port) ||
	    !(f->has & HAS_PORTS) ||
	    !(*(const __u32 *)learned->gateway | *(const __u16 *)(learned->gateway + 4)))
		return -1;
	key_of(f, 1, &key);
	if (is_taken_by_owner(&key))
		return -1;
	copy_octets(flow.mac, learned->gateway, 6);
	copy_octets(flow.mac + 6, learned->owner, 6);
	copy_octets(flow.tag, learned->tag, 4 * FLOW_TAGS);
	flow.tags = learned->tags;
	flow.port = loan->owner ^ 1;
	flow.loan = slot + 1;
	return bpf_map_update_elem(answered, &key, &flow, BPF_ANY);
}

/* Behind the SYN of a segment of ours, or 0. */
static __always_inline __u32 syn_next(struct xdp_md *ctx, const struct frame_fields *f)
{
	const __u8 *tcp;
	__u32 next;

	if (f->protocol != 6 || !(f->has & HAS_TCP_FLAGS) || !(f->tcp_flags & TCP_SYN))
		return 0;
	tcp = frame_at(ctx, f->offset, TCP_HEADER);
	next = tcp ? PARSE_32(tcp + 4) + 1 : 0;
	return next ?: 1;
}

/* What lends to the flow is in force still, and the owner is who it was. */
static __always_inline int may_leave(const struct image *img, const struct flow *flow, __u32 from)
{
	const struct engine_control *control = bpf_map_lookup_elem(&fer_control, &zero);
	__u32 slot;

	if (!flow->loan)
		return 1;
	if (!control || !from)
		return 0;
	slot = img->loan[(from - 1) & (LOANS_MAX - 1)].slot;
	return slot + 1 == flow->loan && control->kept >> (slot & 31) & 1;
}

__attribute__((noinline)) int guest_frame(struct xdp_md *ctx, __u32 bank)
{
	const struct image *img = bpf_map_lookup_elem(&fer_image, &bank);
	struct frame_fields fields = {};
	struct loan_counters *count;
	struct flow *known, flow;
	__u32 from, error = 0;
	struct flow_key key;

	parse_fields(ctx, &fields, linear_length(ctx));
	if (!img || !(fields.has & (HAS_IPV4 | HAS_IPV6)))
		return -1;
	if (!(fields.has & HAS_PORTS)) {
		if (quoted(ctx, &fields))
			return -1;
		error = 1;
	}
	key_of(&fields, !error, &key);
	from = loan_find(bank, &fields, error, img->loans ? 0xffff : 0);
	known = flow_answer(&key, error ? 0 : syn_next(ctx, &fields));
	if (!known && !error) {
		if (!from || loan_open(&fields, bank, from - 1))
			return -1;
		known = flow_answer(&key, 0);
	}
	if (!known || !may_leave(img, known, from))
		return -1;
	flow = *known;
	count = flow.loan ? loan_count(flow.loan - 1) : 0;
	if (count) {
		count->tx_packets++;
		count->tx_bytes += linear_length(ctx);
	}
	return guest_leave(ctx, &flow);
}
