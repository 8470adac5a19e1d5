// SPDX-License-Identifier: GPL-2.0-or-later
#include "machine.h"

#define STOPPED	 FER_PROCESS_STOPPED
#define STARTING FER_PROCESS_STARTING
#define READY	 FER_PROCESS_READY
#define STOPPING FER_PROCESS_STOPPING
#define BACKOFF	 FER_PROCESS_BACKOFF
#define FAILED	 FER_PROCESS_FAILED

/* clang-format off */
static const enum fer_process_state next[MACHINE_STATES][MACHINE_EVENTS] = {
	/*	      START	READY	  EXIT	    FAIL      DONE	TIMER	  STOP */
	[STOPPED]  = {STARTING, STOPPED,  STOPPED,  STOPPED,  STOPPED,	STOPPED,  STOPPED},
	[STARTING] = {STARTING, READY,	  BACKOFF,  FAILED,   STOPPED,	STARTING, STOPPING},
	[READY]	   = {READY,	READY,	  BACKOFF,  FAILED,   STOPPED,	READY,	  STOPPING},
	[STOPPING] = {STOPPING, STOPPING, STOPPED,  STOPPED,  STOPPED,	STOPPING, STOPPING},
	[BACKOFF]  = {STARTING, BACKOFF,  BACKOFF,  BACKOFF,  BACKOFF,	STARTING, STOPPED},
	[FAILED]   = {STARTING, FAILED,	  FAILED,   FAILED,   FAILED,	STARTING, STOPPED},
};
/* clang-format on */

enum fer_process_state machine_next(enum fer_process_state state, enum machine_event event)
{
	return next[state][event];
}

const char *machine_state_name(enum fer_process_state state)
{
	static const char *const name[] = {"stopped",  "starting", "ready",
					   "stopping", "backoff",  "failed"};

	return name[state];
}
