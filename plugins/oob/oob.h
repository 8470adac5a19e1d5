/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The role itself, as its files share it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "clock.h"
#include "ladder.h"
#include "load.h"
#include "rotate.h"

struct access;
struct fer_event;
struct fer_state;
struct guard;
struct paths;
struct tunnel;

enum { TUNNELS = OOB_HUBS + 1 };

struct oob {
	char run_dir[200], folder[240];
	struct oob_config now, staged;
	struct tunnel *tunnel[TUNNELS];
	struct tunnel *ending[2 * TUNNELS]; /* their daemons have not ended yet */
	struct paths *paths;
	struct guard *guard;
	struct access *access;
	struct ladder ladder;
	enum ladder_step step;
	uint64_t stepped, asked, looked;
	struct fer_event *tick;
	bool kernel;
	bool waited; /* for a first answer, before the ladder is climbed */
	uint64_t began;
	bool unmade;   /* its namespace: tried again */
	bool guarding; /* the tunnels are as before until the guard is in force */
	bool closed;   /* waits for daemons of before to end */
	bool moved;    /* its addresses, with the commit that comes into force */
	struct clock clock;
	struct rotate rotate;
};

/* Hubs and peers. */
void oob_show_ends(const struct oob *oob, struct fer_state *state);
