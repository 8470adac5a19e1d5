/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is said on the socket of wireguard-go: key=value lines, an empty one at the end
 * (www.wireguard.com/xplatform). Pure; fuzzed.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "key.h"

enum { WIREGUARD_PEERS = 64, WIREGUARD_ALLOWED = 16 };

struct wireguard_peer {
	uint8_t public_key[KEY_OCTETS];
	uint8_t preshared_key[KEY_OCTETS]; /* zero: none */
	char endpoint[80];		   /* "192.0.2.1:51820", "[2001:db8::1]:443"; "": none */
	unsigned keepalive;		   /* s, 0: none */
	char allowed[WIREGUARD_ALLOWED][52];
	unsigned alloweds;
};

struct wireguard_config {
	uint8_t private_key[KEY_OCTETS];
	uint16_t listen_port; /* 0: any */
	uint32_t mark;	      /* of what it sends, 0: none */
	struct wireguard_peer peer[WIREGUARD_PEERS];
	unsigned peers;
};

struct wireguard_peer_state {
	uint8_t public_key[KEY_OCTETS];
	char endpoint[80];
	uint64_t handshake; /* s since 1970, 0: never */
	uint64_t rx, tx;    /* octets */
};

struct wireguard_state {
	uint8_t private_key[KEY_OCTETS];
	uint16_t listen_port;
	uint32_t mark;
	struct wireguard_peer_state peer[WIREGUARD_PEERS];
	unsigned peers;
};

/* The latest of its peers, s since 1970; 0: none. */
uint64_t uapi_handshake(const struct wireguard_state *state);

/* Takes a reply to get=1 apart. 0, -EPROTO for what is none, or the errno that it ends with. */
int uapi_parse(const char *reply, struct wireguard_state *to);

/*
 * Its endpoint is another one than was told before, or none is known yet, and it was heard
 * elsewhere. Its session has to go first: a packet of it that is still under way from the old
 * endpoint, which is authentic, would take us back there (WireGuard, section 2.1).
 */
bool uapi_moves(const struct wireguard_peer *peer, const struct wireguard_state *now,
		const struct wireguard_config *told);

/* The latest handshake of the peers that stay where they are, s since 1970; 0: none. */
uint64_t uapi_handshake_kept(const struct wireguard_config *config,
			     const struct wireguard_state *now,
			     const struct wireguard_config *told);

/*
 * A set=1 that makes `now` what is configured, without touching the sessions of peers that stay
 * where they are. An endpoint is told only where it is not the one told last (`told`; may be NULL):
 * a peer that roamed is left where it is. `endpoints`: all of them are told.
 */
void uapi_print(const struct wireguard_config *config, const struct wireguard_state *now,
		const struct wireguard_config *told, bool endpoints, FILE *file);
