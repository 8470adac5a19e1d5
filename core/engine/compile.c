// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * For each field: every rule's values become intervals of the field's domain, a sweep over their
 * ends yields elementary intervals with the set of rules that hold there, and equal sets share one
 * vector. The domain is 128 bits wide for all of them, so that VLANs and IPv6 prefixes are one
 * and the same problem.
 */
#include "compile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "rules.h"

struct point {
	uint64_t high;
	uint64_t low;
};

/* Rule bit `bit` begins (or ends) to hold at `at`. */
struct edge {
	struct point at;
	uint16_t bit;
	bool begins;
};

struct edges {
	struct edge *at;
	unsigned count;
};

enum { HASH_SIZE = 2 * VECTORS_MAX };

struct compiler {
	const struct rule_set *set;
	struct image *img;
	unsigned vectors;
	uint16_t hash[HASH_SIZE]; /* vector number + 1 */
	uint64_t now[VECTOR_WORDS];
	uint32_t depth[RULE_BITS]; /* overlapping intervals of one rule */
	uint64_t unconstrained[VECTOR_WORDS];
	struct edges edges;
	struct compile_problem problem;
};

/* Where a sweep's intervals go: `class` from `from` on, until the next call says otherwise. */
typedef int sweep_sink(struct compiler *c, void *table, const struct point *from, uint16_t class);

static uint32_t vector_hash(const uint64_t *word)
{
	uint64_t hash = 0xcbf29ce484222325ULL;

	for (int i = 0; i < VECTOR_WORDS; i++)
		hash = (hash ^ word[i]) * 0x9e3779b97f4a7c15ULL + (hash >> 29);
	return hash >> 40;
}

/* The number of the vector with these words, new or shared; -E2BIG when there is no room. */
static int vector_get(struct compiler *c, const uint64_t *word)
{
	uint32_t slot = vector_hash(word) % HASH_SIZE;
	struct image_vector *v;

	for (; c->hash[slot]; slot = (slot + 1) % HASH_SIZE) {
		v = &c->img->vector[c->hash[slot] - 1];
		if (!memcmp(v->word, word, sizeof(v->word)))
			return c->hash[slot] - 1;
	}
	if (c->vectors == VECTORS_MAX) {
		c->problem =
			(struct compile_problem){"distinct combinations of filters", VECTORS_MAX};
		return -E2BIG;
	}
	v = &c->img->vector[c->vectors];
	memcpy(v->word, word, sizeof(v->word));
	v->pad = 0;
	v->summary = 0;
	for (int i = 0; i < VECTOR_WORDS; i++)
		v->summary |= (uint32_t) !!word[i] << i;
	c->hash[slot] = ++c->vectors;
	return c->vectors - 1;
}

static void bit_set(uint64_t *word, unsigned bit)
{
	word[bit / 64] |= 1ULL << bit % 64;
}

static void bit_clear(uint64_t *word, unsigned bit)
{
	word[bit / 64] &= ~(1ULL << bit % 64);
}

static void edges_add(struct compiler *c, unsigned bit, struct point from, struct point to,
		      bool bounded)
{
	struct edges *e = &c->edges;

	bit_clear(c->unconstrained, bit);
	e->at = mem_grow(e->at, e->count, sizeof(*e->at));
	e->at[e->count++] = (struct edge){from, bit, true};
	if (!bounded)
		return;
	e->at = mem_grow(e->at, e->count, sizeof(*e->at));
	e->at[e->count++] = (struct edge){to, bit, false};
}

static void ranges_edges(struct compiler *c, unsigned bit, const struct rule_ranges *ranges)
{
	for (unsigned i = 0; i < ranges->count; i++)
		edges_add(c, bit, (struct point){0, ranges->at[i].low},
			  (struct point){0, (uint64_t)ranges->at[i].high + 1}, true);
}

static int point_compare(const struct point *a, const struct point *b)
{
	if (a->high != b->high)
		return a->high < b->high ? -1 : 1;
	return a->low < b->low ? -1 : a->low > b->low;
}

static int edge_compare(const void *a, const void *b)
{
	return point_compare(&((const struct edge *)a)->at, &((const struct edge *)b)->at);
}

static void edge_apply(struct compiler *c, const struct edge *edge)
{
	if (edge->begins) {
		if (c->depth[edge->bit]++ == 0)
			bit_set(c->now, edge->bit);
	} else if (--c->depth[edge->bit] == 0) {
		bit_clear(c->now, edge->bit);
	}
}

/* Begins a field: no edges yet, and each rule unconstrained. */
static void sweep_begin(struct compiler *c)
{
	c->edges.count = 0;
	free(c->edges.at);
	c->edges.at = NULL;
	memcpy(c->unconstrained, c->img->vector[c->img->all].word, sizeof(c->unconstrained));
}

/* Runs over the edges; the first interval starts at 0, whatever stands there. */
static int sweep_run(struct compiler *c, sweep_sink *sink, void *table)
{
	struct point at = {0, 0};
	unsigned i = 0;
	int class, err;

	memcpy(c->now, c->unconstrained, sizeof(c->now));
	memset(c->depth, 0, sizeof(c->depth));
	if (c->edges.count)
		qsort(c->edges.at, c->edges.count, sizeof(*c->edges.at), edge_compare);
	for (;;) {
		while (i < c->edges.count && !point_compare(&c->edges.at[i].at, &at))
			edge_apply(c, &c->edges.at[i++]);
		class = vector_get(c, c->now);
		if (class < 0)
			return class;
		err = sink(c, table, &at, class);
		if (err < 0 || i == c->edges.count)
			return err;
		at = c->edges.at[i].at;
	}
}

/* A table of one class a value; [filled] on hold `last`, written when its end is known. */
struct flat {
	uint16_t *class;
	uint32_t count;
	uint32_t filled;
	uint16_t last;
};

static void flat_fill(struct flat *flat, uint64_t until)
{
	for (; flat->filled < flat->count && flat->filled < until; flat->filled++)
		flat->class[flat->filled] = flat->last;
}

static int flat_sink(struct compiler *c, void *table, const struct point *from, uint16_t class)
{
	struct flat *flat = table;

	(void)c;
	flat_fill(flat, from->low);
	flat->last = class;
	return 0;
}

typedef const struct rule_ranges *ranges_of(const struct rule_match *match, bool reversed);

static int flat_field(struct compiler *c, enum image_field field, ranges_of *of, uint16_t *class,
		      uint32_t count)
{
	struct flat flat = {.class = class, .count = count};
	int none, err;

	sweep_begin(c);
	for (unsigned i = 0; i < c->set->count; i++) {
		const struct rule_match *match = &c->set->rule[i].match;

		ranges_edges(c, 2 * i, of(match, false));
		if (match->reverse)
			ranges_edges(c, 2 * i + 1, of(match, true));
	}
	if (c->edges.count)
		c->img->fields |= 1 << field;
	none = vector_get(c, c->unconstrained);
	if (none < 0)
		return none;
	c->img->none[field] = none;
	err = sweep_run(c, flat_sink, &flat);
	flat_fill(&flat, count);
	return err;
}

#define RANGES_OF(name, forward, backward)                                                         \
	static const struct rule_ranges *name##_of(const struct rule_match *match, bool reversed)  \
	{                                                                                          \
		return reversed ? &match->backward : &match->forward;                              \
	}

RANGES_OF(vlan, vlan, vlan)
RANGES_OF(inner_vlan, inner_vlan, inner_vlan)
RANGES_OF(ether_type, ether_type, ether_type)
RANGES_OF(protocol, protocol, protocol)
RANGES_OF(source_port, source_port, destination_port)
RANGES_OF(destination_port, destination_port, source_port)
RANGES_OF(dscp, dscp, dscp)
RANGES_OF(length, length, length)

/* "none" is a value of these two: the class of an untagged frame comes from one past the table. */
static int vlan_field(struct compiler *c, enum image_field field, ranges_of *of, uint16_t *class)
{
	uint16_t wide[VLAN_VALUES + 1];
	int err = flat_field(c, field, of, wide, VLAN_VALUES + 1);

	memcpy(class, wide, VLAN_VALUES * sizeof(*class));
	c->img->none[field] = wide[VLAN_NONE];
	return err;
}

static int from_field(struct compiler *c)
{
	for (int port = PORT_OPTICAL; port <= PORT_ELECTRICAL; port++) {
		uint64_t word[VECTOR_WORDS] = {0};
		int class;

		for (unsigned i = 0; i < c->set->count; i++) {
			const struct rule *rule = &c->set->rule[i];

			/* a reply comes from the other side */
			if (rule->from >> port & 1)
				bit_set(word, 2 * i);
			if (rule->match.reverse && rule->from >> (port ^ 1) & 1)
				bit_set(word, 2 * i + 1);
		}
		class = vector_get(c, word);
		if (class < 0)
			return class;
		c->img->from[port] = class;
	}
	c->img->none[FIELD_FROM] = c->img->from[PORT_OPTICAL];
	c->img->fields |= 1 << FIELD_FROM;
	return 0;
}

/* Flags are conditions on bits, not intervals: each of the 256 values is tried. */
static int tcp_flags_field(struct compiler *c)
{
	int class;

	sweep_begin(c);
	for (unsigned i = 0; i < 2 * c->set->count; i++) {
		const struct rule_match *match = &c->set->rule[i / 2].match;

		if (match->tcp_set | match->tcp_clear)
			bit_clear(c->unconstrained, i);
	}
	class = vector_get(c, c->unconstrained);
	if (class < 0)
		return class;
	c->img->none[FIELD_TCP_FLAGS] = class;
	for (unsigned flags = 0; flags < 256; flags++) {
		memcpy(c->now, c->img->vector[c->img->all].word, sizeof(c->now));
		for (unsigned i = 0; i < 2 * c->set->count; i++) {
			const struct rule_match *match = &c->set->rule[i / 2].match;

			if ((flags & match->tcp_set) != match->tcp_set || flags & match->tcp_clear)
				bit_clear(c->now, i);
		}
		class = vector_get(c, c->now);
		if (class < 0)
			return class;
		c->img->tcp_flags[flags] = class;
	}
	return 0;
}

static uint64_t load64(const uint8_t *p)
{
	uint64_t value = 0;

	for (int i = 0; i < 8; i++)
		value = value << 8 | p[i];
	return value;
}

/* The prefix's first address and the one behind its last; false where there is none behind. */
static bool prefix_interval(const struct rule_prefix *p, struct point *from, struct point *to)
{
	unsigned width = p->family == 4 ? 32 : 128;
	unsigned host = width - p->length;

	*from = (struct point){load64(p->address), load64(p->address + 8)};
	if (p->family == 4)
		*from = (struct point){0, from->high >> 32};
	*to = *from;
	if (host == 128)
		return false;
	if (host >= 64) {
		to->high += 1ULL << (host - 64);
		return to->high > from->high;
	}
	to->low += 1ULL << host;
	if (to->low < from->low)
		return ++to->high != 0;
	return true;
}

static void prefixes_edges(struct compiler *c, unsigned bit, const struct rule_prefixes *prefixes,
			   unsigned family)
{
	if (prefixes->count)
		bit_clear(c->unconstrained, bit);
	for (unsigned i = 0; i < prefixes->count; i++) {
		struct point from, to;
		bool bounded;

		if (prefixes->at[i].family != family)
			continue;
		bounded = prefix_interval(&prefixes->at[i], &from, &to);
		edges_add(c, bit, from, to, bounded);
	}
}

struct addresses {
	struct image_addresses4 *v4;
	struct image_addresses6 *v6;
	unsigned count;
};

static int addresses_full(struct compiler *c, const struct addresses *a)
{
	if (a->count < BOUNDS_MAX)
		return 0;
	c->problem = (struct compile_problem){"address ranges in one field", BOUNDS_MAX};
	return -E2BIG;
}

static int addresses4_sink(struct compiler *c, void *table, const struct point *from,
			   uint16_t class)
{
	struct addresses *a = table;

	if (from->low > UINT32_MAX) /* behind the last address */
		return 0;
	if (addresses_full(c, a))
		return -E2BIG;
	a->v4->start[a->count] = from->low;
	a->v4->class[a->count++] = class;
	return 0;
}

static int addresses6_sink(struct compiler *c, void *table, const struct point *from,
			   uint16_t class)
{
	struct addresses *a = table;

	if (addresses_full(c, a))
		return -E2BIG;
	a->v6->high[a->count] = from->high;
	a->v6->low[a->count] = from->low;
	a->v6->class[a->count++] = class;
	return 0;
}

/* The tail repeats the last entry, so that every search of the full depth ends on it. */
static void addresses4_fill(const struct addresses *a)
{
	for (unsigned i = a->count; i < BOUNDS_MAX; i++) {
		a->v4->start[i] = a->v4->start[a->count - 1];
		a->v4->class[i] = a->v4->class[a->count - 1];
	}
}

static void addresses6_fill(const struct addresses *a)
{
	for (unsigned i = a->count; i < BOUNDS_MAX; i++) {
		a->v6->high[i] = a->v6->high[a->count - 1];
		a->v6->low[i] = a->v6->low[a->count - 1];
		a->v6->class[i] = a->v6->class[a->count - 1];
	}
}

static const struct rule_prefixes *prefixes_of(const struct rule_match *match, bool destination)
{
	return destination ? &match->destination : &match->source;
}

static int address_table(struct compiler *c, bool destination, unsigned family,
			 struct addresses *table, sweep_sink *sink)
{
	sweep_begin(c);
	for (unsigned i = 0; i < c->set->count; i++) {
		const struct rule_match *match = &c->set->rule[i].match;

		prefixes_edges(c, 2 * i, prefixes_of(match, destination), family);
		if (match->reverse)
			prefixes_edges(c, 2 * i + 1, prefixes_of(match, !destination), family);
	}
	return sweep_run(c, sink, table);
}

static int address_field(struct compiler *c, bool destination)
{
	struct image *img = c->img;
	enum image_field field = destination ? FIELD_DESTINATION : FIELD_SOURCE;
	struct addresses v4 = {.v4 = destination ? &img->destination4 : &img->source4};
	struct addresses v6 = {.v6 = destination ? &img->destination6 : &img->source6};
	int err = address_table(c, destination, 4, &v4, addresses4_sink);

	if (err)
		return err;
	err = address_table(c, destination, 6, &v6, addresses6_sink);
	if (err)
		return err;
	addresses4_fill(&v4);
	addresses6_fill(&v6);
	if (v4.count > 1 || v6.count > 1 ||
	    memcmp(c->unconstrained, img->vector[img->all].word, sizeof(c->unconstrained)))
		img->fields |= 1 << field;
	err = vector_get(c, c->unconstrained); /* neither IPv4 nor IPv6 */
	if (err < 0)
		return err;
	img->none[field] = err;
	return 0;
}

static int fields_compile(struct compiler *c)
{
	struct image *img = c->img;
	int err;

	if ((err = from_field(c)) || (err = vlan_field(c, FIELD_VLAN, vlan_of, img->vlan)) ||
	    (err = vlan_field(c, FIELD_INNER_VLAN, inner_vlan_of, img->inner_vlan)) ||
	    (err = flat_field(c, FIELD_ETHER_TYPE, ether_type_of, img->ether_type, 65536)) ||
	    (err = flat_field(c, FIELD_PROTOCOL, protocol_of, img->protocol, 256)) ||
	    (err = flat_field(c, FIELD_SOURCE_PORT, source_port_of, img->source_port, 65536)) ||
	    (err = flat_field(c, FIELD_DESTINATION_PORT, destination_port_of, img->destination_port,
			      65536)) ||
	    (err = tcp_flags_field(c)) ||
	    (err = flat_field(c, FIELD_DSCP, dscp_of, img->dscp, 64)) ||
	    (err = flat_field(c, FIELD_LENGTH, length_of, img->length, LENGTH_VALUES)) ||
	    (err = address_field(c, false)) || (err = address_field(c, true)))
		return err;
	return 0;
}

static int all_vector(struct compiler *c)
{
	uint64_t word[VECTOR_WORDS] = {0};
	int class;

	for (unsigned i = 0; i < c->set->count; i++) {
		bit_set(word, 2 * i);
		if (c->set->rule[i].match.reverse)
			bit_set(word, 2 * i + 1);
	}
	class = vector_get(c, word);
	c->img->all = class;
	return class < 0 ? class : 0;
}

int image_compile(const struct rule_set *set, const struct image_slots *slots, struct image *img,
		  struct compile_problem *problem)
{
	struct compiler *c = mem_zalloc(sizeof(*c));
	int err;

	/* The tables that no rule uses are still written: the image is a function of the set. */
	memset(img, 0, sizeof(*img));
	c->set = set;
	c->img = img;
	image_lists(set, slots, img);
	err = all_vector(c);
	if (!err)
		err = fields_compile(c);
	if (err && problem)
		*problem = c->problem;
	free(c->edges.at);
	free(c);
	return err;
}
