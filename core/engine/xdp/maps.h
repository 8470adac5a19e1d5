/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the XDP programs and the supervisor keep in common maps, beside the image.
 * Types only. A change to any of them, or to struct image, raises ENGINE_ABI: the next
 * supervisor then builds new maps instead of adopting the old ones.
 */
#pragma once

#include <linux/types.h>

#include "../image.h"

enum {
	ENGINE_ABI = 4,
	BANKS = 2,		/* one is read by the engine, the other written by the supervisor */
	MAC_ENTRIES = 4096,	/* direct mapped, power of two */
	MAC_AGE = 300,		/* seconds, the default of IEEE 802.1Q 8.8.3 */
	COPY_LENGTH_MAX = 3000, /* octets; the kernel's clone of a longer frame is not safe */
};

struct engine_control {
	__u32 abi;
	__u32 active;	 /* bank */
	__u64 heartbeat; /* ns, CLOCK_MONOTONIC; 0: never */
	__u32 tick;	 /* s since the first start; stands still while no supervisor runs */
	__u32 reachable; /* bit: the session slot's collector can be reached */
	__s64 wall;	 /* ns to add to CLOCK_MONOTONIC for UTC */
	__u32 lent;	 /* bit: the loan slot takes new sessions, and opens its own */
	__u32 kept;	 /* bit: the loan slot's sessions go on */
	__u32 shed;	 /* enum engine_shed: what is not done for now */
	__u32 guests;	 /* the rules that redirect new flows of guests are in force */
};

/*
 * The way to a session's collector, as the supervisor knows it: by session slot. Changed only
 * while its bit in `reachable` is clear.
 */
struct engine_reach {
	__u32 port;	/* enum engine_port: by which it leaves */
	__u32 mtu;	/* octets of the outer packet, with its IP header */
	__u32 kbits;	/* bound by the session's share of the port, 0: none */
	__u32 sum;	/* of the IPv4 header's words, without length and identification */
	__u8 outer[56]; /* Ethernet and IP header; lengths, identification and checksum are zero */
};

struct session_counters {
	__u64 packets; /* sent */
	__u64 bytes;   /* of the frames, as sent */
	__u64 truncated;
	__u64 limited;	 /* not sent, by its rate limit or its share */
	__u64 oversized; /* not sent, as it does not fit */
	__u64 looped;	 /* not sent: of the collector's own traffic */
};

/*
 * Flows that the module answers as somebody else. Numbers in host byte order, IPv4 addresses in
 * the first word.
 */
struct flow_key {
	__u64 remote[2];
	__u64 local[2]; /* the address that the module answers as */
	__u16 remote_port;
	__u16 local_port;
	__u8 protocol;
	__u8 family;
	__u16 pad;
};

enum {
	FLOW_ANSWERED = 1 << 0,
	FLOW_BEGAN = 1 << 1, /* of an owner's: it began the connection */
	FLOW_ENDED = 1 << 2, /* and ended it */
};

enum { FLOW_TAGS = 4 };

struct flow {
	__u8 mac[12]; /* of frames to the remote: destination, source */
	__u8 port;    /* enum engine_port: where the remote is */
	__u8 tags;    /* how many VLAN tags frames have */
	__u8 flags;   /* FLOW_* */
	__u8 loan;    /* its slot and 1; 0: a filter diverts it */
	__u8 tag[4 * FLOW_TAGS];
	__u32 seen;   /* tick */
	__u32 next;   /* what acknowledges our SYN; 0: none was sent */
	__u32 filter; /* that diverts it: its slot */
	__u32 pad;
};

/* Tables of flows; the supervisor makes them where something needs them. */
enum flow_table {
	FLOWS_ANSWERED, /* the remote has taken an answer: a flood of new ones does not reach these
			 */
	FLOWS_NEW,
	FLOWS_OWNERS, /* of a loan's owner, with ports that are lent */
	FLOW_TABLES,
};

/* What was learned of a loan's owner. Changed only while the slot's bit in `kept` is clear. */
struct engine_loan {
	__u8 owner[6];
	__u8 gateway[6]; /* 0: none is known */
	__u8 tags;
	__u8 side; /* enum engine_port: the owner's */
	__u8 pad[2];
	__u8 tag[4 * FLOW_TAGS];
};

struct loan_counters {
	__u64 rx_packets; /* to the module */
	__u64 rx_bytes;
	__u64 tx_packets; /* from it */
	__u64 tx_bytes;
};

/* Who was seen with a loan's address: the owner itself, or somebody who speaks with it. */
struct sighting_key {
	__u32 slot;
	__u8 mac[6];
	__u8 port;  /* enum engine_port: where the frame came in */
	__u8 about; /* SIGHTING_* */
	__u16 vlan; /* 4096: none */
	__u16 inner_vlan;
};

enum { SIGHTING_OWNER, SIGHTING_REMOTE };

enum { SIGHTING_ADDRESSES = 4 };

struct sighting {
	__u64 address[SIGHTING_ADDRESSES][2]; /* of the remote: others, the last ones */
	__u64 own[2];			      /* what it says is its own, by ARP or ND */
	__u8 tag[4 * FLOW_TAGS];
	__u32 tags;
	__u32 first, last; /* tick */
	__u32 frames;	   /* of those that were looked at */
	__u32 in_tick;
	__u32 addresses; /* how many there are in the list */
	__u32 neighbour; /* it has said what its own is */
	__u32 pad;
};

/* A port that the owner answered from, or that somebody has asked. */
struct owner_port {
	__u16 slot;
	__u16 port;
	__u32 protocol;
};

/* What a ring of a capture holds: this, and the first octets of the frame. */
struct capture_record {
	__u64 stamp;	/* ns, CLOCK_MONOTONIC: when the frame came in */
	__u64 lost;	/* frames of that port that did not fit into the ring until then */
	__u32 length;	/* octets of the frame */
	__u32 captured; /* of them that follow */
	__u32 port;	/* enum engine_port: where it came in */
	__u32 pad;
};

enum {
	CAPTURE_SNAP_MAX = 16384, /* octets */
	CAPTURE_RING = 1 << 20,	  /* octets of a ring, a power of two and of pages */
};

struct capture_counters {
	__u64 packets; /* that the capture took */
	__u64 bytes;
	__u64 lost[2]; /* frames by enum engine_port: its ring was full */
};

/*
 * What a copy has in front of it on its way to fer_copier, first as metadata and then as octets:
 * the targets that are still to be served, in host byte order.
 */
enum copy_target {
	COPY_SESSIONS = (1 << SESSIONS_MAX) - 1,
	COPY_HOST = 1 << SESSIONS_MAX,
	COPY_RESET = 1 << (SESSIONS_MAX + 1),	   /* a RST on to where the segment was going */
	COPY_RESET_BACK = 1 << (SESSIONS_MAX + 2), /* and one to where it came from */
	COPY_FRAGMENT = 1 << (SESSIONS_MAX + 3),   /* a packet that is encapsulated, in two */
	COPY_DIVERT = 1 << (SESSIONS_MAX + 4),	   /* to the guest interface */
	COPY_LOAN = 1 << (SESSIONS_MAX + 5), /* the same, of a loan; never by way of a label */
};

struct copy_label {
	__u64 stamp;   /* ns, CLOCK_MONOTONIC: when the frame came in */
	__u32 targets; /* enum copy_target */
	__u32 number;  /* of a pair of clones, 0: it is alone */
	__u16 detail;  /* COPY_FRAGMENT: octets of an outer packet; COPY_DIVERT: the filter */
	__u8 bank;
	__u8 port;    /* where it came in */
	__u32 second; /* it is the second of the pair */
};

/* Where the address is in the table. */
static inline __attribute__((always_inline)) __u32 mac_index(__u64 key)
{
	return key * 0x9e3779b97f4a7c15ULL >> 52;
}

/* A supervisor silent for longer is dead: filters with on-failure pass let go. */
#define HEARTBEAT_LIMIT 3000000000ULL

struct engine_mac {
	__u64 key;  /* octets 0-5 of the address, port << 48, 1 << 56 for a valid entry */
	__u32 seen; /* tick */
	__u32 pad;
};

struct port_counters {
	__u64 rx_packets;
	__u64 rx_bytes;
	__u64 tx_packets;
	__u64 tx_bytes;
	__u64 dropped; /* by a filter's verdict, or reserved multicast */
};

struct engine_counters {
	struct port_counters port[PORT_COUNT];
	__u64 host_policed;   /* frames and copies kept from the host by its rate limit */
	__u64 copies_long;    /* copies not made of frames over COPY_LENGTH_MAX */
	__u64 copies_refused; /* not made: the driver has no room for metadata */
	__u64 resets;	      /* TCP RSTs sent */
	__u64 diverted;	      /* frames to the guest interface for a filter */
	__u64 guest_lost;     /* frames from there that no flow and no loan knows */
	__u64 arp_answers;
};

/* Who else says that an address of `answer-arp` is his. */
struct arp_rival {
	__u64 heard; /* ns, CLOCK_MONOTONIC: last */
	__u8 mac[6];
	__u8 pad[2];
};

/* He has it for so long after he was heard last (RFC 5227 2.4: an address is not fought for). */
#define ARP_RIVAL_LIMIT 900000000000ULL

struct filter_counters {
	__u64 packets;
	__u64 bytes;
};

/* What the engine did with the last frame; only written where the constant `record` is set. */
struct engine_decision {
	__u32 egress;	/* bit port */
	__u32 filter;	/* whose verdict it was, or FILTERS_MAX */
	__u32 targets;	/* enum copy_target, without COPY_HOST */
	__u32 captures; /* bit: the capture of that number */
	__u32 loan;	/* with COPY_LOAN: its number */
};
