/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What BIRD has is looked at twice a second. At nine tenths of its bound the member with the most
 * routes is cut off as by max-prefix, before the kernel ends all sessions.
 */
#pragma once

struct memory;
struct route_server;

struct memory *memory_new(struct route_server *rs);
void memory_free(struct memory *memory);

/* The role is in force, or is not. */
void memory_watch(struct memory *memory, int on);

/* All sessions have been heard of: is one to be cut off? */
void memory_turn(struct memory *memory);
