/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How large and how fast what is sent into a tunnel may be: its MTU and its shaper. */
#pragma once

#include <stdbool.h>

struct echo;
struct fer_state;
struct flow;
struct oob_config;

/* space: the namespace of the interface, or "". */
struct flow *flow_new(const char *space, const char *interface);
void flow_free(struct flow *flow);

/* The interface is a new one, or leads another way: what was learnt is forgotten. */
void flow_reset(struct flow *flow);

/* Whether a hub is at the other end, that can be asked. */
void flow_asks(struct flow *flow, bool asks);

/* The interface gets its MTU, and a queue. In its namespace. */
void flow_tune(const struct flow *flow, const struct oob_config *config);

/*
 * Often. endpoint: of the other end, "" where there are several; echo: to it, NULL where nobody is
 * asked. true: under load, answers are to be asked for often.
 */
bool flow_tick(struct flow *flow, const struct oob_config *config, const char *endpoint,
	       struct echo *echo);
void flow_show(const struct flow *flow, const struct oob_config *config, const char *at,
	       struct fer_state *state);
