/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control socket. A client that is slow, huge or garbled is dropped, and nobody else notices.
 */
#pragma once

struct server;

enum {
	SERVER_CLIENTS_MAX = 32,
	SERVER_REQUEST_SECONDS = 10, /* from the first octet of a request to its last */
	SERVER_REPLY_SECONDS = 20,   /* a client that does not read */
	SERVER_OUTPUT_MAX = 1 << 20, /* octets of replies that wait before requests do */
};

struct server_handler {
	/* The reply to one request; the caller frees it. */
	char *(*answer)(void *arg, const char *json, const char *user);
	char *(*hello)(void *arg);
	void *arg;
};

/* Listens at RUN_DIR/control: mode 0660, group `ferrule` where there is one. */
int server_start(struct server **server, const char *run_dir, const struct server_handler *handler);
void server_stop(struct server *server);
