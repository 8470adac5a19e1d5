// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/api/event.h"
#include "internal.h"

enum { ANSWER_MS = 2000, REPLY_MAX = 256 << 10 /* octets */ };

struct ask {
	struct sockaddr_un peer;
	int fd;
	struct fer_event *reader, *timer;
	asked_fn *done;
	void *arg;
	char *reply;
	size_t length;
};

static void close_all(struct ask *ask)
{
	fer_event_free(ask->reader);
	ask->reader = NULL;
	fer_event_stop(ask->timer);
	if (ask->fd >= 0)
		close(ask->fd);
	ask->fd = -1;
}

static void end(struct ask *ask, bool whole)
{
	asked_fn *done = ask->done;
	char *reply = ask->reply;

	close_all(ask);
	ask->done = NULL;
	ask->reply = NULL;
	ask->length = 0;
	done(ask->arg, whole ? reply : NULL);
	if (reply)
		explicit_bzero(reply, strlen(reply)); /* there were keys in it */
	free(reply);
}

static void gave_up(void *arg)
{
	end(arg, false);
}

static void readable(void *arg)
{
	struct ask *ask = arg;
	char *room;
	ssize_t n;

	for (;;) {
		room = realloc(ask->reply, ask->length + 4097);
		if (!room)
			abort();
		ask->reply = room;
		n = recv(ask->fd, room + ask->length, 4096, MSG_DONTWAIT);
		ask->reply[ask->length + (n > 0 ? n : 0)] = '\0';
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n <= 0 || ask->length + n > REPLY_MAX) {
			end(ask, false);
			return;
		}
		ask->length += n;
		if (ask->length > 1 && !strcmp(ask->reply + ask->length - 2, "\n\n")) {
			end(ask, true);
			return;
		}
	}
}

struct ask *ask_new(const char *path)
{
	struct ask *ask = calloc(1, sizeof(*ask));

	if (!ask)
		abort();
	ask->fd = -1;
	ask->peer.sun_family = AF_UNIX;
	if (strlen(path) >= sizeof(ask->peer.sun_path)) {
		free(ask);
		return NULL;
	}
	memcpy(ask->peer.sun_path, path, strlen(path) + 1);
	ask->timer = fer_timer_new(gave_up, ask);
	return ask;
}

void ask_cancel(struct ask *ask)
{
	close_all(ask);
	ask->done = NULL;
	free(ask->reply);
	ask->reply = NULL;
	ask->length = 0;
}

void ask_free(struct ask *ask)
{
	if (!ask)
		return;
	ask_cancel(ask);
	fer_event_free(ask->timer);
	free(ask);
}

bool ask_busy(const struct ask *ask)
{
	return ask->done;
}

void ask_start(struct ask *ask, const char *request, asked_fn *done, void *arg)
{
	size_t length = strlen(request);

	ask_cancel(ask);
	ask->done = done;
	ask->arg = arg;
	ask->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (ask->fd < 0 || connect(ask->fd, (struct sockaddr *)&ask->peer, sizeof(ask->peer)) ||
	    send(ask->fd, request, length, MSG_NOSIGNAL) != (ssize_t)length) {
		/* not from within its own call */
		fer_timer_start(ask->timer, 20);
		return;
	}
	ask->reader = fer_reader_new(ask->fd, readable, ask);
	fer_timer_start(ask->timer, ANSWER_MS);
}
