// SPDX-License-Identifier: GPL-2.0-or-later
#include "match_check.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/api/model.h"
#include "core/engine/rules.h"

enum { TCP = 6, IPV4 = 0x0800, IPV6 = 0x86dd };

static bool ranges_have(const struct rule_ranges *ranges, uint32_t value)
{
	for (unsigned i = 0; i < ranges->count; i++)
		if (value >= ranges->at[i].low && value <= ranges->at[i].high)
			return true;
	return !ranges->count;
}

static bool prefixes_have(const struct rule_prefixes *prefixes, uint8_t family)
{
	for (unsigned i = 0; i < prefixes->count; i++)
		if (prefixes->at[i].family == family)
			return true;
	return !prefixes->count;
}

static bool has_family(const struct rule_match *m, uint8_t family)
{
	return prefixes_have(&m->source, family) && prefixes_have(&m->destination, family) &&
	       ranges_have(&m->ether_type, family == 4 ? IPV4 : IPV6);
}

static bool is_of_ip(const struct rule_match *m)
{
	return m->source.count || m->destination.count || m->protocol.count ||
	       m->source_port.count || m->destination_port.count || m->dscp.count || m->tcp_set ||
	       m->tcp_clear;
}

/* Ports of a protocol that has none. */
static bool lacks_ports(const struct rule_match *m)
{
	static const uint32_t with_ports[] = {TCP, 17, 33, 132, 136};

	if (!m->source_port.count && !m->destination_port.count)
		return false;
	for (size_t i = 0; i < sizeof(with_ports) / sizeof(*with_ports); i++)
		if (ranges_have(&m->protocol, with_ports[i]))
			return false;
	return true;
}

static bool is_untagged(const struct rule_match *m)
{
	for (unsigned i = 0; i < m->vlan.count; i++)
		if (m->vlan.at[i].low != VLAN_NONE)
			return false;
	return m->vlan.count;
}

void match_check(const struct fer_model *match, const struct rule_match *m,
		 struct fer_problems *problems)
{
	if (lacks_ports(m))
		fer_problem(problems, fer_model_find(match, "protocol"),
			    "none of these protocols has ports; tcp, udp, sctp, dccp and udp-lite "
			    "have");
	if ((m->tcp_set || m->tcp_clear) && !ranges_have(&m->protocol, TCP))
		fer_problem(problems, fer_model_find(match, "tcp-flags"),
			    "no frame has them: 'protocol' is not tcp");
	if (is_untagged(m) && m->inner_vlan.count && !ranges_have(&m->inner_vlan, VLAN_NONE))
		fer_problem(problems, fer_model_find(match, "inner-vlan"),
			    "no frame has it: 'vlan: none' has no tags at all");
	if (!is_of_ip(m) || has_family(m, 4) || has_family(m, 6))
		return;
	if (!(prefixes_have(&m->source, 4) && prefixes_have(&m->destination, 4)) &&
	    !(prefixes_have(&m->source, 6) && prefixes_have(&m->destination, 6)))
		fer_problem(problems, fer_model_find(match, "destination"),
			    "no frame has it: 'source' and 'destination' are of IPv4 and of IPv6");
	else
		fer_problem(problems, fer_model_find(match, "ether-type"),
			    "no frame has it with the rest of the match, which is of %s",
			    !m->source.count && !m->destination.count ? "IP"
			    : prefixes_have(&m->source, 4) && prefixes_have(&m->destination, 4)
				    ? "IPv4"
				    : "IPv6");
}
