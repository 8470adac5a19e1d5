// SPDX-License-Identifier: GPL-2.0-or-later
/* A generator, a sink, and the plain forwarders that Ferrule is measured against. */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

#include "core/engine/xdp/octets.h"

const volatile __u32 peer_ifindex = 0;
enum { PORTS = 50000, UDP_HEAD = 14 + 20 + 8 };

/* That the generator's frames belong to, by turns; 0: frames go as they are. Others they are
 * written anew, as pages come back with what was made of them. */
const volatile __u32 flows = 0;
const volatile __u8 head[UDP_HEAD] = {};

static __u32 turn;

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} received SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct bpf_devmap_val);
} peer SEC(".maps");

/* Headers, with source address and port of the next flow, and a good checksum. */
static __always_inline void flow_next(__u8 *frame)
{
	__u32 number = turn++ % flows, sum = 0;

	for (int i = 0; i < UDP_HEAD; i++)
		frame[i] = head[i];
	put16(frame + 28, number / PORTS);
	put16(frame + 34, 1024 + number % PORTS);
	put16(frame + 24, 0);
#pragma unroll
	for (int i = 14; i < 34; i += 2)
		sum += frame[i] << 8 | frame[i + 1];
	sum = (sum & 0xffff) + (sum >> 16);
	put16(frame + 24, ~(sum + (sum >> 16)));
}

SEC("xdp")
int generate(struct xdp_md *ctx)
{
	__u8 *frame = (void *)(long)ctx->data;

	if (flows && (void *)(frame + UDP_HEAD) <= (void *)(long)ctx->data_end)
		flow_next(frame);
	return XDP_TX;
}

/* A service that is as fast as can be. */
SEC("xdp")
int echo(struct xdp_md *ctx)
{
	__u8 *frame = (void *)(long)ctx->data;

	if ((void *)(frame + UDP_HEAD) > (void *)(long)ctx->data_end || frame[23] != 17)
		return XDP_PASS;
	swap(frame, frame + 6, 6);
	swap(frame + 26, frame + 30, 4);
	swap(frame + 34, frame + 36, 2);
	return XDP_TX;
}

SEC("xdp")
int sink(struct xdp_md *ctx)
{
	__u32 zero = 0;
	__u64 *count = bpf_map_lookup_elem(&received, &zero);

	(void)ctx;
	if (count)
		(*count)++;
	return XDP_DROP;
}

SEC("xdp")
int bare_redirect(struct xdp_md *ctx)
{
	(void)ctx;
	return bpf_redirect_map(&peer, 0, 0);
}

SEC("tc")
int tc_redirect(struct __sk_buff *skb)
{
	(void)skb;
	return bpf_redirect(peer_ifindex, 0);
}

char LICENSE[] SEC("license") = "GPL";
