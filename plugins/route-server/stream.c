// SPDX-License-Identifier: GPL-2.0-or-later
#include "stream.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/api/action.h"

enum {
	PART = 16384,	/* octets */
	SECONDS = 3600, /* for a table: as fast as the client takes it */
};

struct stream {
	struct route_server *rs;
	struct fer_action *action;
	const struct stream_format *format;
	struct scan *scan;
	yajl_gen json;
	char part[PART];
	size_t length;
	bool gone;
};

static void flush(struct stream *stream)
{
	int err = fer_action_send(stream->action, stream->part, stream->length);

	stream->length = 0;
	if (err == -EPIPE)
		stream->gone = true;
	else if (err)
		scan_hold(stream->scan, true);
}

static void add(void *arg, const char *text, size_t length)
{
	struct stream *stream = arg;

	while (length && !stream->gone) {
		size_t now = PART - stream->length < length ? PART - stream->length : length;

		memcpy(stream->part + stream->length, text, now);
		stream->length += now;
		text += now;
		length -= now;
		if (stream->length == PART)
			flush(stream);
	}
}

static void stream_free(struct stream *stream)
{
	fer_action_on_room(stream->action, NULL, NULL);
	yajl_gen_free(stream->json);
	free(stream);
}

/* The client has read what it was sent, or has left. */
static void room(void *arg)
{
	struct stream *stream = arg;
	struct fer_action *action = stream->action;

	flush(stream);
	if (!stream->gone) {
		scan_hold(stream->scan, false);
		return;
	}
	scan_cancel(stream->scan);
	stream_free(stream);
	fer_action_done(action, -EPIPE);
}

static bool found(void *arg, enum scan_kind kind, const struct bird_route *route)
{
	struct stream *stream = arg;

	stream->format->route(stream, kind, route);
	return !stream->gone;
}

static void done(void *arg, int err, const char *message)
{
	struct stream *stream = arg;
	struct fer_action *action = stream->action;

	if (!err)
		stream->format->end(stream);
	if (err && !stream->gone)
		fer_action_problem(action, "BIRD: %s", message);
	if (!stream->gone)
		flush(stream);
	stream_free(stream);
	fer_action_done(action, err);
}

struct stream *stream_new(struct route_server *rs, struct fer_action *action,
			  const struct stream_format *format)
{
	struct stream *stream = calloc(1, sizeof(*stream));
	const struct scan_events events = {found, done, stream};

	if (!stream)
		abort();
	stream->rs = rs;
	stream->action = action;
	stream->format = format;
	stream->scan = scan_new(rs, SECONDS, &events);
	stream->json = yajl_gen_alloc(NULL);
	if (!stream->json)
		abort();
	yajl_gen_config(stream->json, yajl_gen_print_callback, add, stream);
	fer_action_on_room(action, room, stream);
	return stream;
}

struct scan *stream_scan(struct stream *stream)
{
	return stream->scan;
}

struct route_server *stream_rs(struct stream *stream)
{
	return stream->rs;
}

yajl_gen stream_json(struct stream *stream)
{
	return stream->json;
}

void stream_print(struct stream *stream, const char *format, ...)
{
	char *text;
	va_list args;
	int length;

	va_start(args, format);
	length = vasprintf(&text, format, args);
	va_end(args);
	if (length < 0)
		abort();
	add(stream, text, length);
	free(text);
}

void json_text(yajl_gen json, const char *text)
{
	yajl_gen_string(json, (const unsigned char *)text, strlen(text));
}

void json_member(yajl_gen json, const char *name, const char *value)
{
	json_text(json, name);
	json_text(json, value);
}
