// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The command socket of chronyd: one request at a time, answered or given up.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/api/event.h"
#include "internal.h"

#define OWN_NAME "ferruled.sock"

enum { ANSWER_MS = 2000 };

struct question {
	struct question *next;
	asked_fn *fn;
	void *arg;
	size_t length;
	uint8_t packet[CHRONY_PACKET_MAX];
};

struct asker {
	char own[108], peer[108];
	int fd;
	uint32_t sequence;
	struct question *first; /* the one that was sent */
	struct fer_event *reader, *timer;
};

static void send_first(struct asker *asker);

static void answer_first(struct asker *asker, const uint8_t *reply, size_t length)
{
	struct question *question = asker->first;

	fer_event_stop(asker->timer);
	asker->first = question->next;
	question->fn(question->arg, reply, length);
	free(question);
	send_first(asker);
}

static void readable(void *arg)
{
	struct asker *asker = arg;
	uint8_t packet[CHRONY_PACKET_MAX];
	uint32_t sequence;
	unsigned command;
	ssize_t n;

	while ((n = recv(asker->fd, packet, sizeof(packet), MSG_DONTWAIT)) > 0) {
		if (chrony_reply(packet, n, &sequence, &command) == -EPROTO || !asker->first ||
		    sequence != asker->sequence)
			continue; /* late, or not for us */
		answer_first(asker, packet, n);
	}
}

static void given_up(void *arg)
{
	answer_first(arg, NULL, 0);
}

static void send_first(struct asker *asker)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	struct question *question = asker->first;

	if (!question)
		return;
	memcpy(to.sun_path, asker->peer, sizeof(to.sun_path));
	asker->sequence++;
	for (int i = 0; i < 4; i++)
		question->packet[8 + i] = asker->sequence >> (24 - 8 * i);
	/* a socket that is not there is answered by the timer, like one that says nothing: nobody
	 * is called from within his own question */
	if (sendto(asker->fd, question->packet, question->length, MSG_DONTWAIT,
		   (struct sockaddr *)&to, sizeof(to)) < 0)
		fer_timer_start(asker->timer, 20);
	else
		fer_timer_start(asker->timer, ANSWER_MS);
}

/*
 * Bound by a name without a folder: chronyd, which works in that folder but knows it by another
 * path, answers to just that name.
 */
static int socket_open(const char *folder)
{
	struct sockaddr_un own = {.sun_family = AF_UNIX, .sun_path = OWN_NAME};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int back = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int err = fd < 0 || chdir(folder);
	mode_t mask;

	if (!err) {
		unlink(OWN_NAME);
		/* its mode from the start: a name in a folder of chronyd's may be another file */
		mask = umask(0111);
		err = bind(fd, (struct sockaddr *)&own, sizeof(own));
		umask(mask);
	}
	if (back >= 0 && fchdir(back))
		err = -1;
	if (back >= 0)
		close(back);
	if (err && fd >= 0)
		close(fd);
	return err ? -1 : fd;
}

struct asker *asker_new(const char *folder)
{
	struct asker *asker = calloc(1, sizeof(*asker));

	if (!asker)
		abort();
	snprintf(asker->own, sizeof(asker->own), "%s/" OWN_NAME, folder);
	snprintf(asker->peer, sizeof(asker->peer), "%s/chronyd.sock", folder);
	asker->fd = socket_open(folder);
	if (asker->fd < 0) {
		free(asker);
		return NULL;
	}
	asker->reader = fer_reader_new(asker->fd, readable, asker);
	asker->timer = fer_timer_new(given_up, asker);
	return asker;
}

void asker_reset(struct asker *asker)
{
	fer_event_stop(asker->timer);
	while (asker->first) {
		struct question *question = asker->first;

		asker->first = question->next;
		free(question);
	}
}

void asker_free(struct asker *asker)
{
	if (!asker)
		return;
	asker_reset(asker);
	fer_event_free(asker->reader);
	fer_event_free(asker->timer);
	close(asker->fd);
	unlink(asker->own);
	free(asker);
}

void asker_ask(struct asker *asker, const uint8_t *packet, size_t length, asked_fn *fn, void *arg)
{
	struct question *question = calloc(1, sizeof(*question));
	struct question **at = &asker->first;

	if (!question)
		abort();
	question->fn = fn;
	question->arg = arg;
	question->length = length;
	memcpy(question->packet, packet, length);
	while (*at)
		at = &(*at)->next;
	*at = question;
	if (asker->first == question)
		send_first(asker);
}
