/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The MTU of a tunnel: what the path takes, as the kernel knows it, less what WireGuard puts
 * around a packet; and less again where large packets get no answer while small ones do, as
 * somebody on the way keeps silent about what he drops (RFC 2923, 2.1). Pure.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum {
	MTU_MOST = 1420,   /* of 1500, as wg-quick has it */
	MTU_LEAST = 1280,  /* IPv6 needs that much (RFC 8200, 5) */
	MTU_OVERHEAD = 80, /* IPv6, UDP, WireGuard */
	MTU_ASK = 10000,   /* ms between large questions; a fifth of that while one was missed */
};

struct mtu {
	unsigned now;	/* octets; 0: not known yet */
	unsigned black; /* what is larger gets no answer; 0: all does */
	unsigned misses;
	uint64_t lowered, asked; /* ms */
};

/* path: of the way there, 0: not known. The MTU. */
unsigned mtu_path(struct mtu *mtu, uint64_t now, unsigned path);

/* A large question is due. */
bool mtu_due(const struct mtu *mtu, uint64_t now);

/* It was asked, and what had become of the one before. */
void mtu_asked(struct mtu *mtu, uint64_t now, bool answered);
