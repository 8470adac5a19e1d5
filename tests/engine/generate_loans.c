// SPDX-License-Identifier: GPL-2.0-or-later
/* Loans, and frames that have to do with them. */
#include <arpa/inet.h>
#include <string.h>

#include "core/engine/rules.h"
#include "generate.h"
#include "lender.h"

static const uint16_t ports[] = {22, 2222, 443, 51820, 61000, 61010, 40000};

static uint16_t random_port(struct generator *g)
{
	return ports[generate_number(g, sizeof(ports) / sizeof(*ports))];
}

/* Every other one is of IPv6; the first ones share their last octet. */
static void loan_make(struct generator *g, struct rule_loan *loan, unsigned i)
{
	memset(loan, 0, sizeof(*loan));
	loan->family = i % 4 == 3 ? 6 : 4;
	memcpy(loan->address, loan->family == 4 ? "\xc0\x00\x02\x01" : "\x20\x01\x0d\xb8", 4);
	if (i >= 2)
		loan->address[loan->family == 4 ? 3 : 15] = i;
	else
		loan->address[1] = i;
	loan->owner = generate_number(g, 2);
	for (unsigned n = generate_number(g, 5); n; n--) {
		uint16_t port = random_port(g);

		rule_ranges_add(&loan->tcp, port, port);
	}
	for (unsigned n = generate_number(g, 5); n; n--) {
		uint16_t port = random_port(g);

		rule_ranges_add(&loan->udp, port, port);
	}
	if (generate_number(g, 2)) {
		loan->first_port = 61000;
		loan->last_port = 61999;
	}
}

void generate_loans(struct generator *g, struct rule_set *set)
{
	static const unsigned sizes[] = {0, 0, 1, 2, 4, LOANS_MAX};

	set->loans = sizes[generate_number(g, 6)];
	for (unsigned i = 0; i < set->loans; i++)
		loan_make(g, &set->loan[i], i);
	set->flows = set->loans ? 1024 : 0;
}

/* ---- frames ---- */

struct packet {
	uint8_t *frame;
	size_t at;
	const struct rule_loan *loan;
	uint8_t remote[16];
	bool to_loan;
	uint8_t protocol;
};

static void put(struct packet *p, const void *octets, size_t n)
{
	memcpy(p->frame + p->at, octets, n);
	p->at += n;
}

static void put8(struct packet *p, uint8_t value)
{
	p->frame[p->at++] = value;
}

static void put16(struct packet *p, uint16_t value)
{
	put8(p, value >> 8);
	put8(p, value);
}

static void put_link(struct generator *g, struct packet *p, unsigned loan)
{
	static const uint8_t remote[6] = {0x02, 0xbb, 0, 0, 0, 1};
	uint8_t owner[6];

	lender_mac(loan, owner);
	if (!generate_number(g, 8))
		owner[3] = 1; /* somebody else's */
	put(p, p->to_loan ? owner : remote, 6);
	put(p, p->to_loan ? remote : owner, 6);
	for (unsigned tags = generate_number(g, 8) ? lender_is_tagged(loan) : generate_number(g, 3);
	     tags; tags--) {
		put16(p, 0x8100);
		put16(p, generate_number(g, 10) ? generate_number(g, 8) << 13 | 100 : 101);
	}
	put16(p, p->loan->family == 4 ? 0x0800 : 0x86dd);
}

static void put_addresses(struct packet *p, bool to_loan)
{
	size_t size = p->loan->family == 4 ? 4 : 16;

	put(p, to_loan ? p->remote : p->loan->address, size);
	put(p, to_loan ? p->loan->address : p->remote, size);
}

static void put_header(struct generator *g, struct packet *p, bool to_loan, uint8_t protocol,
		       uint16_t payload)
{
	if (p->loan->family == 4) {
		put16(p, 0x4500);
		put16(p, 20 + payload);
		put16(p, 0);
		put16(p, generate_number(g, 12) ? 0x4000 : generate_number(g, 65536));
		put8(p, 64);
		put8(p, protocol);
		put16(p, 0);
	} else {
		put16(p, 0x6000);
		put16(p, 0);
		put16(p, payload);
		put8(p, protocol);
		put8(p, 64);
	}
	put_addresses(p, to_loan);
}

static void put_ports(struct generator *g, struct packet *p, bool to_loan)
{
	uint16_t local = random_port(g), remote = 1000 + generate_number(g, 3);

	put16(p, to_loan ? remote : local);
	put16(p, to_loan ? local : remote);
}

static void put_transport(struct generator *g, struct packet *p)
{
	static const uint8_t flags[] = {0x02, 0x02, 0x12, 0x10, 0x18, 0x11, 0x04, 0xc2};

	put_ports(g, p, p->to_loan);
	if (p->protocol == 6) {
		p->at += 8;
		put8(p, 0x50);
		put8(p, flags[generate_number(g, 8)]);
		p->at += 6;
	} else {
		put16(p, 8);
		put16(p, 0);
	}
}

/* An error about something that the loan sent, or an echo. */
static void put_icmp(struct generator *g, struct packet *p)
{
	static const uint8_t types4[] = {3, 11, 12, 8, 0}, types6[] = {1, 2, 3, 4, 128};

	put8(p,
	     p->loan->family == 4 ? types4[generate_number(g, 5)] : types6[generate_number(g, 5)]);
	put8(p, 0);
	p->at += 6;
	put_header(g, p, !p->to_loan, generate_number(g, 2) ? 6 : 17, 8);
	put_ports(g, p, !p->to_loan);
	p->at += 4;
}

size_t generate_loan_frame(struct generator *g, const struct rule_set *set, uint8_t *frame)
{
	unsigned loan = generate_number(g, set->loans);
	struct packet p = {.frame = frame, .loan = &set->loan[loan]};
	uint32_t kind = generate_number(g, 10);

	memset(frame, 0, FRAME_MAX);
	memcpy(p.remote, p.loan->family == 4 ? "\xc6\x33\x64\x01" : "\x20\x01\x0d\xb8\x00\x01", 4);
	p.remote[p.loan->family == 4 ? 3 : 15] = 1 + generate_number(g, 2);
	p.to_loan = generate_number(g, 3);
	p.protocol = kind < 4 ? 6 : kind < 8 ? 17 : p.loan->family == 4 ? 1 : 58;
	put_link(g, &p, loan);
	put_header(g, &p, p.to_loan, p.protocol, kind < 4 ? 20 : kind < 8 ? 8 : 60);
	if (kind < 8)
		put_transport(g, &p);
	else
		put_icmp(g, &p);
	if (!generate_number(g, 20))
		p.at = generate_number(g, p.at + 1);
	return p.at < 14 ? 14 : p.at;
}
