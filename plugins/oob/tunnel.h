/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One interface of the role: to a hub, or for the peers that come here. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct fer_state;
struct oob_config;
struct peers;
struct tunnel;

struct tunnel_events {
	void (*up)(void *arg); /* what stood on the interface is to be put back */
	void *arg;
};

/* index: of the hub; or behind the last one for the peers. folder: of what is remembered. */
struct tunnel *tunnel_new(const char *run_dir, const char *folder, const struct oob_config *config,
			  unsigned index, bool kernel, const struct tunnel_events *events);

/* The supervisor ends: the tunnel goes on. */
void tunnel_free(struct tunnel *tunnel);

/* Ends it; freed once it is gone. */
void tunnel_stop(struct tunnel *tunnel);
bool tunnel_is_gone(const struct tunnel *tunnel);
void tunnel_apply(struct tunnel *tunnel, const struct oob_config *config);

/* Somebody at the other end is asked; every second, or when something changed. */
void tunnel_ask(struct tunnel *tunnel);

/* An answer came within `ms`. */
bool tunnel_works(const struct tunnel *tunnel, unsigned ms);

/* Peers that change their keys are followed; to be called often. */
void tunnel_look(struct tunnel *tunnel);

/* Handshakes are heard of soon. */
void tunnel_hear(struct tunnel *tunnel);

/* NULL where it is to a hub. */
const struct peers *tunnel_peers(const struct tunnel *tunnel);

/* The way out is another one. */
void tunnel_move(struct tunnel *tunnel);
void tunnel_resolve(struct tunnel *tunnel); /* where it does not work */
void tunnel_bounce(struct tunnel *tunnel);
void tunnel_restart(struct tunnel *tunnel);

/* The last handshake with a hub that is where its configuration or its name leads, and with what is
 * configured now, s since 1970; 0: none. */
uint64_t tunnel_reached(struct tunnel *tunnel);

/* The last handshake with anybody, s since 1970; 0: none. */
uint64_t tunnel_handshake(const struct tunnel *tunnel);
void tunnel_show(const struct tunnel *tunnel, bool active, struct fer_state *state);
void tunnel_show_service(const struct tunnel *tunnel, struct fer_state *state);
