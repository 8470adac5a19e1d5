/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the ladder says, done. */
#pragma once

#include "ladder.h"

struct oob;

/* Routes and rules for the uplink and the hub in use. */
void steps_paths(struct oob *oob);

/* All hubs are asked whether they are there. */
void steps_ask(struct oob *oob);

/* One step, taken. */
void steps_take(struct oob *oob, enum ladder_step step);

/* Looks at what works, and takes the next step where it must. */
void steps_climb(struct oob *oob);
