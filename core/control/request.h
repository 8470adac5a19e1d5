/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One request and its reply: the input and output of an rpc of ferrule-control.yang.
 */
#pragma once

#include <stddef.h>

struct lyd_node;
struct problems;
struct schema;

enum {
	REQUEST_ITEMS_MAX = 8192, /* values */
	REQUEST_DEPTH_MAX = 32,
};

struct request {
	const struct schema *schema;
	struct lyd_node *op; /* the rpc, with its input; the output is added to `reply` */
	struct lyd_node *reply;
	const char *user; /* who asks */
};

/* 0, or -EINVAL with a problem that says what is wrong with the JSON. */
int request_parse(struct request *request, const struct schema *schema, const char *json,
		  struct problems *problems);
void request_clear(struct request *request);
const char *request_name(const struct request *request);

/* A leaf of the input (with its default), or NULL. */
const char *request_text(const struct request *request, const char *name);

/* A leaf-list of the input: new array of borrowed texts, ended by NULL. */
const char **request_words(const struct request *request, const char *name, size_t *count);

/* A leaf of the output. path: "number", "entry[number='1']/user". */
void request_answer(struct request *request, const char *path, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* One more value of a leaf-list of the output. */
void request_answer_more(struct request *request, const char *name, const char *value);

/* The reply as JSON; the caller frees it. */
char *request_print(const struct request *request);
char *request_print_error(const struct schema *schema, const struct problems *problems);
char *request_print_hello(const struct schema *schema, const char *name);
