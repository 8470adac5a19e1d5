/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frame to match fields. Written for the BPF verifier, and compiled natively too, so that a
 * fuzzer can hold it against the plain reference in tests/engine/reference.c.
 *
 * A header that is cut short, or that contradicts itself, yields no field from there on: such a
 * frame is matched by what came before, and still crosses the wire.
 */
#pragma once

#include <linux/types.h>

#ifndef __always_inline
#define __always_inline inline __attribute__((always_inline))
#endif

enum {
	PARSE_TAGS = 4, /* VLAN tags skipped; the EtherType behind more is that of the next tag */
	PARSE_EXTENSIONS = 8, /* IPv6 extension headers skipped (RFC 8200 section 4) */
	PARSE_REACH = 2047,   /* octets: no header starts behind; a power of two less one */
};

enum parse_flag {
	HAS_VLAN = 1 << 0,
	HAS_INNER_VLAN = 1 << 1,
	HAS_ETHER_TYPE = 1 << 2,
	HAS_IPV4 = 1 << 3,
	HAS_IPV6 = 1 << 4,
	HAS_PROTOCOL = 1 << 5,
	HAS_PORTS = 1 << 6,
	HAS_TCP_FLAGS = 1 << 7,
};

struct frame_fields {
	volatile __u32 has; /* enum parse_flag */
	__u16 vlan;
	__u16 inner_vlan;
	__u16 ether_type; /* behind the tags */
	__u8 protocol;	  /* behind the extension headers */
	__u8 dscp;
	__u16 source_port;
	__u16 destination_port;
	__u8 tcp_flags;
	__u8 pad[3];
	__u64 source[2]; /* IPv6: high and low half; IPv4: [0]; host byte order */
	__u64 destination[2];
	/*
	 * Where the parser stands, and the offset of the first octet that is not the packet's.
	 * Volatile, and in memory that the verifier does not track: all paths through the headers
	 * then arrive in one and the same state, and the program is checked in a millisecond.
	 */
	volatile __u32 offset;
	volatile __u32 end;
	volatile __u32 network; /* where the IP header begins */
};

#define PARSE_16(p) ((__u16)((p)[0] << 8 | (p)[1]))
#define PARSE_32(p) ((__u32)(p)[0] << 24 | (__u32)(p)[1] << 16 | (__u32)(p)[2] << 8 | (p)[3])
#define PARSE_64(p) ((__u64)PARSE_32(p) << 32 | PARSE_32((p) + 4))

/* n octets at the cursor, or NULL. The mask is what the verifier knows the offset's bound by. */
static __always_inline const __u8 *parse_at(const struct frame_fields *f, const void *data,
					    const void *data_end, __u32 n)
{
	__u32 offset = f->offset;
	const __u8 *p;

	if (offset > PARSE_REACH || offset + n > f->end)
		return 0;
	asm volatile("" : "+r"(offset));
	p = (const __u8 *)data + (offset & PARSE_REACH);
	if (p + n > (const __u8 *)data_end)
		return 0;
	return p;
}

static __always_inline int parse_is_tag(__u16 type)
{
	return type == 0x8100 || type == 0x88a8 || type == 0x9100;
}

static __always_inline void parse_tags(struct frame_fields *f, const void *data,
				       const void *data_end)
{
	const __u8 *p;
	__u16 type = 0;

	for (int i = 0; i <= PARSE_TAGS; i++) {
		p = parse_at(f, data, data_end, 2);
		if (!p)
			return;
		type = PARSE_16(p);
		f->offset += 2;
		if (i == PARSE_TAGS || !parse_is_tag(type))
			break;
		p = parse_at(f, data, data_end, 2);
		if (!p)
			return;
		if (i == 0) {
			f->vlan = PARSE_16(p) & 0xfff;
			f->has |= HAS_VLAN;
		} else if (i == 1) {
			f->inner_vlan = PARSE_16(p) & 0xfff;
			f->has |= HAS_INNER_VLAN;
		}
		f->offset += 2;
	}
	if (type >= 0x0600) { /* below it is a length (IEEE 802.3 3.2.6) */
		f->ether_type = type;
		f->has |= HAS_ETHER_TYPE;
	}
}

/* The end of the packet is that of its length field, so that padding is never read as a port. */
static __always_inline void parse_bound(struct frame_fields *f, __u32 length)
{
	if (f->offset + length < f->end)
		f->end = f->offset + length;
}

/* 1: the transport header follows */
static __always_inline int parse_ipv4(struct frame_fields *f, const void *data,
				      const void *data_end)
{
	const __u8 *p = parse_at(f, data, data_end, 20);
	__u32 header, length;
	__u16 fragment;

	if (!p || p[0] >> 4 != 4)
		return 0;
	header = (p[0] & 0xf) * 4;
	length = PARSE_16(p + 2);
	if (header < 20 || length < header || f->offset + header > f->end)
		return 0;
	f->has |= HAS_IPV4 | HAS_PROTOCOL;
	f->dscp = p[1] >> 2;
	f->protocol = p[9];
	f->source[0] = PARSE_32(p + 12);
	f->destination[0] = PARSE_32(p + 16);
	fragment = PARSE_16(p + 6);
	parse_bound(f, length);
	f->offset += header;
	return !(fragment & 0x1fff);
}

static __always_inline int parse_is_extension(__u8 type)
{
	return type == 0 || type == 43 || type == 44 || type == 51 || type == 60 || type == 135 ||
	       type == 139 || type == 140;
}

static __always_inline int parse_extensions(struct frame_fields *f, const void *data,
					    const void *data_end, __u8 next)
{
	const __u8 *p;
	__u32 size;

	for (int i = 0; i < PARSE_EXTENSIONS; i++) {
		if (!parse_is_extension(next))
			break;
		p = parse_at(f, data, data_end, 8);
		if (!p)
			return 0;
		if (next == 44 && PARSE_16(p + 2) & 0xfff8) {
			/* What stands behind the header of a later fragment is payload. */
			f->protocol = p[0];
			f->has |= HAS_PROTOCOL;
			return 0;
		}
		size = (p[1] + 1) * 8;
		if (next == 44)
			size = 8;
		else if (next == 51) /* RFC 4302 2.2: in words of 4, less 2 */
			size = (p[1] + 2) * 4;
		f->offset += size;
		next = p[0];
	}
	f->protocol = next;
	f->has |= HAS_PROTOCOL;
	return !parse_is_extension(next);
}

static __always_inline int parse_ipv6(struct frame_fields *f, const void *data,
				      const void *data_end)
{
	const __u8 *p = parse_at(f, data, data_end, 40);
	__u32 length;

	if (!p || p[0] >> 4 != 6)
		return 0;
	f->has |= HAS_IPV6;
	f->dscp = PARSE_16(p) >> 6 & 0x3f;
	f->source[0] = PARSE_64(p + 8);
	f->source[1] = PARSE_64(p + 16);
	f->destination[0] = PARSE_64(p + 24);
	f->destination[1] = PARSE_64(p + 32);
	length = PARSE_16(p + 4);
	f->offset += 40;
	if (length) /* 0: a jumbogram (RFC 2675), or nothing */
		parse_bound(f, length);
	return parse_extensions(f, data, data_end, p[6]);
}

static __always_inline void parse_transport(struct frame_fields *f, const void *data,
					    const void *data_end)
{
	const __u8 *p;

	/* TCP, UDP, DCCP, SCTP, UDP-Lite: ports are the first four octets of each */
	if (f->protocol != 6 && f->protocol != 17 && f->protocol != 33 && f->protocol != 132 &&
	    f->protocol != 136)
		return;
	p = parse_at(f, data, data_end, 4);
	if (!p)
		return;
	f->source_port = PARSE_16(p);
	f->destination_port = PARSE_16(p + 2);
	f->has |= HAS_PORTS;
	if (f->protocol != 6)
		return;
	p = parse_at(f, data, data_end, 14);
	if (!p)
		return;
	f->tcp_flags = p[13];
	f->has |= HAS_TCP_FLAGS;
}

/* *f is zeroed by the caller; length is that of the whole frame, data_end may be short of it. */
static __always_inline void parse_frame(const void *data, const void *data_end, __u32 length,
					struct frame_fields *f)
{
	int more = 0;

	f->offset = 12;
	f->end = length;
	parse_tags(f, data, data_end);
	f->network = f->offset;
	if (!(f->has & HAS_ETHER_TYPE))
		return;
	if (f->ether_type == 0x0800)
		more = parse_ipv4(f, data, data_end);
	else if (f->ether_type == 0x86dd)
		more = parse_ipv6(f, data, data_end);
	if (more)
		parse_transport(f, data, data_end);
}
