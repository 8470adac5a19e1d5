/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From match fields to the filters that match: a class a field, and the AND of their vectors.
 * BPF only.
 */
#pragma once

#include "parse.h"
#include "tables.h"

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
	MATCH_RESET = 1 << 3,
	MATCH_HOST = 1 << 4,   /* diverted to the host link */
	MATCH_DIVERT = 1 << 5, /* diverted to the guest interface */
	MATCH_LOAN = 1 << 6,   /* the same, for the loan of that number */
	MATCH_FILTER_SHIFT = 16,
	MATCH_MIRROR_SHIFT = 32,  /* bit: an ERSPAN session */
	MATCH_CAPTURE_SHIFT = 48, /* bit: a capture */
};

static __always_inline int supervisor_dead(void)
{
	struct engine_control *control = bpf_map_lookup_elem(&fer_control, &zero);
	__u64 beat = control ? control->heartbeat : 0;

	return bpf_ktime_get_ns() > beat + HEARTBEAT_LIMIT;
}

/* Counts the filter and says what it wants of the frame. */
__attribute__((noinline)) __u64 filter_hit(__u32 bank, __u32 number, __u32 length, __u64 result)
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
	if (sample < 2 || before % sample == 0) {
		if (filter->flags & FILTER_COPY)
			result |= MATCH_COPY;
		result |= (__u64)filter->mirror << MATCH_MIRROR_SHIFT;
		result |= (__u64)filter->capture << MATCH_CAPTURE_SHIFT;
	}
	if (result & MATCH_VERDICT || filter->verdict == VERDICT_NONE)
		return result;
	result |= MATCH_VERDICT | number << MATCH_FILTER_SHIFT;
	if (filter->verdict == VERDICT_PASS ||
	    (filter->flags & FILTER_FAIL_OPEN && supervisor_dead()))
		return result;
	result |= MATCH_DROP;
	if (filter->verdict == VERDICT_RESET)
		result |= MATCH_RESET;
	if (filter->verdict == VERDICT_DIVERT)
		result |= filter->flags & FILTER_TO_GUEST ? MATCH_DIVERT : MATCH_HOST;
	return result;
}

/* Every filter of one word of the match. */
__attribute__((noinline)) __u64 match_word(__u32 word, __u64 bits, __u32 bank, __u32 length,
					   __u64 result)
{
	bits = (bits | bits >> 1) & 0x5555555555555555ULL;
	for (int i = 0; i < 32 && bits; i++) {
		result = filter_hit(bank, word * 32 + lowest(bits) / 2, length, result);
		bits &= bits - 1;
	}
	return result;
}

/* enum match_result of the frame. */
__attribute__((noinline)) __u64 match_frame(struct xdp_md *ctx, __u32 bank, __u32 port,
					    __u32 length)
{
	const struct image *img = bpf_map_lookup_elem(&fer_image, &bank);
	const struct image_vector *vector[FIELD_COUNT];
	struct frame_fields fields = {};
	struct frame_classes class = {};
	__u32 summary = ~0U;
	__u64 result = 0;

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
