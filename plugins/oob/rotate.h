/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A new private key in two steps. The first makes it, beside the one in use, and tells its public
 * half to be told to the hubs. The second uses it, and keeps it only if each hub that answered
 * before makes a handshake with it; else the old one is back.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct fer_action;
struct fer_state;
struct oob;

enum { ROTATE_HUBS = 4 };

struct rotate {
	struct fer_action *action;    /* the second step is under way; NULL: it is not */
	uint64_t begun, deadline;     /* ms of echo_now(); deadline 0: the old key is in use */
	uint64_t before[ROTATE_HUBS]; /* handshakes with the old key, s; 0: that hub was silent */
	uint8_t old[32], next[32];    /* keys */
};

void rotate_run(void *instance, struct fer_action *action);

/* Often, while the role is on. */
void rotate_tick(struct oob *oob);

/* One that is under way ends; err 0: with the new key. */
void rotate_end(struct oob *oob, int err);
void rotate_show(const struct oob *oob, struct fer_state *state);
