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
	ENGINE_ABI = 1,
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
	__u32 pad;
};

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
	__u64 host_policed; /* frames and copies kept from the host by its rate limit */
	__u64 copies_long;  /* copies not made of frames over COPY_LENGTH_MAX */
};

struct filter_counters {
	__u64 packets;
	__u64 bytes;
};

/* What the engine did with the last frame; only written where the constant `record` is set. */
struct engine_decision {
	__u32 egress; /* bit port */
	__u32 filter; /* whose verdict it was, or FILTERS_MAX */
};
