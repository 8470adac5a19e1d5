/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The states of a supervised process; core/api/service.h is the rest. */
#pragma once

#include "core/api/service.h"

/*
 *                 START            ALIVE
 *    STOPPED ------------> STARTING -----> READY
 *       ^  ^                  |  ^           |
 *       |  |            EXIT  v  | TIMER     | EXIT
 *       |  +----- STOP --- BACKOFF <---------+
 *       |                                    |
 *       +------ EXIT --- STOPPING <-- STOP --+
 */
enum process_event {
	PROCESS_START,
	PROCESS_ALIVE, /* it lived long enough */
	PROCESS_EXIT,
	PROCESS_TIMER, /* the backoff is over */
	PROCESS_STOP,
	PROCESS_EVENTS,
};

/* The state after an event. */
enum fer_process_state process_next(enum fer_process_state state, enum process_event event);
