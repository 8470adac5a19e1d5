/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What users of the tunnel feel, for `ferrule health`. */
#pragma once

struct fer_state;
struct oob;

void trouble_show(const struct oob *oob, struct fer_state *state);
