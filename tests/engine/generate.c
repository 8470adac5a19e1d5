// SPDX-License-Identifier: GPL-2.0-or-later
#include "generate.h"

#include <stdio.h>
#include <string.h>

#include "core/engine/rules.h"

uint32_t generate_number(struct generator *g, uint32_t below)
{
	g->state ^= g->state << 13;
	g->state ^= g->state >> 7;
	g->state ^= g->state << 17;
	return (g->state >> 16) % below;
}

static int chance(struct generator *g, uint32_t percent)
{
	return generate_number(g, 100) < percent;
}

#define PICK(g, list) ((list)[generate_number((g), sizeof(list) / sizeof(*(list)))])

static const uint16_t vlans[] = {0, 1, 2, 100, 101, 4094, 4095};
static const uint16_t ether_types[] = {0x0800, 0x0800, 0x86dd, 0x86dd, 0x0806, 0x88cc, 0x8809,
				       0x888e, 0x0600, 0xffff, 0x8100, 0x88a8, 0x8808, 0x05dc};
static const uint8_t protocols[] = {6, 6, 17, 17, 1, 58, 132, 33, 136, 47, 0, 43, 44, 51, 60, 255};
static const uint16_t ports[] = {0, 22, 23, 53, 80, 443, 5353, 8000, 8050, 8099, 65535};
static const uint8_t extensions[] = {0, 43, 44, 51, 60, 135, 139, 140};
static const char *const prefixes4[] = {"0.0.0.0/0",	"192.0.2.0/24", "192.0.2.128/25",
					"192.0.2.1/32", "10.0.0.0/8",	"255.255.255.255/32",
					"128.0.0.0/1"};
static const char *const prefixes6[] = {
	"::/0",	    "2001:db8::/32",	       "2001:db8:1::/48", "2001:db8::1/128", "fe80::/10",
	"8000::/1", "2001:db8::8000:0:0:0/65", "ff00::/8",	  "ffff::/16"};

static void random_ranges(struct generator *g, struct rule_ranges *ranges, const uint16_t *list,
			  size_t n, uint32_t max)
{
	for (unsigned count = 1 + generate_number(g, 3); count; count--) {
		uint32_t low = list[generate_number(g, n)];
		uint32_t high = chance(g, 60) ? low : low + generate_number(g, 200);

		rule_ranges_add(ranges, low > max ? max : low, high > max ? max : high);
	}
}

#define RANDOM_RANGES(g, ranges, list, max)                                                        \
	random_ranges((g), (ranges), (list), sizeof(list) / sizeof(*(list)), (max))

static void random_prefixes(struct generator *g, struct rule_prefixes *prefixes)
{
	for (unsigned count = 1 + generate_number(g, 3); count; count--) {
		struct rule_prefix prefix;
		const char *text = chance(g, 50) ? PICK(g, prefixes4) : PICK(g, prefixes6);

		if (!rule_prefix_parse(text, &prefix))
			rule_prefixes_add(prefixes, &prefix);
	}
}

static void random_match(struct generator *g, struct rule_match *m)
{
	static const uint16_t lengths[] = {14, 60, 64, 100, 128, 1514, 2000};
	static const uint16_t dscps[] = {0, 8, 46, 63};
	static const uint16_t protocol_values[] = {1, 6, 17, 58, 44, 132, 136, 255};

	if (chance(g, 20))
		RANDOM_RANGES(g, &m->vlan, vlans, VLAN_NONE);
	if (chance(g, 5))
		rule_ranges_add(&m->vlan, VLAN_NONE, VLAN_NONE);
	if (chance(g, 8))
		RANDOM_RANGES(g, &m->inner_vlan, vlans, VLAN_NONE);
	if (chance(g, 15))
		RANDOM_RANGES(g, &m->ether_type, ether_types, 65535);
	if (chance(g, 40))
		RANDOM_RANGES(g, &m->protocol, protocol_values, 255);
	if (chance(g, 25))
		RANDOM_RANGES(g, &m->source_port, ports, 65535);
	if (chance(g, 35))
		RANDOM_RANGES(g, &m->destination_port, ports, 65535);
	if (chance(g, 10))
		RANDOM_RANGES(g, &m->dscp, dscps, 63);
	if (chance(g, 10))
		RANDOM_RANGES(g, &m->length, lengths, LENGTH_VALUES - 1);
	if (chance(g, 25))
		random_prefixes(g, &m->source);
	if (chance(g, 25))
		random_prefixes(g, &m->destination);
	if (chance(g, 10)) {
		m->tcp_set = generate_number(g, 256) & generate_number(g, 256);
		m->tcp_clear = generate_number(g, 256) & generate_number(g, 256) & ~m->tcp_set;
	}
	m->reverse = chance(g, 30);
}

struct rule_set *generate_rules(struct generator *g, unsigned count)
{
	static const uint8_t mac[6] = {0x02, 0xfe, 0x11, 0x22, 0x33, 0x44};
	struct rule_set *set = rule_set_new();

	memcpy(set->host_mac, mac, sizeof(mac));
	set->drop_reserved = chance(g, 20);
	for (unsigned i = 0; i < count; i++) {
		char name[FILTER_NAME_SIZE];
		struct rule *rule;

		snprintf(name, sizeof(name), "filter-%u", i);
		rule = rule_set_add(set, name);
		rule->from = chance(g, 60) ? 3 : 1 + generate_number(g, 2);
		random_match(g, &rule->match);
		rule->copy = chance(g, 60);
		rule->sample = chance(g, 20) ? generate_number(g, 5) : 0;
		rule->mirror = chance(g, 30) ? 1 << generate_number(g, SESSIONS_MAX) : 0;
		rule->capture = chance(g, 20) ? 1 << generate_number(g, CAPTURES_MAX) : 0;
		rule->verdict = chance(g, 50) ? VERDICT_NONE : 1 + generate_number(g, 4);
		if (rule->verdict == VERDICT_DIVERT && chance(g, 60))
			rule->to_port = 5353;
		rule->fail_open = chance(g, 50);
		rule->answer_arp = rule->to_port && chance(g, 30);
	}
	generate_loans(g, set);
	return set;
}

/* ---- frames ---- */

struct writer {
	uint8_t *frame;
	size_t at;
};

static void put8(struct writer *w, uint8_t value)
{
	w->frame[w->at++] = value;
}

static void put16(struct writer *w, uint16_t value)
{
	put8(w, value >> 8);
	put8(w, value);
}

static void put_random(struct generator *g, struct writer *w, size_t n)
{
	while (n--)
		put8(w, generate_number(g, 256));
}

static void put_mac(struct generator *g, struct writer *w, const struct rule_set *set)
{
	static const uint8_t group[3][6] = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
					    {0x01, 0x00, 0x5e, 0x00, 0x00, 0x05},
					    {0x33, 0x33, 0x00, 0x00, 0x00, 0x01}};
	uint32_t kind = generate_number(g, 100);

	if (kind < 5) {
		memcpy(w->frame + w->at, set->host_mac, 6);
		w->frame[w->at] ^= chance(g, 30) ? 0x04 : 0; /* the guest interface's */
		w->at += 6;
	} else if (kind < 15) {
		memcpy(w->frame + w->at, group[generate_number(g, 3)], 6);
		w->at += 6;
	} else if (kind < 25) {
		static const uint8_t block[5] = {0x01, 0x80, 0xc2, 0x00, 0x00};

		memcpy(w->frame + w->at, block, 5);
		w->at += 5;
		put8(w, generate_number(g, 18));
	} else {
		put8(w, generate_number(g, 256) & 0xfe);
		put_random(g, w, 5);
	}
}

static void put_address(struct generator *g, struct writer *w, int family)
{
	size_t size = family == 4 ? 4 : 16;
	struct rule_prefix prefix;
	uint8_t *to = w->frame + w->at;

	put_random(g, w, size);
	if (chance(g, 20) ||
	    rule_prefix_parse(family == 4 ? PICK(g, prefixes4) : PICK(g, prefixes6), &prefix))
		return;
	for (unsigned bit = 0; bit < prefix.length; bit++) {
		to[bit / 8] &= ~(0x80 >> bit % 8);
		to[bit / 8] |= prefix.address[bit / 8] & 0x80 >> bit % 8;
	}
}

static void put_transport(struct generator *g, struct writer *w, uint8_t protocol)
{
	put16(w, chance(g, 80) ? PICK(g, ports) : generate_number(g, 65536));
	put16(w, chance(g, 80) ? PICK(g, ports) : generate_number(g, 65536));
	put_random(g, w, protocol == 6 ? 16 : 4);
	put_random(g, w, generate_number(g, 40));
}

static void put_ipv4(struct generator *g, struct writer *w)
{
	size_t start = w->at, options = chance(g, 15) ? generate_number(g, 11) : 0;
	uint8_t protocol = PICK(g, protocols);
	size_t total;

	put8(w, (chance(g, 96) ? 0x40 : 0x50) |
			(chance(g, 96) ? 5 + options : generate_number(g, 16)));
	put8(w, chance(g, 50) ? 46 << 2 : generate_number(g, 256));
	w->at += 2;
	put_random(g, w, 2);
	put16(w, chance(g, 80) ? 0x4000 : generate_number(g, 65536));
	put8(w, 64);
	put8(w, protocol);
	put16(w, 0);
	put_address(g, w, 4);
	put_address(g, w, 4);
	put_random(g, w, options * 4);
	put_transport(g, w, protocol);
	total = chance(g, 85) ? w->at - start : generate_number(g, 120);
	w->frame[start + 2] = total >> 8;
	w->frame[start + 3] = total;
}

static uint8_t put_extensions(struct generator *g, struct writer *w, uint8_t *first, uint8_t last)
{
	uint8_t *next = first;

	for (uint32_t n = generate_number(g, chance(g, 10) ? 11 : 4); n; n--) {
		uint8_t type = PICK(g, extensions);
		size_t start = w->at, words;

		*next = type;
		next = w->frame + w->at;
		put8(w, 59);
		if (type == 44) {
			put8(w, 0);
			put16(w, chance(g, 70) ? generate_number(g, 8) : generate_number(g, 65536));
			put_random(g, w, 4);
		} else if (type == 51) {
			words = 1 + generate_number(g, 6);
			put8(w, words);
			put_random(g, w, (words + 2) * 4 - 2);
		} else {
			words = generate_number(g, 3);
			put8(w, chance(g, 95) ? words : generate_number(g, 256));
			put_random(g, w, words * 8 + 6);
		}
		(void)start;
	}
	*next = last;
	return last;
}

static void put_ipv6(struct generator *g, struct writer *w)
{
	size_t start = w->at, payload;
	uint8_t protocol = PICK(g, protocols);

	put8(w, chance(g, 97) ? 0x60 | generate_number(g, 16) : generate_number(g, 256));
	put_random(g, w, 3);
	w->at += 3;
	put8(w, 64);
	put_address(g, w, 6);
	put_address(g, w, 6);
	put_extensions(g, w, w->frame + start + 6, protocol);
	put_transport(g, w, protocol);
	payload = chance(g, 85) ? w->at - start - 40 : generate_number(g, 100);
	w->frame[start + 4] = payload >> 8;
	w->frame[start + 5] = payload;
}

static void put_tags(struct generator *g, struct writer *w)
{
	static const uint16_t tpid[] = {0x8100, 0x88a8, 0x9100};
	uint32_t n = chance(g, 60)   ? 0
		     : chance(g, 90) ? 1 + generate_number(g, 2)
				     : generate_number(g, 7);

	while (n--) {
		put16(w, PICK(g, tpid));
		put16(w, generate_number(g, 16) << 12 |
				 (chance(g, 80) ? PICK(g, vlans) : generate_number(g, 4096)));
	}
}

/* Requests and answers, most of them whole. */
static void put_arp(struct generator *g, struct writer *w)
{
	put16(w, chance(g, 95) ? 1 : 6);
	put16(w, chance(g, 95) ? 0x0800 : 0x86dd);
	put16(w, chance(g, 95) ? 0x0604 : 0x0806);
	put16(w, chance(g, 80) ? 1 : 2);
	put_random(g, w, 6);
	put_address(g, w, 4);
	put_random(g, w, 6);
	put_address(g, w, 4);
}

size_t generate_frame(struct generator *g, const struct rule_set *set, uint8_t *frame)
{
	struct writer w = {frame, 0};
	uint16_t type;

	if (set->loans && chance(g, 40))
		return generate_loan_frame(g, set, frame);
	memset(frame, 0, FRAME_MAX);
	put_mac(g, &w, set);
	put_mac(g, &w, set);
	frame[6] &= 0xfe;
	put_tags(g, &w);
	type = chance(g, 40) ? 0x0800 : chance(g, 60) ? 0x86dd : PICK(g, ether_types);
	put16(&w, type);
	if (type == 0x0800)
		put_ipv4(g, &w);
	else if (type == 0x86dd)
		put_ipv6(g, &w);
	else if (type == 0x0806)
		put_arp(g, &w);
	else
		put_random(g, &w, generate_number(g, 80));
	if (chance(g, 10))
		put_random(g, &w, generate_number(g, 1400)); /* padding */
	if (chance(g, 15))
		w.at = generate_number(g, w.at + 1); /* cut short */
	return w.at < 14 ? 14 : w.at;
}
