// SPDX-License-Identifier: GPL-2.0-or-later
#include "lender.h"

#include <string.h>

#include "reference.h"

enum { TCP = 6, UDP = 17, FIN = 1, SYN = 2, RST = 4, ACK = 16 };

/* The frame, and where its parts are. */
struct view {
	const uint8_t *data;
	size_t length;
	size_t network; /* offset of the IP header */
	struct reference_frame f;
};

void lender_mac(unsigned loan, uint8_t mac[6])
{
	const uint8_t base[6] = {0x02, 0xaa, 0, 0, 0, loan};

	memcpy(mac, base, 6);
}

bool lender_is_tagged(unsigned loan)
{
	return loan % 2;
}

static uint16_t get16(const struct view *v, size_t at)
{
	return v->data[at] << 8 | v->data[at + 1];
}

static bool is_tag(uint16_t type)
{
	return type == 0x8100 || type == 0x88a8 || type == 0x9100;
}

static void look(struct view *v, const uint8_t *data, size_t length)
{
	*v = (struct view){.data = data, .length = length, .network = 14};
	reference_parse(data, length, &v->f);
	while (v->network + 2 <= length && is_tag(get16(v, v->network - 2)))
		v->network += 4;
}

static int find_loan(const struct rule_set *set, int family, const uint8_t *address)
{
	for (unsigned i = 0; family && i < set->loans; i++)
		if (set->loan[i].family == family &&
		    !memcmp(set->loan[i].address, address, family == 4 ? 4 : 16))
			return i;
	return -1;
}

static bool in_ranges(const struct rule_ranges *ranges, uint16_t port)
{
	for (unsigned i = 0; i < ranges->count; i++)
		if (port >= ranges->at[i].low && port <= ranges->at[i].high)
			return true;
	return false;
}

static bool is_lent(const struct rule_loan *loan, uint8_t protocol, uint16_t port)
{
	return (protocol == TCP && in_ranges(&loan->tcp, port)) ||
	       (protocol == UDP && in_ranges(&loan->udp, port));
}

/* ---- lists of flows ---- */

static struct lender_flow flow_of(const struct reference_frame *f, bool remote_sends)
{
	struct lender_flow flow;

	memset(&flow, 0, sizeof(flow));
	memcpy(flow.remote, remote_sends ? f->source : f->destination, 16);
	memcpy(flow.local, remote_sends ? f->destination : f->source, 16);
	flow.remote_port = remote_sends ? f->source_port : f->destination_port;
	flow.local_port = remote_sends ? f->destination_port : f->source_port;
	flow.family = f->family;
	flow.protocol = f->protocol;
	return flow;
}

static int flow_find(const struct lender_flow *list, unsigned count, const struct lender_flow *flow)
{
	for (unsigned i = 0; i < count; i++)
		if (!memcmp(&list[i], flow, sizeof(*flow)))
			return i;
	return -1;
}

static void flow_add(struct lender_flow *list, unsigned *count, const struct lender_flow *flow)
{
	if (flow_find(list, *count, flow) < 0 && *count < LENDER_FLOWS)
		list[(*count)++] = *flow;
}

static void flow_drop(struct lender_flow *list, unsigned *count, const struct lender_flow *flow)
{
	int at = flow_find(list, *count, flow);

	if (at >= 0)
		list[at] = list[--*count];
}

/* ---- frames ---- */

static bool is_in_window(const struct rule_loan *loan, uint16_t port)
{
	return loan->first_port && port >= loan->first_port && port <= loan->last_port;
}

static void owner_sends(struct lender *l, const struct rule_loan *loan,
			const struct reference_frame *f)
{
	struct lender_flow flow = flow_of(f, false);

	if (!f->has_ports || (f->protocol != TCP && f->protocol != UDP) ||
	    (f->protocol == TCP && (!f->has_tcp_flags || f->tcp_flags & RST)) ||
	    (!is_in_window(loan, f->source_port) && !is_lent(loan, f->protocol, f->source_port)))
		return;
	if (flow_find(l->owners, l->owner_count, &flow) >= 0)
		return;
	flow_add(l->owners, &l->owner_count, &flow);
	flow_drop(l->ours, &l->our_count, &flow);
}

static bool is_for_owner(const struct view *v, unsigned loan)
{
	uint8_t mac[6];
	size_t tags = (v->network - 14) / 4;

	lender_mac(loan, mac);
	if (memcmp(v->data, mac, 6))
		return false;
	return lender_is_tagged(loan) ? tags == 1 && v->f.vlan == 100 : !tags;
}

static bool is_fragment(const struct view *v)
{
	if (v->f.family == 4)
		return get16(v, v->network + 6) & 0x3fff;
	return v->data[v->network + 6] != v->f.protocol;
}

/* The flow that an ICMP error quotes: sent by us. */
static bool quote(const struct view *v, struct lender_flow *flow)
{
	size_t at = v->network + (v->data[v->network] & 15) * 4, inner;
	const uint8_t *p = v->data + at;

	if (v->f.protocol != 1 || at + 28 > v->length || (p[0] != 3 && p[0] != 11 && p[0] != 12) ||
	    p[8] >> 4 != 4)
		return false;
	inner = 8 + (p[8] & 15) * 4;
	if (at + inner + 4 > v->length)
		return false;
	memset(flow, 0, sizeof(*flow));
	memcpy(flow->local, p + 20, 4);
	memcpy(flow->remote, p + 24, 4);
	flow->local_port = p[inner] << 8 | p[inner + 1];
	flow->remote_port = p[inner + 2] << 8 | p[inner + 3];
	flow->family = 4;
	flow->protocol = p[17];
	return true;
}

static bool quote6(const struct view *v, struct lender_flow *flow)
{
	const uint8_t *p = v->data + v->network + 40;

	if (v->f.protocol != 58 || v->data[v->network + 6] != 58 ||
	    v->network + 40 + 52 > v->length || p[0] < 1 || p[0] > 4 || p[8] >> 4 != 6)
		return false;
	memset(flow, 0, sizeof(*flow));
	memcpy(flow->local, p + 16, 16);
	memcpy(flow->remote, p + 32, 16);
	flow->local_port = p[48] << 8 | p[49];
	flow->remote_port = p[50] << 8 | p[51];
	flow->family = 6;
	flow->protocol = p[14];
	return true;
}

static bool opens(const struct reference_frame *f)
{
	return f->protocol == UDP || (f->tcp_flags & (SYN | ACK | RST | FIN)) == SYN;
}

static bool is_ours(const struct lender *l, const struct rule_loan *loan,
		    const struct lender_flow *flow)
{
	return (is_lent(loan, flow->protocol, flow->local_port) ||
		is_in_window(loan, flow->local_port)) &&
	       flow_find(l->ours, l->our_count, flow) >= 0;
}

int lender_take(struct lender *l, const struct rule_set *set, enum engine_port from,
		const uint8_t *data, size_t length)
{
	struct lender_flow flow;
	struct view v;
	int loan;

	look(&v, data, length);
	if (!v.f.family)
		return -1;
	loan = find_loan(set, v.f.family, v.f.source);
	if (loan >= 0) {
		if (from == set->loan[loan].owner)
			owner_sends(l, &set->loan[loan], &v.f);
		return -1;
	}
	loan = find_loan(set, v.f.family, v.f.destination);
	if (loan < 0 || from == set->loan[loan].owner || !is_for_owner(&v, loan) || is_fragment(&v))
		return -1;
	if (!v.f.has_ports) {
		if (v.f.family == 4 ? !quote(&v, &flow) : !quote6(&v, &flow))
			return -1;
		return is_ours(l, &set->loan[loan], &flow) ? loan : -1;
	}
	flow = flow_of(&v.f, true);
	if (is_ours(l, &set->loan[loan], &flow))
		return loan;
	if (!is_lent(&set->loan[loan], v.f.protocol, v.f.destination_port) || !opens(&v.f) ||
	    flow_find(l->owners, l->owner_count, &flow) >= 0)
		return -1;
	flow_add(l->ours, &l->our_count, &flow);
	return loan;
}
