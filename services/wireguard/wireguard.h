/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One WireGuard interface: run in user space by wireguard-go over a tun device that outlives it, or
 * by the kernel where it can; told and asked the same way.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "uapi.h"

struct fer_state;
struct wireguard;

struct wireguard_events {
	/* It runs and is configured, after each start: what a new daemon spoilt is to be put right.
	 */
	void (*up)(void *arg);
	void *arg;
};

struct wireguard_drops {
	uint64_t receive; /* datagrams that found its socket's buffer full */
	uint64_t tunnel;  /* packets that found the queue of the tun device full */
};

bool wireguard_userspace_available(void);
bool wireguard_kernel_available(void);

struct wireguard_place {
	const char *run_dir, *interface;
	const char *space; /* path of a network namespace for the interface; "": here. Its sockets
			      are here all the same. */
};

/* kernel: see above. NULL where its folder cannot be made. */
struct wireguard *wireguard_new(const struct wireguard_place *place, bool kernel,
				const struct wireguard_events *events);

/* The supervisor ends: the tunnel goes on. */
void wireguard_free(struct wireguard *wireguard);

/* Runs it so from now on; sessions of peers that stay, at the endpoint that they had, are not
 * touched. Copied. */
void wireguard_apply(struct wireguard *wireguard, const struct wireguard_config *config);

/* What it sends goes another way from now on: what it remembers of the old one is forgotten. */
void wireguard_move(struct wireguard *wireguard);

/* Ends it and removes the interface. */
void wireguard_stop(struct wireguard *wireguard);

/* After that: its daemon has ended, and it may be freed. */
bool wireguard_is_gone(const struct wireguard *wireguard);

/* Steps of somebody who gets no answer through it: the link down and up; all of it anew. */
void wireguard_bounce(struct wireguard *wireguard);
void wireguard_restart(struct wireguard *wireguard);

/* Hears of it now, and not only when its health is asked for. */
void wireguard_look(struct wireguard *wireguard);

/* The latest handshake, s since 1970, where there was one since it was told what it is told now; 0
 * else. */
uint64_t wireguard_shaken(const struct wireguard *wireguard);

/* What was heard of it last; never NULL. */
const struct wireguard_state *wireguard_heard(const struct wireguard *wireguard);
bool wireguard_is_up(const struct wireguard *wireguard);
void wireguard_drops(const struct wireguard *wireguard, struct wireguard_drops *drops);
void wireguard_show(const struct wireguard *wireguard, struct fer_state *state);
