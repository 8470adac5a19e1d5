/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The semantics of the engine in plain C, with nothing in common with the engines that must agree
 * with it: one rule after the other, and a parser that walks a copy of the frame.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/engine/rules.h"

struct reference_frame {
	bool has_vlan, has_inner_vlan, has_ether_type, has_protocol, has_ports, has_tcp_flags;
	int family; /* 0, 4, 6 */
	uint16_t vlan, inner_vlan, ether_type, source_port, destination_port;
	uint8_t protocol, dscp, tcp_flags;
	uint8_t source[16], destination[16];
	size_t length;
};

struct reference_decision {
	uint32_t egress; /* bit enum engine_port */
	unsigned filter; /* whose verdict it was, or FILTERS_MAX */
	uint16_t mirror; /* bit: a session that gets a copy */
	uint8_t capture; /* bit: a capture that gets one */
	bool divert;	 /* to the guest interface */
	int loan;	 /* that takes the frame, or -1 */
	bool answered;	 /* an ARP request: it goes back */
	bool reset;	 /* both ends get a RST, if it is a segment without */
};

void reference_parse(const uint8_t *data, size_t length, struct reference_frame *frame);

/* hits[] counts the frames of each rule so far, and is updated: sampling depends on it. */
struct lender;

/* lender: what loans remember; NULL where there are none. */
struct reference_decision reference_decide(const struct rule_set *set, struct lender *lender,
					   enum engine_port from, const uint8_t *data,
					   size_t length, uint64_t *hits, bool supervisor_alive);
