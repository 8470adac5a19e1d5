/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packets larger than the path takes: what WireGuard makes of them crosses in fragments (RFC 791,
 * 3.2), and each costs the program at either end once instead of once for each fragment. There are
 * networks that drop fragments, so that it is tried with a question of that size before anything
 * relies on it, and again and again. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct jumbo {
	bool on;     /* the interface takes them */
	bool proven; /* one was answered since */
	unsigned misses;
	uint64_t asked, refused; /* ms; 0: not yet */
};

/* A question of that size is due. */
bool jumbo_due(const struct jumbo *jumbo, uint64_t now);

/* It is asked, and what had become of the one before. true: `on` is another one. */
bool jumbo_asked(struct jumbo *jumbo, uint64_t now, bool answered);
