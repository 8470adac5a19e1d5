/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The semantics of loans in plain C: flows in lists that are searched from end to end. All loans
 * are active here; the owner of loan i has MAC 02:aa:00:00:00:i, in VLAN 100 where i is odd.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/engine/rules.h"

struct lender_flow {
	uint8_t remote[16], local[16];
	uint16_t remote_port, local_port;
	uint8_t family, protocol;
};

enum { LENDER_FLOWS = 1000 };

struct lender {
	struct lender_flow ours[LENDER_FLOWS], owners[LENDER_FLOWS];
	unsigned our_count, owner_count;
};

void lender_mac(unsigned loan, uint8_t mac[6]);
bool lender_is_tagged(unsigned loan);

/* The loan that takes the frame, or -1. What passes changes what is remembered. */
int lender_take(struct lender *l, const struct rule_set *set, enum engine_port from,
		const uint8_t *data, size_t length);
