/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A role's verb, from the request to its reply. */
#pragma once

struct problems;
struct request;
struct supervisor;

/* done: once, now or later; the reply is in the request then. */
void act_run(struct supervisor *supervisor, struct request *request,
	     void (*done)(void *arg, int err, const struct problems *problems), void *arg);
