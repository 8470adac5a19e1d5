/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ARP requests for addresses that filters divert, answered where nobody owns them (RFC 826). BPF
 * only.
 */
#pragma once

#include "classify.h"
#include "flows.h"
#include "octets.h"

/* The filter's bit in the vector of a class. */
static __always_inline int class_has(const struct image *img, __u32 class, __u32 filter)
{
	const struct image_vector *vector = &img->vector[class & (VECTORS_MAX - 1)];
	__u32 bit = 2 * (filter & (FILTERS_MAX - 1));

	return vector->word[bit / 64] >> (bit % 64) & 1;
}

/* The request comes in VLANs that the filter looks at. */
static __always_inline int in_vlans(const struct image *img, const struct frame_fields *f,
				    __u32 filter)
{
	__u32 vlan = img->none[FIELD_VLAN], inner = img->none[FIELD_INNER_VLAN];

	if (f->has & HAS_VLAN)
		vlan = img->vlan[f->vlan & (VLAN_VALUES - 1)];
	if (f->has & HAS_INNER_VLAN)
		inner = img->inner_vlan[f->inner_vlan & (VLAN_VALUES - 1)];
	return class_has(img, vlan, filter) && class_has(img, inner, filter);
}

/* 1: there is an answer to give to that side. */
__attribute__((noinline)) int answer_find(const struct frame_fields *f, __u32 bank, __u32 address,
					  __u32 port)
{
	const struct image *img = bpf_map_lookup_elem(&fer_image, &bank);

	if (!img || !f)
		return 0;
	for (__u32 i = 0; i < ANSWERS_MAX; i++) {
		const struct image_answer *answer = &img->answer[i];
		__u32 filter = answer->filter;

		if (i >= img->answers || answer->address != address ||
		    !(answer->from >> (port & 1) & 1) || !in_vlans(img, f, filter))
			continue;
		return !(img->filter[filter & (FILTERS_MAX - 1)].flags & FILTER_FAIL_OPEN) ||
		       !supervisor_dead();
	}
	return 0;
}

static __always_inline int is_answered(const struct image *img, __u32 address)
{
	for (__u32 i = 0; i < ANSWERS_MAX; i++)
		if (i < img->answers && img->answer[i].address == address)
			return 1;
	return 0;
}

/* ARP of either kind by which somebody else says that he has an address which is answered for. An
 * RFC 5227 probe (2.1.1) has no sender's address: who asks so is told. */
static __always_inline void rival_note(const struct image *img, const __u8 *arp)
{
	struct arp_rival now = {.heard = bpf_ktime_get_ns()};
	__u32 address = PARSE_32(arp + 14);

	if (!is_answered(img, address) || (PARSE_32(arp + 8) == PARSE_32(img->guest_mac) &&
					   PARSE_16(arp + 12) == PARSE_16(img->guest_mac + 4)))
		return;
	copy_octets(now.mac, arp + 8, 6);
	bpf_map_update_elem(&fer_rivals, &address, &now, BPF_ANY);
}

static __always_inline int has_rival(__u32 address)
{
	const struct arp_rival *rival = bpf_map_lookup_elem(&fer_rivals, &address);

	return rival && bpf_ktime_get_ns() - rival->heard < ARP_RIVAL_LIMIT;
}

/* The request becomes its answer. 1: it has. */
__attribute__((noinline)) int answer_arp(struct xdp_md *ctx, __u32 bank, __u32 port)
{
	const struct image *img = bpf_map_lookup_elem(&fer_image, &bank);
	struct engine_counters *c = counters();
	struct frame_fields fields = {};
	__u8 *data = (void *)(long)ctx->data, *p;

	if ((void *)(data + ETHERNET) > (void *)(long)ctx->data_end ||
	    (PARSE_16(data + 12) != 0x0806 && !parse_is_tag(PARSE_16(data + 12))))
		return 0;
	parse_fields(ctx, &fields, linear_length(ctx));
	if (!img || !c || fields.ether_type != 0x0806)
		return 0;
	p = frame_at(ctx, fields.network, 28);
	data = (void *)(long)ctx->data;
	if (!p || (void *)(data + ETHERNET) > (void *)(long)ctx->data_end ||
	    PARSE_32(p) != 0x00010800 || PARSE_16(p + 4) != 0x0604)
		return 0;
	rival_note(img, p);
	if (PARSE_16(p + 6) != 1 || PARSE_32(p + 14) == PARSE_32(p + 24) ||
	    !answer_find(&fields, bank, PARSE_32(p + 24), port) || has_rival(PARSE_32(p + 24)))
		return 0;
	copy_octets(data, data + 6, 6);
	copy_octets(data + 6, img->guest_mac, 6);
	p[7] = 2;
	swap(p + 14, p + 24, 4);
	copy_octets(p + 18, p + 8, 6);
	copy_octets(p + 8, img->guest_mac, 6);
	c->arp_answers++;
	return 1;
}
