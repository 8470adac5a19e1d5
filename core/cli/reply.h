/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * JSON as the client sees it: replies to read, requests to write.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct fy_document;
struct fy_node;
struct text;

struct reply {
	char *json; /* the document points into it */
	struct fy_document *document;
	struct fy_node *root; /* what the outermost name holds */
	bool is_error;
};

/* 0, or -EINVAL. */
int reply_parse(struct reply *reply, const char *json);
void reply_clear(struct reply *reply);

/* Prints the problems of an error to stderr, a line each. */
void reply_explain(const struct reply *reply);

/* The scalar of a key, "" where there is none. Good until the next eight calls. */
const char *reply_text(struct fy_node *node, const char *key);
struct fy_node *reply_child(struct fy_node *node, const char *key);

/* The next element of a list; *iterator begins as NULL. */
struct fy_node *reply_next(struct fy_node *list, void **iterator);

/* The same of the values of an object. */
struct fy_node *reply_next_value(struct fy_node *object, void **iterator);
const char *reply_scalar(struct fy_node *node);

/* A node as JSON, indented; the caller frees it. */
char *reply_json(struct fy_node *node);

/* One more member of a request's object: a text, or a list of texts. */
void request_member(struct text *json, const char *name, const char *value);
void request_members(struct text *json, const char *name, const char *const *values, size_t count);
