/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What hubs and peers have in common, when they are shown. */
#pragma once

struct echo;
struct fer_state;
struct wireguard_peer_state;

/* at: the list entry's path. */
void show_end(const struct wireguard_peer_state *peer, const char *at, struct fer_state *state);

/* echo: NULL where nobody is asked. */
void show_health(const struct echo *echo, const char *at, struct fer_state *state);
