// SPDX-License-Identifier: GPL-2.0-or-later
#include "frame.h"

#include <arpa/inet.h>
#include <string.h>

#include "core/base/text.h"
#include "core/engine/xdp/parse.h"

static void address_add(struct text *text, const struct frame_fields *f, const __u64 *address)
{
	char words[INET6_ADDRSTRLEN] = "";
	uint8_t octets[16];

	if (f->has & HAS_IPV4) {
		for (int i = 0; i < 4; i++)
			octets[i] = address[0] >> (24 - 8 * i);
		inet_ntop(AF_INET, octets, words, sizeof(words));
	} else {
		for (int i = 0; i < 16; i++)
			octets[i] = address[i / 8] >> (56 - 8 * (i % 8));
		inet_ntop(AF_INET6, octets, words, sizeof(words));
	}
	text_add(text, "%s", words);
}

static const char *protocol_name(uint8_t protocol)
{
	switch (protocol) {
	case 1:
		return "icmp";
	case 2:
		return "igmp";
	case 6:
		return "tcp";
	case 17:
		return "udp";
	case 47:
		return "gre";
	case 50:
		return "esp";
	case 58:
		return "icmpv6";
	case 89:
		return "ospf";
	case 132:
		return "sctp";
	}
	return NULL;
}

static void flags_add(struct text *text, uint8_t flags)
{
	static const char *const name[] = {"fin", "syn", "rst", "psh", "ack", "urg", "ece", "cwr"};

	for (int i = 0; i < 8; i++)
		if (flags & 1 << i)
			text_add(text, " %s", name[i]);
}

static void network_add(struct text *text, const struct frame_fields *f)
{
	const char *name = f->has & HAS_PROTOCOL ? protocol_name(f->protocol) : NULL;

	text_add(text, " ");
	address_add(text, f, f->source);
	if (f->has & HAS_PORTS)
		text_add(text, " %u", f->source_port);
	text_add(text, " > ");
	address_add(text, f, f->destination);
	if (f->has & HAS_PORTS)
		text_add(text, " %u", f->destination_port);
	if (name)
		text_add(text, " %s", name);
	else if (f->has & HAS_PROTOCOL)
		text_add(text, " protocol %u", f->protocol);
	if (f->has & HAS_TCP_FLAGS)
		flags_add(text, f->tcp_flags);
}

void frame_words(const uint8_t *data, size_t captured, size_t length, struct text *text)
{
	struct frame_fields f;

	memset(&f, 0, sizeof(f));
	if (captured < 14) {
		text_add(text, " cut short");
		return;
	}
	parse_frame(data, data + captured, length, &f);
	if (f.has & HAS_VLAN)
		text_add(text, " vlan %u", f.vlan);
	if (f.has & HAS_INNER_VLAN)
		text_add(text, "/%u", f.inner_vlan);
	if (f.has & (HAS_IPV4 | HAS_IPV6)) {
		network_add(text, &f);
		return;
	}
	text_add(text, " %02x:%02x:%02x:%02x:%02x:%02x > %02x:%02x:%02x:%02x:%02x:%02x", data[6],
		 data[7], data[8], data[9], data[10], data[11], data[0], data[1], data[2], data[3],
		 data[4], data[5]);
	if (f.has & HAS_ETHER_TYPE)
		text_add(text, " type 0x%04x", f.ether_type);
}
