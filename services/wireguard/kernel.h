/* SPDX-License-Identifier: GPL-2.0-or-later */
/* WireGuard in the kernel: its interface by rtnetlink, its peers by wg(8) syncconf and show dump.
 */
#pragma once

#include "uapi.h"

struct kernel;

/* It can: an interface of that kind was made, and removed again. */
bool kernel_available(void);

/* space: of wireguard.h. heard: kept up to date every few seconds. */
struct kernel *kernel_new(const char *interface, const char *space, struct wireguard_state *heard);
void kernel_free(struct kernel *kernel);

/* Both are borrowed until it is taken, which may be never. before: what it was told last, or NULL;
 * see uapi_moves(). */
void kernel_apply(struct kernel *kernel, const struct wireguard_config *config,
		  const struct wireguard_config *before, void (*done)(void *arg, int err),
		  void *arg);

/* The latest handshake as it was told last, s since 1970. */
uint64_t kernel_handshake_before(const struct kernel *kernel);

/* Takes the output of `wg show IF dump` apart. Pure. 0 or -EPROTO. */
int kernel_parse(const char *dump, struct wireguard_state *to);
