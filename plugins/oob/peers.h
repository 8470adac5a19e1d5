/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Those who come to this module: whether they are there, and which of two keys they use while one
 * takes over from the other. An allowed address belongs to one key at a time: to that of the last
 * handshake.
 */
#pragma once

#include <stdbool.h>

struct echo;
struct fer_state;
struct oob_config;
struct peers;
struct wireguard_config;
struct wireguard_state;

struct peers *peers_new(const char *interface);
void peers_free(struct peers *peers);

/* As WireGuard is to know them. */
void peers_load(struct peers *peers, const struct oob_config *config, struct wireguard_config *to);

/* Some have two keys: their handshakes are to be looked at often. */
bool peers_change_keys(const struct peers *peers);

/* Looks at the handshakes; true where another key is in use now, and peers_load() says so. */
bool peers_look(struct peers *peers, const struct wireguard_state *heard);

/* Whether the peer uses its next key. */
bool peers_use_next(const struct peers *peers, unsigned index);

/* Those that have an address, and were heard of lately, are asked. */
void peers_ask(struct peers *peers, const struct wireguard_state *heard);

/* Of the only peer that is there; NULL where there are several, or none. */
struct echo *peers_only(const struct peers *peers);
void peers_show(const struct peers *peers, const struct wireguard_state *heard,
		struct fer_state *state);
