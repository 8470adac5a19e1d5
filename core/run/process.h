/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The supervised process itself; core/api/service.h is what others see of it. */
#pragma once

#include "core/api/service.h"
#include "machine.h"
#include "policy.h"
#include "turn.h"

struct fer_event;
struct output;
struct ready_watch;
struct ring;

struct fer_process {
	struct fer_process_spec *spec;
	uint64_t version; /* of what runs */
	char *note;	  /* path */
	char *fifo;	  /* path of its output */
	char cgroup[192]; /* "" for none */
	struct ring *ring;

	enum fer_process_state state;
	enum fer_exit verdict; /* on the last exit */
	struct policy policy;
	struct turn turn;
	bool again; /* start anew once it is stopped */

	pid_t pid; /* 0: none */
	int pidfd;
	bool adopted;	 /* not our child: its exit has no status */
	bool outgrown;	 /* the kernel ended it: more memory than its bound */
	bool condemned;	 /* we killed it, and `reason` says why */
	uint64_t served; /* ms, since when it serves; 0: it does not */
	uint64_t retry;	 /* ms, when it is tried again; 0: not waiting */
	unsigned restarts;
	char reason[160];

	bool asked; /* a probe has no answer yet */
	unsigned misses;

	struct output *output;
	struct ready_watch *watch;
	struct fer_event *exit_event;
	struct fer_event *timer; /* the wait, the deadline of a start, the one of a stop */
	struct fer_event *probe_timer;
};
