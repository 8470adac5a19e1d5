/* SPDX-License-Identifier: GPL-2.0-or-later */
/* State for people. */
#pragma once

#include <stddef.h>

struct fy_node;

/* `ferrule status`: the whole in a few lines. */
void show_status(struct fy_node *state);

/* `ferrule show [PATH]`: tables of what is there. */
void show_state(struct fy_node *state);

void show_history(struct fy_node *reply);

/* The number of the last line printed, or `after`. */
unsigned long long show_log(struct fy_node *reply, unsigned long long after);
