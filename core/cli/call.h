/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A request to the supervisor and what is done with its reply: shared by the commands. */
#pragma once

#include "commands.h"

struct fy_node;
struct reply;
struct text;

/* One rpc; members is the inside of its input's object. An exit code; *reply is set on 0. */
int call(struct session *session, const char *rpc, const struct text *members, struct reply *reply);
int call_with_progress(struct session *session, const char *rpc, const struct text *members,
		       struct reply *reply);

/* Prints a node of the reply, as JSON or as `show` does, and lets go of it. */
int answer(struct session *session, struct reply *reply, struct fy_node *node,
	   void (*show)(struct fy_node *node));
