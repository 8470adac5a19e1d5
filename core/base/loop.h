/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The loop itself; core/api/event.h is how all others see it. */
#pragma once

struct event_base;

int loop_start(void);
void loop_run(void);
void loop_break(void);
void loop_stop(void);
struct event_base *loop_base(void);
