/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The maps of the XDP programs. BPF only; maps.h has the types that user space shares.
 */
#pragma once

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "maps.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, BANKS);
	__type(key, __u32);
	__type(value, struct image);
} fer_image SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct engine_control);
} fer_control SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, MAC_ENTRIES);
	__type(key, __u32);
	__type(value, struct engine_mac);
} fer_mac SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct engine_counters);
} fer_counters SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, COUNTER_SLOTS);
	__type(key, __u32);
	__type(value, struct filter_counters);
} fer_filters SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct engine_decision);
} fer_decision SEC(".maps");

/* Not shared with user space: the lock has a meaning here only. Credit in units of 1/8 ns of rate.
 */
enum {
	BUCKET_FRAMES_MIN = 10, /* that a limit lets through at once, however low it is */
};
#define BUCKET_BITS_MIN	   (BUCKET_FRAMES_MIN * 3000 * 8000000LL)
#define BUCKET_PACKETS_MIN (BUCKET_FRAMES_MIN * 1000000000LL)

struct bucket {
	struct bpf_spin_lock lock;
	__u32 number;  /* the next one, where packets have numbers */
	__u64 stamp;   /* ns */
	__s64 bits;    /* in 10^-6 */
	__s64 packets; /* in 10^-9 */
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct bucket);
} fer_bucket SEC(".maps");

/* One a session slot; behind them the one that numbers outer packets. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SESSION_SLOTS + 1);
	__type(key, __u32);
	__type(value, struct bucket);
} fer_session_bucket SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SESSION_SLOTS);
	__type(key, __u32);
	__type(value, struct engine_reach);
} fer_reach SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, SESSION_SLOTS);
	__type(key, __u32);
	__type(value, struct session_counters);
} fer_sessions SEC(".maps");

/* Rings are made by the supervisor as there are captures, by capture slot. */
struct ring {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, CAPTURE_RING);
};

/* Hashes of maps: kernels of 32 bits write an array of maps at other offsets than they read it
 * (kernel/bpf/arraymap.c: elem_size is rounded up to 8, a pointer has 4). */
struct {
	__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
	__uint(max_entries, CAPTURE_SLOTS);
	__type(key, __u32);
	__array(values, struct ring);
} fer_rings SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, CAPTURE_SLOTS);
	__type(key, __u32);
	__type(value, struct capture_counters);
} fer_captures SEC(".maps");

/* The label of the frame at hand, for where metadata is lost on the way (generic mode). */
struct copy_scratch {
	struct copy_label label;
	__u32 number; /* of the last pair of clones */
	__u32 seen;   /* by fer_label */
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct copy_scratch);
} fer_scratch SEC(".maps");

/* Flows: tables by enum flow_table, made by the supervisor. */
struct flow_map {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__uint(key_size, sizeof(struct flow_key));
	__uint(value_size, sizeof(struct flow));
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
	__uint(max_entries, FLOW_TABLES);
	__type(key, __u32);
	__array(values, struct flow_map);
} fer_flows SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, LOAN_SLOTS);
	__type(key, __u32);
	__type(value, struct engine_loan);
} fer_loans SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, LOAN_SLOTS);
	__type(key, __u32);
	__type(value, struct loan_counters);
} fer_loan_counters SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 2048);
	__type(key, struct sighting_key);
	__type(value, struct sighting);
} fer_sightings SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4 * ANSWERS_MAX);
	__type(key, __u32); /* the address */
	__type(value, struct arp_rival);
} fer_rivals SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 2048);
	__type(key, struct owner_port);
	__type(value, __u32); /* tick */
} fer_owner_ports SEC(".maps");

/* UDP ports of owners that somebody has asked lately: apart, as anybody can fill it. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 2048);
	__type(key, struct owner_port);
	__type(value, __u32); /* tick */
} fer_asked SEC(".maps");

#define DEVMAP(name, entries)                                                                      \
	struct {                                                                                   \
		__uint(type, BPF_MAP_TYPE_DEVMAP);                                                 \
		__uint(max_entries, entries);                                                      \
		__type(key, __u32);                                                                \
		__type(value, struct bpf_devmap_val);                                              \
	} name SEC(".maps")

/* by port; behind them the guest interface */
enum { PORT_GUEST = PORT_COUNT };
DEVMAP(fer_ports, PORT_COUNT + 1);
DEVMAP(fer_from_optical, PORT_COUNT); /* all that a frame of that port can be copied to */
DEVMAP(fer_from_electrical, PORT_COUNT);
DEVMAP(fer_from_host, PORT_COUNT);
/* The copier alone; with the peer of a port; and twice, for what becomes two */
DEVMAP(fer_copy, 1);
DEVMAP(fer_copy_optical, 2);
DEVMAP(fer_copy_electrical, 2);
DEVMAP(fer_copy_twice, 2);

const volatile __u8 has_buff_len = 1; /* bpf_xdp_get_buff_len(): kernel 5.18 */
const volatile __u8 record = 0;	      /* tests: write every decision down */

static const __u32 zero;

static __always_inline struct engine_counters *counters(void)
{
	return bpf_map_lookup_elem(&fer_counters, &zero);
}
