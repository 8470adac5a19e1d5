/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The loop itself; core/api/event.h is how all others see it. */
#pragma once

struct event_base;

int loop_start(void);
void loop_run(void);

/* Waits for events and handles them, once: for a start that needs an answer. */
void loop_once(void);
void loop_break(void);
void loop_stop(void);
struct event_base *loop_base(void);

/*
 * What the callback under way is at, for the line in the log if it takes more than LOOP_BUSY_MS:
 * nobody else is served meanwhile. Borrowed until the callback ends; object may be NULL.
 */
enum { LOOP_BUSY_MS = 500 };
void loop_doing(const char *what, const char *object);

/* Around what libevent calls by itself. */
void loop_enter(void);
void loop_leave(void);
