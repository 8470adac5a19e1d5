/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the supervisor does for a client: one function an rpc. */
#pragma once

/* For struct server_handler; arg is the supervisor. The caller frees the reply. */
char *requests_answer(void *arg, const char *json, const char *user);
char *requests_hello(void *arg);
