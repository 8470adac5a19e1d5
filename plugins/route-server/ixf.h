/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The member export of IX-F (euro-ix JSON schema 0.6 to 1.0), as IXP Manager writes it. It may hold
 * several exchanges and LANs: one is taken, the first or the one that was asked for, and what is
 * left out of the others is named.
 */
#pragma once

#include <stdio.h>

struct counted;
struct fy_node;

/* `address` and `peering-lan`, filled in as far as the export says them; at: its root, or NULL. */
void ixf_lan(struct fy_node *at, unsigned vlan, FILE *file);

/* The clients of that LAN, and remarks. */
void ixf_members(struct fy_node *at, unsigned vlan, struct counted *counted, FILE *file);
