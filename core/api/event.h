/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one loop. Each event belongs to a struct and is freed by that struct's stop; a callback may
 * free its own event. Nothing called from here may block.
 */
#pragma once

#include <stdbool.h>

struct fer_event;

typedef void fer_event_fn(void *arg);

/* A timer, not running yet. Aborts when memory is out. */
struct fer_event *fer_timer_new(fer_event_fn *fn, void *arg);

/* Runs once in `ms` milliseconds; a running timer starts anew. */
void fer_timer_start(struct fer_event *timer, unsigned ms);

/* Calls while fd is readable, until freed. Read until drained, or the rest waits for more. */
struct fer_event *fer_reader_new(int fd, fer_event_fn *fn, void *arg);

/* Calls when the signal arrives. */
struct fer_event *fer_signal_new(int signal, fer_event_fn *fn, void *arg);

void fer_event_stop(struct fer_event *event);

/* Stops and frees; NULL is fine. */
void fer_event_free(struct fer_event *event);
