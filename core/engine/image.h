/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The compiled form of a rule set: what user space writes and the engine reads, field by field.
 *
 * Shared by user space and BPF, so it holds types only. Every match field maps its value to a
 * class, and a class is the number of a bit vector: bit 2f is filter f, bit 2f+1 is the same
 * filter with source and destination swapped (`reverse`). The frame matches the rules whose bit
 * is set in the vector of every field. Its cost is therefore that of the fields, not of the
 * number of filters. doc/design.md, "Classification", gives the reasons.
 */
#pragma once

#include <linux/types.h>

enum engine_port {
	PORT_OPTICAL,	 /* line side */
	PORT_ELECTRICAL, /* the switch that the module sits in */
	PORT_HOST,	 /* the host link, sfp0 */
	PORT_COUNT,
};

enum {
	FILTERS_MAX = 1024,
	RULE_BITS = 2 * FILTERS_MAX,
	VECTOR_WORDS = RULE_BITS / 64,
	VECTORS_MAX = 8192, /* power of two: the class is masked with it */
	BOUNDS_MAX = 4096,  /* address intervals a table, power of two */
	FILTER_NAME_SIZE = 64,
	COUNTER_SLOTS = 2 * FILTERS_MAX, /* the staged image has its own beside the active one's */
	SESSIONS_MAX = 16,
	SESSION_SLOTS = 2 * SESSIONS_MAX, /* the same */
	CAPTURES_MAX = 8,
	CAPTURE_SLOTS = 2 * CAPTURES_MAX, /* the same */
	LOANS_MAX = 16,
	LOAN_SLOTS = 2 * LOANS_MAX, /* the same */
	ANSWERS_MAX = 16,

	VLAN_VALUES = 4096,
	LENGTH_VALUES = 16384, /* octets; longer frames count as the last */
};

/* Match fields; the order is that of struct image.none. */
enum image_field {
	FIELD_FROM,
	FIELD_VLAN,
	FIELD_INNER_VLAN,
	FIELD_ETHER_TYPE,
	FIELD_PROTOCOL,
	FIELD_SOURCE_PORT,
	FIELD_DESTINATION_PORT,
	FIELD_TCP_FLAGS,
	FIELD_DSCP,
	FIELD_LENGTH,
	FIELD_SOURCE,
	FIELD_DESTINATION,
	FIELD_COUNT,
};

enum image_verdict {
	VERDICT_NONE,
	VERDICT_PASS,
	VERDICT_DROP,
	VERDICT_RESET,	/* dropped, and both ends get a TCP RST */
	VERDICT_DIVERT, /* to the host and not to the peer */
};

enum image_filter_flag {
	FILTER_COPY = 1 << 0,	   /* a copy to the host link */
	FILTER_FAIL_OPEN = 1 << 1, /* on-failure: pass */
	FILTER_TO_GUEST = 1 << 2,  /* diverted to a service, whatever the destination address */
};

/* What becomes of a mirrored frame that does not fit the path. */
enum image_oversize {
	OVERSIZE_TRUNCATE,
	OVERSIZE_DROP,
	OVERSIZE_FRAGMENT,
};

/* Gra of ERSPAN III (draft-foschiano-erspan-03 4.3) */
enum image_granularity {
	GRANULARITY_100US,
	GRANULARITY_100NS,
	GRANULARITY_1588,
};

/* Copies that a machine too hot or too busy does without. */
enum engine_shed { SHED_MIRRORS = 1 << 0, SHED_CAPTURES = 1 << 1 };

enum image_flag {
	IMAGE_DROP_RESERVED = 1 << 0, /* reserved-multicast: drop */
};

struct image_vector {
	__u32 summary; /* bit w: word[w] is not zero */
	__u32 pad;
	__u64 word[VECTOR_WORDS];
};

/* Sorted interval starts; unused entries repeat the last start, so that the search needs no count.
 */
struct image_addresses4 {
	__u32 start[BOUNDS_MAX]; /* host byte order */
	__u16 class[BOUNDS_MAX];
};

struct image_addresses6 {
	__u64 high[BOUNDS_MAX];
	__u64 low[BOUNDS_MAX];
	__u16 class[BOUNDS_MAX];
};

struct image_filter {
	__u32 slot;   /* in the counters map; stays with the filter's name */
	__u32 sample; /* copies one in N; 0 and 1: all */
	__u8 verdict;
	__u8 flags;
	__u16 mirror; /* bit: the session of that number gets a copy */
	__u8 capture; /* bit: the capture of that number gets one */
	__u8 pad[3];
};

/* A capture: where its records go is in a map of rings. */
struct image_capture {
	__u32 slot; /* of its ring and its counters; stays with its name */
	__u32 snap; /* octets of a frame that are kept */
	char name[FILTER_NAME_SIZE];
};

/* An ERSPAN session, without what the way to its collector is (struct engine_reach). */
struct image_session {
	__u32 slot;	  /* of its counters, its sequence and its way; stays with its name */
	__u32 kbits;	  /* kbit/s, 0: no bound */
	__u32 packets;	  /* packets/s, 0: no bound */
	__u16 id;	  /* 10 bits */
	__u16 snap;	  /* octets of the frame that are sent, 0: all */
	__u8 version;	  /* 1, 2, 3 */
	__u8 family;	  /* of the outer packet, 4 or 6 */
	__u8 oversize;	  /* enum image_oversize */
	__u8 granularity; /* enum image_granularity */
	__u8 hardware;	  /* HwID, 6 bits */
	__u8 pad[3];
	__u8 destination[16]; /* network byte order; IPv4: the first four */
	char name[FILTER_NAME_SIZE];
};

/* A loan, without what was learned of its owner (struct engine_loan). */
struct image_loan {
	__u32 slot; /* of its counters and of what was learned; stays with its name */
	__u8 family;
	__u8 owner;	  /* enum engine_port: the side that the owner is on */
	__u16 first_port; /* of our own connections; both 0: there are none */
	__u16 last_port;
	__u8 pad[6];
	__u64 address[2]; /* host byte order; IPv4: the first */
	char name[FILTER_NAME_SIZE];
};

/* An address that ARP requests are answered for. */
struct image_answer {
	__u32 address; /* host byte order */
	__u16 filter;
	__u8 from; /* bit: enum engine_port */
	__u8 pad;
};

struct image {
	__u32 filters;	    /* 0: the engine is a plain wire */
	__u32 fields;	    /* bit field: some rule constrains it */
	__u32 flags;	    /* enum image_flag */
	__u32 host_kbits;   /* kbit/s to the host, 0: no bound */
	__u32 host_packets; /* packets/s to the host, 0: no bound */
	__u8 host_mac[8];   /* the last two are padding */
	__u8 guest_mac[8];  /* where frames for others' addresses go; the same */
	__u32 all;	    /* the class of every rule, for fields no rule constrains */

	__u16 from[2];
	__u16 none[FIELD_COUNT]; /* the class of a frame that lacks the field */
	__u16 pad[2];
	__u16 vlan[VLAN_VALUES];
	__u16 inner_vlan[VLAN_VALUES];
	__u16 ether_type[65536];
	__u16 protocol[256];
	__u16 source_port[65536];
	__u16 destination_port[65536];
	__u16 tcp_flags[256];
	__u16 dscp[64];
	__u16 length[LENGTH_VALUES];
	struct image_addresses4 source4;
	struct image_addresses4 destination4;
	struct image_addresses6 source6;
	struct image_addresses6 destination6;

	__u32 sessions;
	__u32 pad2;
	struct image_session session[SESSIONS_MAX];
	__u32 captures;
	__u32 pad3;
	struct image_capture capture[CAPTURES_MAX];
	__u32 answers;
	__u32 loans;
	struct image_answer answer[ANSWERS_MAX];
	struct image_loan loan[LOANS_MAX];
	__u16 loan_end[65536]; /* bit: that loan's address ends so, in its last two octets */
	__u16 lent_tcp[65536]; /* bit: that loan has the port */
	__u16 lent_udp[65536];
	struct image_filter filter[FILTERS_MAX];
	struct image_vector vector[VECTORS_MAX];
	char name[FILTERS_MAX]
		 [FILTER_NAME_SIZE]; /* so that a new supervisor can read the old rules */
};
