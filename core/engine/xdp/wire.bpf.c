// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The wire: one program a port, one image of the rules, three device maps to leave by.
 *
 * A frame meets, in this order: the host's own MAC, loans, the filters, the group addresses, the
 * peer.
 * All decisions come from one image, chosen once a frame, so that no frame sees half a commit;
 * the supervisor writes the other bank and then flips `active`. Nothing here needs the supervisor
 * to be alive. The semantics are those of tests/engine/reference.c, and a test compares the two.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "answer.h"
#include "bucket.h"
#include "capture.h"
#include "classify.h"
#include "copier.h"
#include "erspan.h"
#include "flows.h"
#include "fragment.h"
#include "loans.h"
#include "reset.h"
#include "tables.h"
#include "tag.h"

static __always_inline __u32 frame_length(struct xdp_md *ctx)
{
	if (has_buff_len)
		return bpf_xdp_get_buff_len(ctx);
	return ctx->data_end - ctx->data;
}

/* ---- the host link ---- */

/*
 * One bucket for all that goes to the host. Copies leave a quarter of it alone, so that a flood of
 * copies never starves the frames addressed to the module itself.
 */
static __always_inline int police(const struct image *img, __u32 length, int is_copy)
{
	struct bucket *bucket = bpf_map_lookup_elem(&fer_bucket, &zero);

	return !bucket || bucket_take(bucket, img->host_kbits, img->host_packets, length, is_copy);
}

/* Octet i in bits 8i and up. Two loads where that is the machine's own order: this is paid thrice
 * for every frame. */
static __always_inline __u64 mac_key(const __u8 *mac)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return *(const __u32 *)mac | (__u64) * (const __u16 *)(mac + 4) << 32;
#else
	return (__u64)mac[0] | (__u64)mac[1] << 8 | (__u64)mac[2] << 16 | (__u64)mac[3] << 24 |
	       (__u64)mac[4] << 32 | (__u64)mac[5] << 40;
#endif
}

static __always_inline struct engine_mac *mac_entry(__u64 key)
{
	__u32 index = mac_index(key);

	return bpf_map_lookup_elem(&fer_mac, &index);
}

static __always_inline void mac_learn(const struct engine_control *control, __u64 key, __u32 port)
{
	struct engine_mac *entry = mac_entry(key);

	if (!entry || key & 1)
		return;
	key |= (__u64)port << 48 | 1ULL << 56;
	if (entry->key != key)
		entry->key = key;
	if (entry->seen != control->tick)
		entry->seen = control->tick;
}

/* PORT_COUNT where the address was not seen, or not lately. */
static __always_inline __u32 mac_port(__u64 key)
{
	struct engine_control *control = bpf_map_lookup_elem(&fer_control, &zero);
	struct engine_mac *entry = mac_entry(key);
	__u64 found;

	if (!entry || !control)
		return PORT_COUNT;
	found = entry->key;
	if ((found ^ key) & 0xffffffffffffULL || !(found >> 56))
		return PORT_COUNT;
	if (control->tick - entry->seen > MAC_AGE)
		return PORT_COUNT;
	return found >> 48 & 1;
}

/* ---- leaving ---- */

static __always_inline void count_egress(struct engine_counters *c, __u32 egress, __u32 length)
{
	for (int i = 0; i < PORT_COUNT; i++) {
		if (egress & 1 << i) {
			c->port[i].tx_packets++;
			c->port[i].tx_bytes += length;
		}
	}
}

/* in_pieces: the kernel's clone of such a frame shares garbage (doc/design.md). */
static __always_inline int leave(void *fan, __u32 egress, __u32 peer, __u32 length, int in_pieces,
				 struct engine_counters *c)
{
	if (egress & (egress - 1) && (in_pieces || length > COPY_LENGTH_MAX)) {
		egress = 1 << peer;
		c->copies_long++;
	}
	if (!egress)
		return XDP_DROP;
	count_egress(c, egress, length);
	if (egress & (egress - 1))
		return bpf_redirect_map(fan, 0, BPF_F_BROADCAST);
	return bpf_redirect_map(&fer_ports, egress >> 1, XDP_DROP); /* 1, 2, 4 -> 0, 1, 2 */
}

static __always_inline void decided(__u32 egress, __u64 match)
{
	struct engine_decision *d = record ? bpf_map_lookup_elem(&fer_decision, &zero) : 0;

	if (!d)
		return;
	d->egress = egress;
	d->filter = match & MATCH_VERDICT ? (__u16)(match >> MATCH_FILTER_SHIFT) : FILTERS_MAX;
	d->targets = (__u16)(match >> MATCH_MIRROR_SHIFT);
	d->captures = match >> MATCH_CAPTURE_SHIFT;
	if (match & MATCH_RESET)
		d->targets |= COPY_RESET | COPY_RESET_BACK;
	if (match & MATCH_DIVERT)
		d->targets |= COPY_DIVERT;
	if (match & MATCH_LOAN)
		d->targets |= COPY_LOAN;
	d->loan = (__u16)(match >> MATCH_FILTER_SHIFT);
}

static __always_inline int is_group(__u64 key)
{
	return key & 1;
}

/* 01-80-C2-00-00-00 to -0F (IEEE 802.1Q table 8-1) */
static __always_inline int is_reserved(__u64 key)
{
	return (key & 0xf0ffffffffffULL) == 0x000000c28001ULL;
}

/* MAC control (IEEE 802.3 annex 31A): meant for the MAC at the other end of this very cable */
static __always_inline int is_pause(__u64 key, const __u8 *type)
{
	return key == 0x010000c28001ULL && PARSE_16(type) == 0x8808;
}

/*
 * Where a diverted frame goes on this side of the copier: the host link has it unchanged, or its
 * copy. It is policed as a copy is: anybody can send many.
 */
static __always_inline __u32 diverted_egress(const struct image *img, __u32 length,
					     __u64 wants_copy, struct engine_counters *c,
					     __u64 *match)
{
	if (!police(img, length, 1)) {
		c->host_policed++;
		*match &= ~(__u64)MATCH_DIVERT;
		return 0;
	}
	return *match & MATCH_HOST || wants_copy ? 1 << PORT_HOST : 0;
}

/*
 * A service answers one at a time, and new ones only while the rules that lead to it are in force:
 * otherwise the frame goes its way.
 */
static __always_inline int may_divert(struct xdp_md *ctx, const struct engine_control *control,
				      __u64 destination)
{
	return !is_group(destination) && (control->guests || flow_is_known(ctx));
}

/* A loan takes the frame. The host's bucket limits it, and a flood of new flows leaves some of it
 * to those that there are. */
static __always_inline __u32 lent_egress(struct xdp_md *ctx, const struct image *img, __u32 bank,
					 __u32 port, __u32 length, struct engine_counters *c,
					 __u64 *match)
{
	__u32 candidates = loan_candidates(ctx, bank), loan;

	loan = candidates ? loan_frame(ctx, bank, port, candidates) : 0;
	if (!loan)
		return 0;
	if (police(img, length, !!(loan & LOAN_NEW)))
		*match = MATCH_LOAN | MATCH_DROP |
			 (__u64)((loan & ~LOAN_NEW) - 1) << MATCH_FILTER_SHIFT;
	else
		c->host_policed++;
	return 1;
}

/* The ports that a frame from the wire goes to. */
static __always_inline __u32 wire_egress(struct xdp_md *ctx, const struct image *img,
					 const struct engine_control *control, __u32 bank,
					 const __u8 *data, __u32 port, __u32 length,
					 struct engine_counters *c, __u64 *match)
{
	__u64 destination = mac_key(data), host = mac_key(img->host_mac);
	__u32 egress = 1 << (port ^ 1);
	__u64 wants_copy = is_group(destination);

	if (destination == host) {
		if (police(img, length, 0))
			return 1 << PORT_HOST;
		c->host_policed++;
		return 0;
	}
	if (img->loans && lent_egress(ctx, img, bank, port, length, c, match))
		return 0;
	if (img->filters) {
		*match = match_frame(ctx, bank, port, length);
		if (*match & MATCH_DIVERT && !may_divert(ctx, control, destination))
			*match &= ~(__u64)(MATCH_DIVERT | MATCH_DROP);
		if (*match & MATCH_DROP)
			egress = wants_copy = 0;
		wants_copy |= *match & MATCH_COPY;
		if (*match & (MATCH_HOST | MATCH_DIVERT))
			return diverted_egress(img, length, wants_copy, c, match);
		if (img->answers && destination == mac_key(img->guest_mac))
			egress = 0;
	}
	if (egress && is_reserved(destination) &&
	    (is_pause(destination, data + 12) || img->flags & IMAGE_DROP_RESERVED)) {
		egress = 0;
		wants_copy = *match & MATCH_COPY;
	}
	if (!egress)
		c->port[port].dropped++;
	if (wants_copy) {
		if (police(img, length, 1))
			egress |= 1 << PORT_HOST;
		else
			c->host_policed++;
	}
	return egress;
}

/*
 * What of the frame goes by way of the copier: sessions that can be reached, and resets. Without
 * branches, on each of which the verifier would fork.
 */
__attribute__((noinline)) __u32 copies_of(__u32 bank, __u64 match)
{
	const struct image *img = bpf_map_lookup_elem(&fer_image, &bank);
	const struct engine_control *control = bpf_map_lookup_elem(&fer_control, &zero);
	__u32 targets = match & MATCH_RESET ? COPY_RESET | COPY_RESET_BACK : 0;
	__u32 wanted = (__u16)(match >> MATCH_MIRROR_SHIFT);

	if (!img || !control || !wanted || control->shed & SHED_MIRRORS)
		return targets;
	for (int i = 0; i < SESSIONS_MAX; i++) {
		__u32 both = wanted >> i & control->reachable >> (img->session[i].slot & 31);

		targets |= (both & 1) << i;
	}
	return targets;
}

/* To the peer, if it is in egress, and to the copier, which serves the rest of egress too. */
static __always_inline int leave_copied(struct xdp_md *ctx, void *fan, void *copy_fan,
					__u32 targets, __u32 filter, __u32 egress, __u32 port,
					__u32 bank, __u32 length, struct engine_counters *c)
{
	struct copy_label label = {
		.stamp = bpf_ktime_get_ns(),
		.targets = targets | (egress & 1 << PORT_HOST ? COPY_HOST : 0),
		.bank = bank,
		.port = port,
		.detail = filter,
	};
	__u32 peer = egress & ~(1 << PORT_HOST);

	/* where copies cannot be made, what is diverted still finds its service */
	if (length != ctx->data_end - ctx->data || length > COPY_LENGTH_MAX) {
		c->copies_long++;
		if (targets & COPY_DIVERT)
			return divert_serve(ctx, bank, filter, port);
		return leave(fan, egress, port ^ 1, length, length != ctx->data_end - ctx->data, c);
	}
	if (label_put(ctx, &label)) {
		c->copies_refused++;
		if (targets & COPY_DIVERT)
			return divert_serve(ctx, bank, filter, port);
		return leave(fan, egress, port ^ 1, length, 0, c);
	}
	count_egress(c, egress, length);
	if (peer)
		return bpf_redirect_map(copy_fan, 0, BPF_F_BROADCAST);
	return bpf_redirect_map(&fer_copy, 0, XDP_DROP);
}

static __always_inline int leave_answer(__u32 port, __u32 length, struct engine_counters *c)
{
	decided(1 << port, 0);
	count_egress(c, 1 << port, length);
	return copy_send(port);
}

static __always_inline int wire_frame(struct xdp_md *ctx, void *fan, void *copy_fan, __u32 port)
{
	__u8 *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct engine_counters *c = counters();
	struct engine_control *control = bpf_map_lookup_elem(&fer_control, &zero);
	/* read once: all that is decided about the frame comes from this bank */
	__u32 bank = control ? *(volatile __u32 *)&control->active : 0;
	struct image *img = bpf_map_lookup_elem(&fer_image, &bank);
	__u32 length = frame_length(ctx), egress = 1 << (port ^ 1), targets = 0, filter;
	__u64 match = 0;

	if (!c || !img || !control)
		return bpf_redirect_map(&fer_ports, port ^ 1, XDP_DROP);
	c->port[port].rx_packets++;
	c->port[port].rx_bytes += length;
	if ((void *)data + 14 <= data_end) {
		mac_learn(control, mac_key(data + 6), port);
		if (img->answers && answer_arp(ctx, bank, port))
			return leave_answer(port, length, c);
		egress = wire_egress(ctx, img, control, bank, data, port, length, c, &match);
	}
	decided(egress, match);
	if (match >> MATCH_CAPTURE_SHIFT && !(control->shed & SHED_CAPTURES))
		capture_frame(ctx, bank, match >> MATCH_CAPTURE_SHIFT, port, length);
	if (match & MATCH_RESET || (__u16)(match >> MATCH_MIRROR_SHIFT))
		targets = copies_of(bank, match);
	filter = (__u16)(match >> MATCH_FILTER_SHIFT);
	if (match & MATCH_LOAN)
		return loan_serve(ctx, bank, filter, length);
	if (match & MATCH_DIVERT) {
		/* what stays with the filter's name, also while nftables lag behind */
		filter = img->filter[filter & (FILTERS_MAX - 1)].slot;
		if (!targets && !egress)
			return divert_serve(ctx, bank, filter, port);
		targets |= COPY_DIVERT;
	}
	if (targets)
		return leave_copied(ctx, fan, copy_fan, targets, filter, egress, port, bank, length,
				    c);
	return leave(fan, egress, port ^ 1, length, length != ctx->data_end - ctx->data, c);
}

SEC("xdp.frags")
int fer_optical(struct xdp_md *ctx)
{
	if (tag_restore(ctx))
		return XDP_ABORTED;
	return wire_frame(ctx, &fer_from_optical, &fer_copy_optical, PORT_OPTICAL);
}

SEC("xdp.frags")
int fer_electrical(struct xdp_md *ctx)
{
	if (tag_restore(ctx))
		return XDP_ABORTED;
	return wire_frame(ctx, &fer_from_electrical, &fer_copy_electrical, PORT_ELECTRICAL);
}

SEC("xdp.frags")
int fer_host(struct xdp_md *ctx)
{
	__u8 *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct engine_counters *c = counters();
	__u32 length = frame_length(ctx), port = PORT_COUNT, egress;

	if (!c || (void *)data + 14 > data_end)
		return XDP_DROP;
	c->port[PORT_HOST].rx_packets++;
	c->port[PORT_HOST].rx_bytes += length;
	if (!is_group(mac_key(data)))
		port = mac_port(mac_key(data));
	egress = port < PORT_HOST ? 1 << port : 1 << PORT_OPTICAL | 1 << PORT_ELECTRICAL;
	decided(egress, 0);
	return leave(&fer_from_host, egress, PORT_ELECTRICAL, length,
		     length != ctx->data_end - ctx->data, c);
}

/* What the host sends for somebody else's address. */
SEC("xdp.frags")
int fer_guest(struct xdp_md *ctx)
{
	const struct engine_control *control = bpf_map_lookup_elem(&fer_control, &zero);
	struct engine_counters *c = counters();
	int action;

	if (!c || !control)
		return XDP_DROP;
	action = guest_frame(ctx, *(volatile __u32 *)&control->active);
	if (action >= 0)
		return action;
	c->guest_lost++;
	return XDP_DROP;
}

/* In front of the copier, in the device maps. */
SEC("xdp.frags/devmap")
int fer_label(struct xdp_md *ctx)
{
	return label_write(ctx);
}

SEC("xdp.frags")
int fer_copier(struct xdp_md *ctx)
{
	struct copy_label label;

	if (label_take(ctx, &label) || !label.targets)
		return XDP_DROP;
	if (label.targets & COPY_FRAGMENT)
		return fragment_serve(ctx, &label);
	if (label.targets & (label.targets - 1))
		return copy_twice(ctx, &label);
	if (label.targets & COPY_SESSIONS)
		return span_serve(ctx, &label);
	if (label.targets & COPY_HOST)
		return copy_send(PORT_HOST);
	if (label.targets & COPY_DIVERT)
		return divert_serve(ctx, label.bank, label.detail, label.port);
	return reset_serve(ctx, &label);
}

/* Holds a port that a commit is about to take: attached while it is planned, and harmless. */
SEC("xdp.frags")
int fer_idle(struct xdp_md *ctx)
{
	(void)ctx;
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
