/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Routes to a client of ours as they come from BIRD: a scan on one side, parts of an answer on the
 * other. What is kept of a table of any size is 16 KiB, and what the client has not read yet
 * (256 KiB): then BIRD waits.
 */
#pragma once

#include <yajl/yajl_gen.h>

#include "scan.h"

struct fer_action;
struct stream;

struct stream_format {
	void (*route)(struct stream *stream, enum scan_kind kind, const struct bird_route *route);
	/* Behind the last route. */
	void (*end)(struct stream *stream);
};

/* The action is done when the scan is over. Steps are added to its scan, which is then run. */
struct stream *stream_new(struct route_server *rs, struct fer_action *action,
			  const struct stream_format *format);
struct scan *stream_scan(struct stream *stream);
struct route_server *stream_rs(struct stream *stream);

/* JSON, written piece by piece. */
yajl_gen stream_json(struct stream *stream);
void stream_print(struct stream *stream, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Texts of JSON: a string; a name and its value. */
void json_text(yajl_gen json, const char *text);
void json_member(yajl_gen json, const char *name, const char *value);
