/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What may come out of the tunnel: nftables in a table of our own. Everything that is not listed is
 * refused; what goes on to the site has our address as its source, so that it needs no route back.
 */
#pragma once

#include <stdio.h>

struct oob_config;

#define GUARD_TABLE "ferrule-oob"

/* The whole table, for nft -f. Pure. */
void guard_print(const struct oob_config *config, FILE *file);

/* Sets or removes it. */
void guard_apply(const struct oob_config *config);

/* Lets packets through between the tunnel and the site, where something is to be reached: once the
 * interfaces are there. */
void guard_forward(const struct oob_config *config);
void guard_clear(void);
