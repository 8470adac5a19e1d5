/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Answers by UDP of services that leave their source address open: they send to the client, and
 * the kernel chooses an address by the route (no IP_PKTINFO, no socket of the client's own). Such
 * an answer needs a route, and then the address that the client's datagram was redirected to, or
 * connection tracking takes it for something new.
 */
#pragma once

#include "core/base/text.h"
#include "core/engine/rules.h"

struct nl_sock;

/* Behind the rule for what has no other way. */
enum { ANSWERS_RULE = 32769 };

/* Ports of the module that UDP is redirected to, whose `at` the caller frees. */
struct rule_ranges answers_ports(const struct rule_set *rules);

/* nft(8): the sets of clients, lines of a chain at `input`, and the chain that gives answers their
 * address. Nothing where there are no ports. */
void answers_print_sets(struct text *text, const struct rule_ranges *ports);
void answers_print_input(struct text *text, const char *guest, const struct rule_ranges *ports);
void answers_print_chain(struct text *text, const struct rule_ranges *ports);

/* Rules of a family that lead answers without another way to `table`; none: NULL. Those of other
 * ports go. 0 or a negative errno. */
int answers_rules_set(struct nl_sock *sk, int family, uint32_t table,
		      const struct rule_ranges *ports);
