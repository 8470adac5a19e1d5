/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A VLAN tag that the driver took out of the frame. BPF only. */
#pragma once

#ifdef TAGS_BESIDE

extern int bpf_xdp_metadata_rx_vlan_tag(const struct xdp_md *ctx, __be16 *vlan_proto,
					__u16 *vlan_tci) __ksym;

/* 0, or not: there was a tag, and no room for it. */
static __always_inline int tag_restore(struct xdp_md *ctx)
{
	__u16 type = 0, tci = 0;
	__u8 addresses[12], *data;

	if (bpf_xdp_metadata_rx_vlan_tag(ctx, &type, &tci))
		return 0;
	if (ctx->data + sizeof(addresses) > ctx->data_end)
		return 0;
	data = (void *)(long)ctx->data;
	__builtin_memcpy(addresses, data, sizeof(addresses));
	if (bpf_xdp_adjust_head(ctx, -4))
		return -1;
	data = (void *)(long)ctx->data;
	if (data + 16 > (__u8 *)(long)ctx->data_end)
		return -1;
	__builtin_memcpy(data, addresses, sizeof(addresses));
	data[12] = type & 0xff; /* network byte order */
	data[13] = type >> 8;
	data[14] = tci >> 8;
	data[15] = tci & 0xff;
	return 0;
}

#else

static __always_inline int tag_restore(struct xdp_md *ctx)
{
	(void)ctx;
	return 0;
}

#endif
