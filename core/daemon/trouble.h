/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

struct fer_state;

/* What of the supervisor's own somebody should look at; roles add theirs. */
void trouble_add(struct fer_state *state);
