/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ERSPAN: a frame as the payload of GRE (draft-foschiano-erspan-03). BPF only.
 *
 *	version 1  Ethernet, IP, GRE 0x88be
 *	version 2  Ethernet, IP, GRE 0x88be with sequence, 8 octets
 *	version 3  Ethernet, IP, GRE 0x22eb with sequence, 12 octets, and 8 more for IEEE 1588 time
 */
#pragma once

#include "bucket.h"
#include "classify.h"
#include "copier.h"
#include "octets.h"
#include "parse.h"

enum {
	ETHERNET = 14,
	OUTER4 = ETHERNET + 20,
	OUTER6 = ETHERNET + 40,
	FRAME_MIN = 60,	  /* octets without FCS, below which a frame is short */
	FRAME_MAX = 1514, /* above which it is oversized, not counting VLAN tags */
	TAG = 4,
	KEEP_MIN = 24, /* octets of the frame, so that headers are written in one piece */
	EN_TAGGED = 3, /* the tag is still in the frame */
	BSO_SHORT = 1,
	BSO_OVERSIZED = 2,
	PLATFORM_1588 = 5,
};

/* What the copy says of the frame. */
struct span {
	__u32 sequence;
	__u32 identification; /* of the outer packet: of all sessions alike (RFC 6864 4.3) */
	__u32 word;	      /* version, VLAN, COS, En or BSO, T, session */
	__u32 stamp;
	__u32 seconds; /* of IEEE 1588 */
	__u8 version;
	__u8 granularity;
	__u8 hardware;
	__u8 port;
};

/* Octets between the outer IP header and the frame. */
static __always_inline __u32 span_size(__u8 version, __u8 granularity)
{
	if (version == 1)
		return 4;
	if (version == 2)
		return 16;
	return granularity == GRANULARITY_1588 ? 28 : 20;
}

/* GRE and ERSPAN headers; 28 octets can be written. */
static __always_inline void span_write(__u8 *at, const struct span *span)
{
	int precise = span->granularity == GRANULARITY_1588;

	put16(at, span->version == 1 ? 0 : 0x1000);
	put16(at + 2, span->version == 3 ? 0x22eb : 0x88be);
	if (span->version == 1)
		return;
	put32(at + 4, span->sequence);
	put32(at + 8, span->word);
	if (span->version == 2) {
		put32(at + 12, span->port + 1); /* index: 1 optical, 2 electrical */
		return;
	}
	put32(at + 12, span->stamp);
	put16(at + 16, 0); /* no security group */
	put16(at + 18, 0x8000 | (span->hardware & 63) << 4 | (span->port & 1) << 3 |
			       (span->granularity & 3) << 1 | precise);
	if (!precise)
		return;
	put16(at + 20, PLATFORM_1588 << 10);
	put16(at + 22, span->port + 1);
	put32(at + 24, span->seconds);
}

/* VLAN and priority of the frame as it came, by its tag: never by what is inside. */
static __always_inline __u32 span_word(const __u8 *data, const void *data_end, __u32 length,
				       const struct image_session *session, int cut)
{
	__u32 word = (session->version - 1) << 28 | (cut ? 1 << 10 : 0) | (session->id & 0x3ff);
	__u32 most = FRAME_MAX, bits = 0;

	if ((void *)data + ETHERNET + 2 * TAG <= data_end && parse_is_tag(PARSE_16(data + 12))) {
		__u16 tag = PARSE_16(data + 14);

		word |= (__u32)(tag & 0xfff) << 16 | (__u32)(tag >> 13) << 13;
		bits = EN_TAGGED;
		most += TAG;
		if (parse_is_tag(PARSE_16(data + 16)))
			most += TAG;
	}
	if (session->version == 3)
		bits = length < FRAME_MIN ? BSO_SHORT : length > most ? BSO_OVERSIZED : 0;
	return word | bits << 11;
}

static __always_inline void span_time(struct span *span, __u64 stamp)
{
	struct engine_control *control = bpf_map_lookup_elem(&fer_control, &zero);
	__u64 utc = stamp + (control ? control->wall : 0);

	span->seconds = utc / 1000000000;
	if (span->granularity == GRANULARITY_1588)
		span->stamp = utc % 1000000000;
	else
		span->stamp = utc / (span->granularity == GRANULARITY_100NS ? 100 : 100000);
}

/* RFC 1071, of the template's sum and what differs from packet to packet */
static __always_inline __u16 outer_checksum(__u32 sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

static __always_inline int outer4_write(struct xdp_md *ctx, const struct engine_reach *reach,
					const struct span *span, __u32 total)
{
	__u8 *data = (void *)(long)ctx->data;
	__u16 id = span->identification;

	if ((void *)data + OUTER4 + 28 > (void *)(long)ctx->data_end)
		return -1;
	copy_octets(data, reach->outer, OUTER4);
	put16(data + 16, total);
	put16(data + 18, id);
	put16(data + 24, outer_checksum(reach->sum + total + id));
	span_write(data + OUTER4, span);
	return 0;
}

static __always_inline int outer6_write(struct xdp_md *ctx, const struct engine_reach *reach,
					const struct span *span, __u32 total)
{
	__u8 *data = (void *)(long)ctx->data;

	if ((void *)data + OUTER6 + 28 > (void *)(long)ctx->data_end)
		return -1;
	copy_octets(data, reach->outer, OUTER6);
	put16(data + 18, total - 40);
	span_write(data + OUTER6, span);
	return 0;
}

/* The frame is of the collector's own traffic: a copy would be copied in its turn. */
static __always_inline int span_loops(const struct frame_fields *f,
				      const struct image_session *session)
{
	const __u8 *c = session->destination;
	__u64 high, low;

	if (session->family == 4) {
		if (!(f->has & HAS_IPV4))
			return 0;
		low = PARSE_32(c);
		return f->source[0] == low || f->destination[0] == low;
	}
	if (!(f->has & HAS_IPV6))
		return 0;
	high = PARSE_64(c);
	low = PARSE_64(c + 8);
	return (f->source[0] == high && f->source[1] == low) ||
	       (f->destination[0] == high && f->destination[1] == low);
}

/* Smaller of two bounds, where 0 is none. */
static __always_inline __u32 bound(__u32 a, __u32 b)
{
	return !a || (b && b < a) ? b : a;
}

/* Somebody's ERSPAN: another module's, or what a collector behind us gets. */
static __always_inline int span_is_span(struct xdp_md *ctx, const struct frame_fields *f)
{
	const __u8 *gre;

	if (!(f->has & HAS_PROTOCOL) || f->protocol != 47)
		return 0;
	gre = frame_at(ctx, f->offset, 4);
	return gre && (PARSE_16(gre + 2) == 0x88be || PARSE_16(gre + 2) == 0x22eb);
}

/* Of any session: two of them would copy each other's copies. */
static __always_inline int span_is_ours(const struct image *img, const struct frame_fields *f)
{
	for (__u32 i = 0; i < SESSIONS_MAX && i < img->sessions; i++)
		if (span_loops(f, &img->session[i]))
			return 1;
	return 0;
}

/* May the session have the frame? `keep` octets of it would be sent. */
__attribute__((noinline)) int span_admits(struct xdp_md *ctx, __u32 bank, __u32 number, __u32 keep)
{
	const struct image *img = bpf_map_lookup_elem(&fer_image, &bank);
	const struct image_session *session;
	const struct engine_reach *reach;
	struct session_counters *counts;
	struct frame_fields fields = {};
	struct bucket *bucket;
	__u32 slot;

	if (!img)
		return 0;
	session = &img->session[number & (SESSIONS_MAX - 1)];
	slot = session->slot;
	reach = bpf_map_lookup_elem(&fer_reach, &slot);
	counts = bpf_map_lookup_elem(&fer_sessions, &slot);
	if (!reach || !counts)
		return 0;
	parse_fields(ctx, &fields, linear_length(ctx));
	if (span_is_ours(img, &fields) || span_is_span(ctx, &fields)) {
		counts->looped++;
		return 0;
	}
	bucket = bpf_map_lookup_elem(&fer_session_bucket, &slot);
	if (bucket &&
	    !bucket_take(bucket, bound(session->kbits, reach->kbits), session->packets, keep, 0)) {
		counts->limited++;
		return 0;
	}
	return 1;
}

static __always_inline int span_send(struct xdp_md *ctx, const struct image_session *session,
				     const struct engine_reach *reach, struct copy_label *label,
				     __u32 number, struct session_counters *counts)
{
	__u8 *data = (void *)(long)ctx->data;
	__u32 length = linear_length(ctx), keep = length, slot = session->slot;
	__u32 outer = session->family == 4 ? OUTER4 : OUTER6;
	__u32 head = outer + span_size(session->version, session->granularity);
	__u32 most = reach->mtu + ETHERNET > head ? reach->mtu + ETHERNET - head : 0;
	struct span span = {
		.version = session->version,
		.granularity = session->version == 3 ? session->granularity : 0,
		.hardware = session->hardware,
		.port = label->port,
	};
	__u32 common = SESSION_SLOTS;
	struct bucket *own = bpf_map_lookup_elem(&fer_session_bucket, &slot);
	struct bucket *all = bpf_map_lookup_elem(&fer_session_bucket, &common);

	if (session->snap && session->snap < keep)
		keep = session->snap;
	if (keep > most && session->oversize == OVERSIZE_DROP) {
		counts->oversized++;
		return XDP_DROP;
	}
	if (keep > most && session->oversize == OVERSIZE_TRUNCATE)
		keep = most;
	if (!own || !all || keep < KEEP_MIN || !span_admits(ctx, label->bank, number, keep))
		return XDP_DROP;
	data = (void *)(long)ctx->data;
	span.sequence = bucket_number(own);
	span.identification = bucket_number(all);
	span.word = span_word(data, (void *)(long)ctx->data_end, length, session, keep < length);
	span_time(&span, label->stamp);
	if (keep < length) {
		counts->truncated++;
		if (bpf_xdp_adjust_tail(ctx, (int)keep - (int)length))
			return XDP_DROP;
	}
	if (bpf_xdp_adjust_head(ctx, -(int)head))
		return XDP_DROP;
	if (session->family == 4 ? outer4_write(ctx, reach, &span, head - ETHERNET + keep)
				 : outer6_write(ctx, reach, &span, head - ETHERNET + keep))
		return XDP_DROP;
	counts->packets++;
	counts->bytes += keep;
	label->detail = reach->mtu;
	label->port = reach->port;
	if (keep > most) {
		label->targets = COPY_FRAGMENT;
		label->stamp =
			span.identification; /* identification of the pieces, where it is needed */
		return copy_twice(ctx, label);
	}
	return copy_send(reach->port);
}

__attribute__((noinline)) int span_serve(struct xdp_md *ctx, struct copy_label *label)
{
	__u32 bank, number, slot;
	const struct image *img;
	const struct image_session *session;
	const struct engine_reach *reach;
	struct session_counters *counts;

	if (!label)
		return XDP_DROP;
	bank = label->bank;
	number = lowest(label->targets) & (SESSIONS_MAX - 1);
	img = bpf_map_lookup_elem(&fer_image, &bank);
	if (!img)
		return XDP_DROP;
	session = &img->session[number];
	slot = session->slot;
	reach = bpf_map_lookup_elem(&fer_reach, &slot);
	counts = bpf_map_lookup_elem(&fer_sessions, &slot);
	if (!reach || !counts)
		return XDP_DROP;
	return span_send(ctx, session, reach, label, number, counts);
}
