/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

struct fer_state;
struct wire;

/* The list `port` of the state: links, errors, and what modules say. */
void port_state_add(struct fer_state *state, const struct wire *wire);
