// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The wire: one program a port, one image of the rules, three device maps to leave by.
 *
 * A frame meets, in this order: the host's own MAC, the filters, the group addresses, the peer.
 * All decisions come from one image, chosen once a frame, so that no frame sees half a commit;
 * the supervisor writes the other bank and then flips `active`. Nothing here needs the supervisor
 * to be alive. The semantics are those of tests/engine/reference.c, and a test compares the two.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "maps.h"
#include "parse.h"

const volatile __u8 has_buff_len = 1; /* bpf_xdp_get_buff_len(): kernel 5.18 */
const volatile __u8 record = 0;	      /* tests: write every decision down */

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
struct bucket {
	struct bpf_spin_lock lock;
	__u32 pad;
	__u64 stamp; /* ns */
	__s64 bits;
	__s64 packets; /* in 1/1000000 */
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct bucket);
} fer_bucket SEC(".maps");

#define DEVMAP(name, entries)                                                                      \
	struct {                                                                                   \
		__uint(type, BPF_MAP_TYPE_DEVMAP);                                                 \
		__uint(max_entries, entries);                                                      \
		__type(key, __u32);                                                                \
		__type(value, struct bpf_devmap_val);                                              \
	} name SEC(".maps")

DEVMAP(fer_ports, PORT_COUNT);	      /* by port */
DEVMAP(fer_from_optical, PORT_COUNT); /* all that a frame of that port can be copied to */
DEVMAP(fer_from_electrical, PORT_COUNT);
DEVMAP(fer_from_host, PORT_COUNT);

static const __u32 zero;

static __always_inline struct engine_counters *counters(void)
{
	return bpf_map_lookup_elem(&fer_counters, &zero);
}

/* Read once a frame: all that is decided about it comes from this bank. */
static __always_inline __u32 active_bank(void)
{
	struct engine_control *control = bpf_map_lookup_elem(&fer_control, &zero);

	return control ? *(volatile __u32 *)&control->active : 0;
}

static __always_inline __u32 frame_length(struct xdp_md *ctx)
{
	if (has_buff_len)
		return bpf_xdp_get_buff_len(ctx);
	return ctx->data_end - ctx->data;
}

/* ---- classification ---- */

/*
 * 1 where a < b, without a branch: a branch in the search would double the verifier's paths with
 * every step. The empty asm keeps the compiler from seeing that it is a comparison.
 */
static __always_inline __u64 below(__u64 a, __u64 b)
{
	__u64 difference = a - b;
	__u64 either = ~a | b;

	asm volatile("" : "+r"(difference));
	asm volatile("" : "+r"(either));
	return ((~a & b) | (either & difference)) >> 63;
}

static __always_inline __u64 differs(__u64 a, __u64 b)
{
	__u64 x = a ^ b;
	__u64 minus = -x;

	asm volatile("" : "+r"(minus));
	return (x | minus) >> 63;
}

/* step where not less, else 0. No mask of 0 or ~0: the verifier of Linux 6.18 forks on those. */
static __always_inline __u32 step_unless(__u64 less, __u32 step)
{
	__u32 take = 1 - (__u32)less;

	asm volatile("" : "+r"(take));
	return step * take;
}

/*
 * The searches, the parser and the loop over the matches are global functions: the verifier checks
 * each once, for any argument, and not along every path that leads to it.
 *
 * The class of the last interval whose start is not above the address; start[0] is 0.
 */
__attribute__((noinline)) __u32 search4(__u32 bank, __u32 destination, __u32 address)
{
	const struct image *img = bpf_map_lookup_elem(&fer_image, &bank);
	const struct image_addresses4 *t;
	__u32 at = 0;

	if (!img)
		return 0;
	t = destination ? &img->destination4 : &img->source4;
#pragma unroll
	for (__u32 step = BOUNDS_MAX / 2; step; step /= 2) {
		__u32 next = (at + step) & (BOUNDS_MAX - 1);

		at += step_unless(below(address, t->start[next]), step);
	}
	return t->class[at & (BOUNDS_MAX - 1)];
}

__attribute__((noinline)) __u32 search6(__u32 bank, __u32 destination, __u64 high, __u64 low)
{
	const struct image *img = bpf_map_lookup_elem(&fer_image, &bank);
	const struct image_addresses6 *t;
	__u32 at = 0;

	if (!img)
		return 0;
	t = destination ? &img->destination6 : &img->source6;
#pragma unroll
	for (__u32 step = BOUNDS_MAX / 2; step; step /= 2) {
		__u32 next = (at + step) & (BOUNDS_MAX - 1);
		__u64 less = below(high, t->high[next]);
		__u64 same = 1 - differs(high, t->high[next]);

		less |= same & below(low, t->low[next]);
		at += step_unless(less, step);
	}
	return t->class[at & (BOUNDS_MAX - 1)];
}

__attribute__((noinline)) int parse_fields(struct xdp_md *ctx, struct frame_fields *fields,
					   __u32 length)
{
	if (!fields)
		return 0;
	parse_frame((void *)(long)ctx->data, (void *)(long)ctx->data_end, length, fields);
	return 0;
}

#define USED(img, field) ((img)->fields & (1 << (field)))

/* What the frame is, field by field, as numbers of bit vectors. */
struct frame_classes {
	__u32 of[FIELD_COUNT];
};

static __always_inline void classify_tags(const struct image *img, const struct frame_fields *f,
					  struct frame_classes *class)
{
	if (f->has & HAS_VLAN)
		class->of[FIELD_VLAN] = img->vlan[f->vlan & (VLAN_VALUES - 1)];
	if (f->has & HAS_INNER_VLAN)
		class->of[FIELD_INNER_VLAN] = img->inner_vlan[f->inner_vlan & (VLAN_VALUES - 1)];
	if (f->has & HAS_ETHER_TYPE)
		class->of[FIELD_ETHER_TYPE] = img->ether_type[f->ether_type];
}

static __always_inline void classify_transport(const struct image *img,
					       const struct frame_fields *f,
					       struct frame_classes *class)
{
	if (f->has & HAS_PROTOCOL)
		class->of[FIELD_PROTOCOL] = img->protocol[f->protocol];
	if (f->has & HAS_PORTS) {
		class->of[FIELD_SOURCE_PORT] = img->source_port[f->source_port];
		class->of[FIELD_DESTINATION_PORT] = img->destination_port[f->destination_port];
	}
	if (f->has & HAS_TCP_FLAGS)
		class->of[FIELD_TCP_FLAGS] = img->tcp_flags[f->tcp_flags];
}

static __always_inline void classify_addresses(const struct image *img, __u32 bank,
					       const struct frame_fields *f,
					       struct frame_classes *class)
{
	if (!(f->has & (HAS_IPV4 | HAS_IPV6)))
		return;
	class->of[FIELD_DSCP] = img->dscp[f->dscp & 63];
	if (USED(img, FIELD_SOURCE)) {
		if (f->has & HAS_IPV4)
			class->of[FIELD_SOURCE] = search4(bank, 0, f->source[0]);
		else
			class->of[FIELD_SOURCE] = search6(bank, 0, f->source[0], f->source[1]);
	}
	if (USED(img, FIELD_DESTINATION)) {
		if (f->has & HAS_IPV4)
			class->of[FIELD_DESTINATION] = search4(bank, 1, f->destination[0]);
		else
			class->of[FIELD_DESTINATION] =
				search6(bank, 1, f->destination[0], f->destination[1]);
	}
}

__attribute__((noinline)) int classify(const struct frame_fields *fields, __u32 bank, __u32 port,
				       __u32 length, struct frame_classes *class)
{
	const struct image *img = bpf_map_lookup_elem(&fer_image, &bank);

	if (!img || !fields || !class)
		return 0;
	for (int i = 0; i < FIELD_COUNT; i++)
		class->of[i] = img->none[i];
	if (length >= LENGTH_VALUES)
		length = LENGTH_VALUES - 1;
	class->of[FIELD_FROM] = img->from[port & 1];
	class->of[FIELD_LENGTH] = img->length[length];
	classify_tags(img, fields, class);
	classify_transport(img, fields, class);
	classify_addresses(img, bank, fields, class);
	return 0;
}

/* Number of the lowest set bit; bits is not 0. De Bruijn: BPF has no instruction for it. */
static const __u8 lowest_table[64] = {
	0,  1,	2,  53, 3,  7,	54, 27, 4,  38, 41, 8,	34, 55, 48, 28, 62, 5,	39, 46, 44, 42,
	22, 9,	24, 35, 59, 56, 49, 18, 29, 11, 63, 52, 6,  26, 37, 40, 33, 47, 61, 45, 43, 21,
	23, 58, 17, 10, 51, 25, 36, 32, 60, 20, 57, 16, 50, 31, 19, 15, 30, 14, 13, 12,
};

static __always_inline __u32 lowest(__u64 bits)
{
	return lowest_table[(bits & -bits) * 0x022fdd63cc95386dULL >> 58];
}

enum match_result {
	MATCH_DROP = 1 << 0,
	MATCH_COPY = 1 << 1,
	MATCH_VERDICT = 1 << 2,
	MATCH_FILTER_SHIFT = 16,
};

static __always_inline int supervisor_dead(void)
{
	struct engine_control *control = bpf_map_lookup_elem(&fer_control, &zero);
	__u64 beat = control ? control->heartbeat : 0;

	return bpf_ktime_get_ns() - beat > HEARTBEAT_LIMIT;
}

/* Counts the filter and says what it wants of the frame. */
__attribute__((noinline)) __u32 filter_hit(__u32 bank, __u32 number, __u32 length, __u32 result)
{
	const struct image *img = bpf_map_lookup_elem(&fer_image, &bank);
	const struct image_filter *filter;
	struct filter_counters *counts;
	__u32 slot, sample;
	__u64 before;

	if (!img)
		return result;
	filter = &img->filter[number & (FILTERS_MAX - 1)];
	slot = filter->slot;
	sample = filter->sample;
	counts = bpf_map_lookup_elem(&fer_filters, &slot);
	if (!counts)
		return result;
	before = counts->packets++;
	counts->bytes += length;
	if (filter->flags & FILTER_COPY && (sample < 2 || before % sample == 0))
		result |= MATCH_COPY;
	if (result & MATCH_VERDICT || filter->verdict == VERDICT_NONE)
		return result;
	result |= MATCH_VERDICT | number << MATCH_FILTER_SHIFT;
	if (filter->verdict == VERDICT_DROP &&
	    !(filter->flags & FILTER_FAIL_OPEN && supervisor_dead()))
		result |= MATCH_DROP;
	return result;
}

/* Every filter of one word of the match. */
__attribute__((noinline)) __u32 match_word(__u32 word, __u64 bits, __u32 bank, __u32 length,
					   __u32 result)
{
	bits = (bits | bits >> 1) & 0x5555555555555555ULL;
	for (int i = 0; i < 32 && bits; i++) {
		result = filter_hit(bank, word * 32 + lowest(bits) / 2, length, result);
		bits &= bits - 1;
	}
	return result;
}

/* enum match_result of the frame. */
__attribute__((noinline)) __u32 match_frame(struct xdp_md *ctx, __u32 bank, __u32 port,
					    __u32 length)
{
	const struct image *img = bpf_map_lookup_elem(&fer_image, &bank);
	const struct image_vector *vector[FIELD_COUNT];
	struct frame_fields fields = {};
	struct frame_classes class = {};
	__u32 summary = ~0U, result = 0;

	if (!img)
		return 0;
	parse_fields(ctx, &fields, length);
	classify(&fields, bank, port, length, &class);
	for (int i = 0; i < FIELD_COUNT; i++) {
		vector[i] = &img->vector[class.of[i] & (VECTORS_MAX - 1)];
		summary &= vector[i]->summary;
	}
	if (!summary)
		return 0;
	for (__u32 w = 0; w < VECTOR_WORDS; w++) {
		__u64 bits = ~0ULL;

		if (!(summary >> w & 1))
			continue;
		for (int i = 0; i < FIELD_COUNT; i++)
			bits &= vector[i]->word[w];
		if (bits)
			result = match_word(w, bits, bank, length, result);
	}
	return result;
}

/* ---- the host link ---- */

/*
 * One bucket for all that goes to the host, 100 ms deep. Copies leave a quarter of it alone, so
 * that a flood of copies never starves the frames addressed to the module itself.
 */
static __always_inline int police(const struct image *img, __u32 length, int is_copy)
{
	struct bucket *bucket = bpf_map_lookup_elem(&fer_bucket, &zero);
	__s64 bits_max = (__s64)img->host_kbits * 100; /* 100 ms of it */
	__s64 packets_max = (__s64)img->host_packets * 100000;
	__s64 keep_bits = 0, keep_packets = 0;
	__u64 now, passed;
	int ok = 1;

	if (!bucket || (!bits_max && !packets_max))
		return 1;
	if (is_copy) {
		keep_bits = bits_max / 4;
		keep_packets = packets_max / 4;
	}
	now = bpf_ktime_get_ns();
	bpf_spin_lock(&bucket->lock);
	passed = now - bucket->stamp;
	if (passed > 100000000)
		passed = 100000000;
	bucket->stamp = now;
	/* kbit/s x ns / 10^6 = bits, rounded down: keep the remainder in the stamp */
	bucket->bits += (__s64)(passed * img->host_kbits / 1000000);
	bucket->packets += (__s64)(passed * img->host_packets / 1000);
	if (bucket->bits > bits_max)
		bucket->bits = bits_max;
	if (bucket->packets > packets_max)
		bucket->packets = packets_max;
	if (bits_max && bucket->bits <= keep_bits)
		ok = 0;
	if (packets_max && bucket->packets < keep_packets + 1000000)
		ok = 0;
	if (ok) {
		bucket->bits -= length * 8;
		bucket->packets -= 1000000;
	}
	bpf_spin_unlock(&bucket->lock);
	return ok;
}

static __always_inline __u64 mac_key(const __u8 *mac)
{
	return (__u64)mac[0] | (__u64)mac[1] << 8 | (__u64)mac[2] << 16 | (__u64)mac[3] << 24 |
	       (__u64)mac[4] << 32 | (__u64)mac[5] << 40;
}

static __always_inline struct engine_mac *mac_entry(__u64 key)
{
	__u32 index = key * 0x9e3779b97f4a7c15ULL >> 52;

	return bpf_map_lookup_elem(&fer_mac, &index);
}

static __always_inline void mac_learn(__u64 key, __u32 port)
{
	struct engine_control *control = bpf_map_lookup_elem(&fer_control, &zero);
	struct engine_mac *entry = mac_entry(key);

	if (!entry || !control || key & 1)
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

static __always_inline int leave(void *fan, __u32 egress, __u32 peer, __u32 length,
				 struct engine_counters *c)
{
	/* Only a frame in one piece can be cloned: a longer one goes where it must. */
	if (egress & (egress - 1) && length > COPY_LENGTH_MAX) {
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

static __always_inline void decided(__u32 egress, __u32 match)
{
	struct engine_decision *d = record ? bpf_map_lookup_elem(&fer_decision, &zero) : 0;

	if (!d)
		return;
	d->egress = egress;
	d->filter = match & MATCH_VERDICT ? match >> MATCH_FILTER_SHIFT : FILTERS_MAX;
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

/* The ports that a frame from the wire goes to. */
static __always_inline __u32 wire_egress(struct xdp_md *ctx, const struct image *img, __u32 bank,
					 const __u8 *data, __u32 port, __u32 length,
					 struct engine_counters *c, __u32 *match)
{
	__u64 destination = mac_key(data), host = mac_key(img->host_mac);
	__u32 egress = 1 << (port ^ 1), wants_copy = is_group(destination);

	if (destination == host) {
		if (police(img, length, 0))
			return 1 << PORT_HOST;
		c->host_policed++;
		return 0;
	}
	if (img->filters) {
		*match = match_frame(ctx, bank, port, length);
		if (*match & MATCH_DROP)
			egress = wants_copy = 0;
		wants_copy |= *match & MATCH_COPY;
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

static __always_inline int wire_frame(struct xdp_md *ctx, void *fan, __u32 port)
{
	__u8 *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct engine_counters *c = counters();
	__u32 bank = active_bank();
	struct image *img = bpf_map_lookup_elem(&fer_image, &bank);
	__u32 length = frame_length(ctx), egress = 1 << (port ^ 1), match = 0;

	if (!c || !img)
		return bpf_redirect_map(&fer_ports, port ^ 1, XDP_DROP);
	c->port[port].rx_packets++;
	c->port[port].rx_bytes += length;
	if ((void *)data + 14 <= data_end) {
		mac_learn(mac_key(data + 6), port);
		egress = wire_egress(ctx, img, bank, data, port, length, c, &match);
	}
	decided(egress, match);
	return leave(fan, egress, port ^ 1, length, c);
}

SEC("xdp.frags")
int fer_optical(struct xdp_md *ctx)
{
	return wire_frame(ctx, &fer_from_optical, PORT_OPTICAL);
}

SEC("xdp.frags")
int fer_electrical(struct xdp_md *ctx)
{
	return wire_frame(ctx, &fer_from_electrical, PORT_ELECTRICAL);
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
	return leave(&fer_from_host, egress, PORT_ELECTRICAL, length, c);
}

/* Holds a port that a commit is about to take: attached while it is planned, and harmless. */
SEC("xdp.frags")
int fer_idle(struct xdp_md *ctx)
{
	(void)ctx;
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
