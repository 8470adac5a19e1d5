/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The connection to a supervisor. Blocking: a client has nothing else to do.
 */
#pragma once

#include <stdbool.h>

struct client;

/* NULL after a line on stderr. */
struct client *client_open(const char *run_dir);
void client_close(struct client *client);

/* system/name, as the supervisor said when it greeted. */
const char *client_peer_name(const struct client *client);

/* The last answer came in parts, which were written to stdout as they came. */
bool client_had_parts(const struct client *client);

/* From now on `tick` is called for every second that a reply is waited for; NULL: nobody. */
void client_on_wait(struct client *client, void (*tick)(void *arg), void *arg);

/* The reply to a request, as text; NULL after a line on stderr. The caller frees it. */
char *client_call(struct client *client, const char *json);
