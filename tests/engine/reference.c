// SPDX-License-Identifier: GPL-2.0-or-later
#include "reference.h"

#include <string.h>

#include "lender.h"

enum { TAGS = 4, EXTENSIONS = 8, REACH = 2047 };

/* What is left of the packet. `at` counts from the start of the frame, for the reach. */
struct rest {
	const uint8_t *data;
	size_t at;
	size_t end;
};

static bool take(const struct rest *r, size_t n)
{
	return r->at <= REACH && r->at + n <= r->end;
}

static uint16_t get16(const struct rest *r, size_t offset)
{
	return r->data[r->at + offset] << 8 | r->data[r->at + offset + 1];
}

static uint8_t get8(const struct rest *r, size_t offset)
{
	return r->data[r->at + offset];
}

static bool is_tag(uint16_t type)
{
	return type == 0x8100 || type == 0x88a8 || type == 0x9100;
}

static bool parse_link(struct rest *r, struct reference_frame *f)
{
	uint16_t type;
	int tags = 0;

	r->at = 12;
	for (;;) {
		if (!take(r, 2))
			return false;
		type = get16(r, 0);
		r->at += 2;
		if (!is_tag(type) || tags == TAGS)
			break;
		if (!take(r, 2))
			return false;
		if (tags == 0) {
			f->has_vlan = true;
			f->vlan = get16(r, 0) & 0xfff;
		} else if (tags == 1) {
			f->has_inner_vlan = true;
			f->inner_vlan = get16(r, 0) & 0xfff;
		}
		r->at += 2;
		tags++;
	}
	if (type < 1536)
		return false;
	f->has_ether_type = true;
	f->ether_type = type;
	return true;
}

static void cut(struct rest *r, size_t length)
{
	if (r->at + length < r->end)
		r->end = r->at + length;
}

static bool parse_network4(struct rest *r, struct reference_frame *f)
{
	size_t header, total;

	if (!take(r, 20) || get8(r, 0) >> 4 != 4)
		return false;
	header = (get8(r, 0) & 15) * 4;
	total = get16(r, 2);
	if (header < 20 || total < header || r->at + header > r->end)
		return false;
	f->family = 4;
	f->dscp = get8(r, 1) / 4;
	f->has_protocol = true;
	f->protocol = get8(r, 9);
	memcpy(f->source, r->data + r->at + 12, 4);
	memcpy(f->destination, r->data + r->at + 16, 4);
	if (get16(r, 6) & 0x1fff)
		return false;
	cut(r, total);
	r->at += header;
	return true;
}

static bool is_extension(uint8_t next)
{
	switch (next) {
	case 0:	  /* hop-by-hop */
	case 43:  /* routing */
	case 44:  /* fragment */
	case 51:  /* authentication */
	case 60:  /* destination options */
	case 135: /* mobility */
	case 139: /* HIP */
	case 140: /* Shim6 */
		return true;
	}
	return false;
}

static bool parse_network6(struct rest *r, struct reference_frame *f)
{
	uint8_t next;
	int skipped = 0;

	if (!take(r, 40) || get8(r, 0) >> 4 != 6)
		return false;
	f->family = 6;
	f->dscp = (get16(r, 0) >> 4 & 0xff) / 4;
	memcpy(f->source, r->data + r->at + 8, 16);
	memcpy(f->destination, r->data + r->at + 24, 16);
	next = get8(r, 6);
	size_t payload = get16(r, 4);
	r->at += 40;
	if (payload)
		cut(r, payload);
	while (is_extension(next) && skipped++ < EXTENSIONS) {
		uint8_t type = next;

		if (!take(r, 8))
			return false;
		next = get8(r, 0);
		if (type == 44 && get16(r, 2) >> 3) {
			f->has_protocol = true;
			f->protocol = next;
			return false;
		}
		if (type == 44)
			r->at += 8;
		else if (type == 51)
			r->at += (get8(r, 1) + 2) * 4;
		else
			r->at += (get8(r, 1) + 1) * 8;
	}
	f->has_protocol = true;
	f->protocol = next;
	return !is_extension(next);
}

static void parse_transport(struct rest *r, struct reference_frame *f)
{
	switch (f->protocol) {
	case 6:
	case 17:
	case 33:
	case 132:
	case 136:
		break;
	default:
		return;
	}
	if (!take(r, 4))
		return;
	f->has_ports = true;
	f->source_port = get16(r, 0);
	f->destination_port = get16(r, 2);
	if (f->protocol == 6 && take(r, 14)) {
		f->has_tcp_flags = true;
		f->tcp_flags = get8(r, 13);
	}
}

void reference_parse(const uint8_t *data, size_t length, struct reference_frame *frame)
{
	struct rest r = {.data = data, .end = length};
	bool more = false;

	memset(frame, 0, sizeof(*frame));
	frame->length = length;
	if (!parse_link(&r, frame))
		return;
	if (frame->ether_type == 0x0800)
		more = parse_network4(&r, frame);
	else if (frame->ether_type == 0x86dd)
		more = parse_network6(&r, frame);
	if (more)
		parse_transport(&r, frame);
}

static bool in_ranges(const struct rule_ranges *ranges, bool has, uint32_t value)
{
	if (!ranges->count)
		return true;
	for (unsigned i = 0; has && i < ranges->count; i++)
		if (value >= ranges->at[i].low && value <= ranges->at[i].high)
			return true;
	return false;
}

static bool in_prefixes(const struct rule_prefixes *prefixes, int family, const uint8_t *address)
{
	if (!prefixes->count)
		return true;
	for (unsigned i = 0; i < prefixes->count; i++) {
		const struct rule_prefix *p = &prefixes->at[i];
		bool same = p->family == family;

		for (unsigned bit = 0; same && bit < p->length; bit++)
			same = !((address[bit / 8] ^ p->address[bit / 8]) & 0x80 >> bit % 8);
		if (same)
			return true;
	}
	return false;
}

static bool flags_match(const struct rule_match *m, const struct reference_frame *f)
{
	if (!m->tcp_set && !m->tcp_clear)
		return true;
	return f->has_tcp_flags && (f->tcp_flags & m->tcp_set) == m->tcp_set &&
	       !(f->tcp_flags & m->tcp_clear);
}

static bool match_one_way(const struct rule *rule, const struct reference_frame *f,
			  enum engine_port from, bool reversed)
{
	const struct rule_match *m = &rule->match;
	enum engine_port side = reversed ? from ^ 1 : from;
	size_t length = f->length < LENGTH_VALUES ? f->length : LENGTH_VALUES - 1;

	return rule->from >> side & 1 &&
	       in_ranges(&m->vlan, true, f->has_vlan ? f->vlan : VLAN_NONE) &&
	       in_ranges(&m->inner_vlan, true, f->has_inner_vlan ? f->inner_vlan : VLAN_NONE) &&
	       in_ranges(&m->ether_type, f->has_ether_type, f->ether_type) &&
	       in_ranges(&m->protocol, f->has_protocol, f->protocol) &&
	       in_ranges(reversed ? &m->destination_port : &m->source_port, f->has_ports,
			 f->source_port) &&
	       in_ranges(reversed ? &m->source_port : &m->destination_port, f->has_ports,
			 f->destination_port) &&
	       in_ranges(&m->dscp, f->family, f->dscp) && in_ranges(&m->length, true, length) &&
	       in_prefixes(reversed ? &m->destination : &m->source, f->family, f->source) &&
	       in_prefixes(reversed ? &m->source : &m->destination, f->family, f->destination) &&
	       flags_match(m, f);
}

static bool is_reserved(const uint8_t *mac)
{
	static const uint8_t block[5] = {0x01, 0x80, 0xc2, 0x00, 0x00};

	return !memcmp(mac, block, sizeof(block)) && mac[5] < 16;
}

static bool is_pause(const uint8_t *data)
{
	return is_reserved(data) && data[5] == 1 && data[12] == 0x88 && data[13] == 0x08;
}

/* A request for an address that a filter diverts, from a side and VLANs that it looks at. */
static bool is_answered(const struct rule_set *set, enum engine_port from, const uint8_t *data,
			size_t length, bool supervisor_alive)
{
	static const uint8_t request[8] = {0, 1, 8, 0, 6, 4, 0, 1};
	struct reference_frame f;
	size_t at = 14, count = 0;

	while (at + 4 <= length && is_tag(data[at - 2] << 8 | data[at - 1]) && at < 14 + 4 * TAGS)
		at += 4;
	if (at + 28 > length || data[at - 2] != 0x08 || data[at - 1] != 0x06 ||
	    memcmp(data + at, request, 8) || !memcmp(data + at + 14, data + at + 24, 4))
		return false;
	reference_parse(data, length, &f);
	for (unsigned i = 0; i < set->count; i++) {
		const struct rule *rule = &set->rule[i];
		const struct rule_match *m = &rule->match;

		for (unsigned k = 0; rule->answer_arp && k < m->destination.count; k++) {
			const struct rule_prefix *to = &m->destination.at[k];

			if (to->family != 4 || count == ANSWERS_MAX)
				continue;
			count++;
			if (memcmp(to->address, data + at + 24, 4) || !(rule->from >> from & 1) ||
			    !in_ranges(&m->vlan, true, f.has_vlan ? f.vlan : VLAN_NONE) ||
			    !in_ranges(&m->inner_vlan, true,
				       f.has_inner_vlan ? f.inner_vlan : VLAN_NONE))
				continue;
			/* the first of them decides */
			return supervisor_alive || !rule->fail_open;
		}
	}
	return false;
}

static bool has_answers(const struct rule_set *set)
{
	for (unsigned i = 0; i < set->count; i++)
		for (unsigned k = 0;
		     set->rule[i].answer_arp && k < set->rule[i].match.destination.count; k++)
			if (set->rule[i].match.destination.at[k].family == 4)
				return true;
	return false;
}

static bool is_guest_mac(const struct rule_set *set, const uint8_t *mac)
{
	uint8_t guest[6];

	memcpy(guest, set->host_mac, 6);
	guest[0] = (guest[0] | 0x02) ^ 0x04;
	return !memcmp(mac, guest, 6);
}

/* All filters: what they want of the frame is added to d. Whether it may still cross. */
static bool filters_decide(const struct rule_set *set, enum engine_port from,
			   const struct reference_frame *f, uint64_t *hits, bool supervisor_alive,
			   bool group, struct reference_decision *d, bool *copy)
{
	bool forward = true;

	for (unsigned i = 0; i < set->count; i++) {
		const struct rule *rule = &set->rule[i];

		if (!match_one_way(rule, f, from, false) &&
		    !(rule->match.reverse && match_one_way(rule, f, from, true)))
			continue;
		if (rule->sample < 2 || hits[i] % rule->sample == 0) {
			*copy |= rule->copy;
			d->mirror |= rule->mirror;
			d->capture |= rule->capture;
		}
		hits[i]++;
		if (rule->verdict == VERDICT_NONE || d->filter != FILTERS_MAX)
			continue;
		d->filter = i;
		if (rule->verdict == VERDICT_PASS || (!supervisor_alive && rule->fail_open))
			continue;
		/* a service does not answer a group */
		d->divert = rule->verdict == VERDICT_DIVERT && rule->to_port && !group;
		forward = rule->verdict == VERDICT_DIVERT && rule->to_port && group;
		d->reset = rule->verdict == VERDICT_RESET;
		*copy |= rule->verdict == VERDICT_DIVERT && !rule->to_port;
	}
	return forward;
}

struct reference_decision reference_decide(const struct rule_set *set, struct lender *lender,
					   enum engine_port from, const uint8_t *data,
					   size_t length, uint64_t *hits, bool supervisor_alive)
{
	struct reference_decision d = {
		.egress = 1u << (from ^ 1), .filter = FILTERS_MAX, .loan = -1};
	struct reference_frame f;
	bool copy = false, forward;

	if (length < 14)
		return d;
	d.answered = is_answered(set, from, data, length, supervisor_alive);
	if (d.answered || !memcmp(data, set->host_mac, 6)) {
		d.egress = 1u << (d.answered ? from : PORT_HOST);
		return d;
	}
	d.loan = lender ? lender_take(lender, set, from, data, length) : -1;
	if (d.loan >= 0) {
		d.egress = 0;
		return d;
	}
	reference_parse(data, length, &f);
	forward = filters_decide(set, from, &f, hits, supervisor_alive, data[0] & 1, &d, &copy);
	if (is_reserved(data) && (set->drop_reserved || is_pause(data)))
		forward = false;
	if (has_answers(set) && is_guest_mac(set, data))
		forward = false;
	if (forward && data[0] & 1)
		copy = true;
	d.egress = forward ? d.egress : 0;
	if (copy && (length <= 3000 || !forward))
		d.egress |= 1u << PORT_HOST;
	return d;
}
