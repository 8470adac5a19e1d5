// SPDX-License-Identifier: GPL-2.0-or-later
/* A generator, a sink, and the plain forwarders that Ferrule is measured against. */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

const volatile __u32 peer_ifindex = 0;

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

SEC("xdp")
int generate(struct xdp_md *ctx)
{
	(void)ctx;
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
