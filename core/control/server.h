/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control socket. A client that is slow, huge or garbled is dropped, and nobody else notices.
 */
#pragma once

struct server;
struct server_ticket; /* a request that waits for its reply */

enum {
	SERVER_CLIENTS_MAX = 32,
	SERVER_REQUEST_SECONDS = 10, /* from the first octet of a request to its last */
	SERVER_REPLY_SECONDS = 20,   /* a client that does not read */
	SERVER_OUTPUT_MAX = 1 << 20, /* octets of replies that wait before requests do */
};

struct server_handler {
	/* A request: server_reply() is to be called once, now or later. */
	void (*request)(void *arg, struct server_ticket *ticket, const char *json,
			const char *user);
	char *(*hello)(void *arg);
	void *arg;
};

/* Sends the reply, if the client is still there. The ticket is gone afterwards. */
void server_reply(struct server_ticket *ticket, const char *json);

/* Listens at RUN_DIR/control: mode 0660, group `ferrule` where there is one. */
int server_start(struct server **server, const char *run_dir, const struct server_handler *handler);
void server_stop(struct server *server);
