/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What may come out of the tunnel: nftables in a table of our own. Everything that is not listed is
 * refused; what goes on to the site has our address as its source, so that it needs no route back.
 */
#pragma once

struct oob_config;

#define GUARD_TABLE "ferrule-oob"

struct guard;

/* in_force: after each apply, once nothing that is not listed can come in any more. */
struct guard *guard_new(const char *run_dir, void (*in_force)(void *arg), void *arg);

/* The supervisor ends: the table stays. */
void guard_free(struct guard *guard);
void guard_apply(struct guard *guard, const struct oob_config *config);

/* Lets packets through between the tunnel and the site, where something is to be reached: once the
 * interfaces are there. */
void guard_forward(struct guard *guard, const struct oob_config *config);
void guard_clear(struct guard *guard);
