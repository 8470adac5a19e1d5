/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the supervisor does for a client: one function an rpc. */
#pragma once

/* For struct server_handler; arg is the supervisor. The caller frees the reply. */
struct server_ticket;

void requests_take(void *arg, struct server_ticket *ticket, const char *json, const char *user);
char *requests_hello(void *arg);
