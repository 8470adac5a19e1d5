/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What passing frames tell of a loan's owner and of those who speak with it. BPF only; what is made
 * of it is core/link/owner.h's.
 */
#pragma once

#include "classify.h"
#include "flows.h"

enum { SIGHT_EACH_TICK = 64 /* frames of one kind that are looked at in a second */ };

static __always_inline int sight_fill(struct xdp_md *ctx, const struct frame_fields *f,
				      struct sighting *s)
{
	const __u8 *data = (void *)(long)ctx->data;

	if ((void *)(data + 12 + 4 * FLOW_TAGS) > (void *)(long)ctx->data_end)
		return -1;
	copy_octets(s->tag, data + 12, 4 * FLOW_TAGS);
	s->tags = tags_of(f);
	return 0;
}

static __always_inline int is_link_local(const struct frame_fields *f)
{
	return f->has & HAS_IPV6 && f->source[0] >> 54 == 0xfe80 >> 6;
}

/* Another address than those in the list goes into it. */
static __always_inline void sight_address(struct sighting *s, const struct frame_fields *f)
{
	__u32 at = s->addresses;

	/* nor one that is none: an ARP probe (RFC 5227 2.1.1) */
	if (is_link_local(f) || !(f->source[0] | f->source[1]))
		return;
#pragma unroll
	for (int i = 0; i < SIGHTING_ADDRESSES; i++)
		if (s->address[i][0] == f->source[0] && s->address[i][1] == f->source[1])
			return;
	s->address[at & (SIGHTING_ADDRESSES - 1)][0] = f->source[0];
	s->address[at & (SIGHTING_ADDRESSES - 1)][1] = f->source[1];
	if (at < SIGHTING_ADDRESSES)
		s->addresses = at + 1;
}

/* The sender says that the address is its own. */
static __always_inline void sight_own(struct sighting *s, const struct frame_fields *f)
{
	s->own[0] = f->source[0];
	s->own[1] = f->source[1];
	s->neighbour = 1;
}

static __always_inline void sight_again(struct sighting *s, const struct frame_fields *f,
					__u32 tick, int own)
{
	if (s->last != tick)
		s->in_tick = 0;
	else if (s->in_tick >= SIGHT_EACH_TICK && !own)
		return; /* enough of this second */
	s->in_tick++;
	s->frames++;
	s->last = tick;
	sight_address(s, f);
	if (own)
		sight_own(s, f);
}

/* ARP, or a neighbour's solicitation or advertisement (RFC 4861 4.3, 4.4), by which it says what
 * its address is. */
static __always_inline int is_own(struct xdp_md *ctx, const struct frame_fields *f)
{
	const __u8 *p;

	if (f->ether_type == 0x0806)
		return 1;
	if (!(f->has & HAS_IPV6) || f->protocol != 58)
		return 0;
	p = frame_at(ctx, f->network, 40);
	if (!p || p[7] != 255)
		return 0;
	p = frame_at(ctx, f->offset, 8);
	return p && (p[0] == 135 || p[0] == 136);
}

/* Who sent a frame of the loan's address, or to it. */
__attribute__((noinline)) int sight(struct xdp_md *ctx, const struct frame_fields *f, __u32 slot,
				    __u32 port, __u32 about)
{
	const __u8 *data = (void *)(long)ctx->data;
	struct sighting now = {}, *known;
	__u32 tick = engine_tick();
	int own;
	struct sighting_key key = {.slot = slot,
				   .port = port,
				   .about = about,
				   .vlan = VLAN_VALUES,
				   .inner_vlan = VLAN_VALUES};

	if (!f || (void *)(data + ETHERNET) > (void *)(long)ctx->data_end || data[6] & 1)
		return 0;
	copy_octets(key.mac, data + 6, 6);
	if (f->has & HAS_VLAN)
		key.vlan = f->vlan;
	if (f->has & HAS_INNER_VLAN)
		key.inner_vlan = f->inner_vlan;
	own = is_own(ctx, f);
	known = bpf_map_lookup_elem(&fer_sightings, &key);
	if (known) {
		sight_again(known, f, tick, own);
		return 0;
	}
	if (sight_fill(ctx, f, &now))
		return 0;
	now.first = now.last = tick;
	now.frames = now.in_tick = 1;
	sight_address(&now, f);
	if (own)
		sight_own(&now, f);
	return bpf_map_update_elem(&fer_sightings, &key, &now, BPF_ANY);
}

/* ARP as if it were a packet from its sender to its target (RFC 826). */
static __always_inline int arp_fields(struct xdp_md *ctx, struct frame_fields *f)
{
	const __u8 *p = frame_at(ctx, f->network, 28);

	if (!p || PARSE_32(p) != 0x00010800 || PARSE_16(p + 4) != 0x0604)
		return -1;
	f->has |= HAS_IPV4;
	f->source[0] = PARSE_32(p + 14);
	f->destination[0] = PARSE_32(p + 24);
	return 0;
}
