/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A role's verb, from the request to its reply. */
#pragma once

struct problems;
struct request;
struct server_ticket;
struct supervisor;

/* done: once, now or later; the reply is in the request then. ticket: of its parts. */
void act_run(struct supervisor *supervisor, struct request *request, struct server_ticket *ticket,
	     void (*done)(void *arg, int err, const struct problems *problems), void *arg);
