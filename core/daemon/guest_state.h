/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is to be seen of loans and flows. */
#pragma once

struct fer_config;
struct fer_state;
struct wire;

void loan_state_add(struct fer_state *state, const struct wire *wire,
		    const struct fer_config *config);
void flow_state_add(struct fer_state *state, const struct wire *wire);
void flow_table_state_add(struct fer_state *state, const struct wire *wire);
