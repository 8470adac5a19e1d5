/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control socket. A client that is slow, huge or garbled is dropped, and nobody else notices.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct server;
struct server_ticket; /* a request that waits for its reply */

enum {
	SERVER_CLIENTS_MAX = 32,
	SERVER_VIEWERS_MAX = 16,     /* of them, who only look */
	SERVER_CLIENTS_ROOT = 8,     /* beyond these, for root alone */
	SERVER_REQUEST_SECONDS = 10, /* from the first octet of a request to its last */
	SERVER_REPLY_SECONDS = 20,   /* a client that does not read */
	SERVER_PARTS_SECONDS = 3600, /* one that reads a long answer in a pager */
	SERVER_OUTPUT_MAX = 1 << 20, /* octets of replies that wait before requests do */
	SERVER_PARTS_MAX = 1 << 18,  /* octets of parts that wait before more are made */
};

struct server_handler {
	/* A request: server_reply() is to be called once, now or later. */
	void (*request)(void *arg, struct server_ticket *ticket, const char *json,
			const char *user);
	char *(*hello)(void *arg);
	void *arg;
};

/*
 * A part of an answer, at once. 0; -EAGAIN: it is on its way, and no more is wanted before `room`
 * was called; -EPIPE: nobody is there any more. A client that leaves is a reason to call `room`,
 * too.
 */
int server_part(struct server_ticket *ticket, const char *data, size_t length);
void server_on_room(struct server_ticket *ticket, void (*room)(void *arg), void *arg);

/* Sends the reply, if the client is still there. The ticket is gone afterwards. */
void server_reply(struct server_ticket *ticket, const char *json);

/* It came from somebody who may look, and change nothing. */
bool server_is_viewer(const struct server_ticket *ticket);

/* Listens at RUN_DIR/control, group `ferrule`, and for those who may only look at RUN_DIR/view,
 * group `ferrule-view`: mode 0660, and root's where there is no such group. */
int server_start(struct server **server, const char *run_dir, const struct server_handler *handler);
void server_stop(struct server *server);
