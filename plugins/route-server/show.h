/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the role shows of itself. */
#pragma once

struct fer_state;
struct route_server;

/* All of it, as `ferrule show route-server`. */
void show_all(const struct route_server *rs, struct fer_state *state);

void show_clients(const struct route_server *rs, struct fer_state *state);

/* What somebody should look at; how many that is. */
unsigned show_trouble(const struct route_server *rs, struct fer_state *state);
