// SPDX-License-Identifier: GPL-2.0-or-later
#include "ask.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/api/event.h"

enum {
	DEADLINE = 10000,
	OCTETS_MAX = 4 << 20,
	CHUNK = 16384,
	CHUNKS = 8, /* before somebody else has his turn */
};

enum stage { WAITING, GREETING, RESTRICTING, ASKED };

struct bird_query {
	struct bird_asker *asker;
	struct bird_query *next;
	struct bird_question question;
	char *command;
	enum stage stage;
	int fd;
	struct fer_event *reader, *timer;
	struct bird_parser parser;
	size_t octets;
	int err;
	bool over; /* the last line of the answer has come */
	bool held;
	char message[256];
};

struct bird_asker {
	char socket[108];
	struct bird_query *first; /* in the order that they came */
	unsigned running, at_once;
};

struct bird_asker *bird_asker_new(const char *socket, unsigned at_once)
{
	struct bird_asker *asker = calloc(1, sizeof(*asker));

	if (!asker)
		abort();
	asker->at_once = at_once;
	snprintf(asker->socket, sizeof(asker->socket), "%s", socket);
	return asker;
}

static void query_unlink(struct bird_query *q)
{
	struct bird_query **at = &q->asker->first;

	while (*at && *at != q)
		at = &(*at)->next;
	if (*at)
		*at = q->next;
}

static void query_free(struct bird_query *q)
{
	query_unlink(q);
	if (q->stage != WAITING)
		q->asker->running--;
	fer_event_free(q->reader);
	fer_event_free(q->timer);
	if (q->fd >= 0)
		close(q->fd);
	free(q->command);
	free(q);
}

void bird_asker_free(struct bird_asker *asker)
{
	while (asker && asker->first)
		query_free(asker->first);
	free(asker);
}

static void next_begin(struct bird_asker *asker);

static void finish(struct bird_query *q, int err)
{
	struct bird_question question = q->question;
	struct bird_asker *asker = q->asker;
	char message[sizeof(q->message)];

	memcpy(message, q->message, sizeof(message));
	if (!*message && err)
		snprintf(message, sizeof(message), "%s", strerror(-err));
	query_free(q);
	next_begin(asker);
	question.done(question.arg, err, message);
}

void bird_query_cancel(struct bird_query *q)
{
	struct bird_asker *asker = q ? q->asker : NULL;

	if (!q)
		return;
	query_free(q);
	next_begin(asker);
}

/* A line fits into the buffer of a socket that was just connected. */
static void say(struct bird_query *q, const char *text)
{
	char line[BIRD_COMMAND_MAX + 2];
	size_t length = snprintf(line, sizeof(line), "%s\n", text);

	if (length >= sizeof(line))
		q->err = -E2BIG;
	else if (send(q->fd, line, length, MSG_NOSIGNAL) != (ssize_t)length)
		q->err = -EPIPE;
}

static bool failed(struct bird_query *q, const struct bird_line *line)
{
	if (line->code < BIRD_RUNTIME_ERROR)
		return false;
	snprintf(q->message, sizeof(q->message), "%s", line->text);
	q->err = -EREMOTEIO;
	return true;
}

static bool took_line(void *arg, const struct bird_line *line)
{
	struct bird_query *q = arg;

	if (failed(q, line))
		return false;
	if (q->stage == ASKED) {
		q->over = line->last;
		if (q->question.line && !q->question.line(q->question.arg, line))
			q->err = -ECANCELED;
		return !q->err && !q->over;
	}
	if (!line->last)
		return true;
	if (q->stage == GREETING && !q->question.may_change) {
		q->stage = RESTRICTING;
		say(q, "restrict");
	} else {
		q->stage = ASKED;
		say(q, q->command);
	}
	return !q->err;
}

/* 1: there may be more; 0: not now; negative: over */
static int took_some(struct bird_query *q)
{
	char data[CHUNK];
	ssize_t got = recv(q->fd, data, sizeof(data), MSG_DONTWAIT);
	size_t most = q->question.octets_max ? q->question.octets_max : OCTETS_MAX;

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (got <= 0) {
		q->err = got ? -errno : -ECONNRESET;
		return -1;
	}
	q->octets += got;
	if (!bird_parse(&q->parser, data, got, took_line, q)) {
		if (!q->err && !q->over)
			q->err = -EPROTO;
		return -1;
	}
	if (q->octets > most)
		q->err = -EMSGSIZE;
	return q->err ? -1 : 1;
}

static void readable(void *arg)
{
	struct bird_query *q = arg;
	int more = 1;

	for (unsigned i = 0; i < CHUNKS && more > 0 && !q->held; i++)
		more = took_some(q);
	if (more < 0)
		finish(q, q->err);
}

void bird_query_hold(struct bird_query *q, bool hold)
{
	if (!q || q->stage != ASKED || q->held == hold)
		return;
	q->held = hold;
	fer_event_free(q->reader);
	q->reader = hold ? NULL : fer_reader_new(q->fd, readable, q);
}

static void late(void *arg)
{
	struct bird_query *q = arg;

	finish(q, q->err ? q->err : -ETIMEDOUT);
}

static int reach(struct bird_query *q)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};

	snprintf(to.sun_path, sizeof(to.sun_path), "%s", q->asker->socket);
	q->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (q->fd < 0 || connect(q->fd, (struct sockaddr *)&to, sizeof(to)))
		return -errno;
	return 0;
}

static void begin(struct bird_query *q)
{
	q->stage = GREETING;
	q->asker->running++;
	q->err = reach(q);
	if (q->err) {
		/* said by the loop: nobody expects to be called back while he still asks */
		fer_timer_start(q->timer, 0);
		return;
	}
	q->reader = fer_reader_new(q->fd, readable, q);
	fer_timer_start(q->timer, q->question.deadline ? q->question.deadline : DEADLINE);
}

static void next_begin(struct bird_asker *asker)
{
	for (struct bird_query *q = asker->first; q && asker->running < asker->at_once; q = q->next)
		if (q->stage == WAITING)
			begin(q);
}

struct bird_query *bird_ask(struct bird_asker *asker, const struct bird_question *question)
{
	struct bird_query *q = calloc(1, sizeof(*q)), **at = &asker->first;

	if (!q)
		abort();
	q->asker = asker;
	q->question = *question;
	q->command = strdup(question->command);
	q->fd = -1;
	q->timer = fer_timer_new(late, q);
	while (*at)
		at = &(*at)->next;
	*at = q;
	next_begin(asker);
	return q;
}
