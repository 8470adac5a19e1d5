/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The states of a supervised process and what moves it between them: pure.
 *
 *                START             READY
 *    STOPPED -------------> STARTING -----> READY
 *     ^  ^  ^              |  ^   ^ |         |
 *     |  |  |         EXIT |  |   | | FAIL    | EXIT, FAIL
 *     |  |  |              v  |TIMER v        v
 *     |  |  +-- STOP --- BACKOFF  FAILED  (BACKOFF, FAILED)
 *     |  +----- STOP ---------------+
 *     |
 *     +-- EXIT, FAIL, DONE -- STOPPING <--- STOP --- STARTING, READY
 *
 * BACKOFF and FAILED differ in who can help: time, or the user. Both are tried again.
 */
#pragma once

#include "core/api/service.h"

enum machine_event {
	MACHINE_START,
	MACHINE_READY, /* it serves */
	MACHINE_EXIT,  /* it ended, and may do better next time */
	MACHINE_FAIL,  /* it ended, and says that it will again */
	MACHINE_DONE,  /* it ended, as it should */
	MACHINE_TIMER, /* the wait is over */
	MACHINE_STOP,
	MACHINE_EVENTS,
};

enum { MACHINE_STATES = FER_PROCESS_FAILED + 1 };

/* The state after an event. */
enum fer_process_state machine_next(enum fer_process_state state, enum machine_event event);

const char *machine_state_name(enum fer_process_state state);
