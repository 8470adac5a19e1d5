// SPDX-License-Identifier: GPL-2.0-or-later
#include "request.h"

#include <errno.h>
#include <libyang/libyang.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/bounds.h"
#include "core/base/mem.h"
#include "core/config/problem.h"
#include "core/config/schema.h"
#include "frame.h"

int request_parse(struct request *request, const struct schema *schema, const char *json,
		  struct problems *problems)
{
	static const struct bounds bounds = {REQUEST_ITEMS_MAX, REQUEST_DEPTH_MAX};
	struct lyd_node *tree = NULL, *op = NULL;
	struct bounds_excess excess;
	struct ly_in *in = NULL;
	LY_ERR err;

	*request = (struct request){.schema = schema};
	if (!bounds_hold(&bounds, json, strlen(json), &excess)) {
		problems_add(problems, NULL, "the request has more than %u %s", excess.allowed,
			     excess.what);
		return -E2BIG;
	}
	ly_err_clean(schema->ctx, NULL);
	if (ly_in_new_memory(json, &in))
		return -ENOMEM;
	err = lyd_parse_op(schema->ctx, NULL, in, LYD_JSON, LYD_TYPE_RPC_YANG, &tree, &op);
	ly_in_free(in, 0);
	if (!err && op)
		err = lyd_validate_op(tree, NULL, LYD_TYPE_RPC_YANG, NULL);
	if (err || !op || op->schema->module != schema->control) {
		const char *message = ly_errmsg(schema->ctx);

		problems_add(problems, NULL, "the request is not understood: %s",
			     message ? message : "no such rpc");
		lyd_free_all(tree);
		return -EINVAL;
	}
	request->op = op;
	lyd_dup_single(op, NULL, LYD_DUP_NO_META, &request->reply);
	return 0;
}

void request_clear(struct request *request)
{
	lyd_free_all(request->op);
	lyd_free_all(request->reply);
	*request = (struct request){0};
}

const char *request_name(const struct request *request)
{
	return LYD_NAME(request->op);
}

const char *request_text(const struct request *request, const char *name)
{
	const struct lyd_node *node;

	LY_LIST_FOR (lyd_child(request->op), node)
		if (!strcmp(LYD_NAME(node), name))
			return lyd_get_value(node);
	return NULL;
}

const char **request_words(const struct request *request, const char *name, size_t *count)
{
	const struct lyd_node *node;
	const char **words = NULL;

	*count = 0;
	LY_LIST_FOR (lyd_child(request->op), node) {
		if (strcmp(LYD_NAME(node), name))
			continue;
		words = mem_grow(words, *count, sizeof(*words));
		words[(*count)++] = lyd_get_value(node);
	}
	words = mem_grow(words, *count, sizeof(*words));
	words[*count] = NULL;
	return words;
}

void request_answer(struct request *request, const char *path, const char *format, ...)
{
	mem_auto char *value = NULL;
	va_list args;

	va_start(args, format);
	value = mem_vprintf(format, args);
	va_end(args);
	lyd_new_path(request->reply, NULL, path, value, LYD_NEW_PATH_OUTPUT | LYD_NEW_PATH_UPDATE,
		     NULL);
}

void request_answer_more(struct request *request, const char *name, const char *value)
{
	lyd_new_term(request->reply, NULL, name, value, 1, NULL);
}

static char *print(const struct lyd_node *node)
{
	char *text = NULL, *copy;

	if (lyd_print_mem(&text, node, LYD_JSON, LYD_PRINT_SHRINK | LYD_PRINT_KEEPEMPTYCONT))
		return mem_strdup("{}");
	copy = mem_strdup(text ? text : "{}");
	free(text);
	return copy;
}

char *request_print(const struct request *request)
{
	if (!lyd_child(request->reply))
		return mem_printf("{\"ferrule-control:%s\":{}}", request_name(request));
	return print(request->reply);
}

static void add(struct lyd_node **tree, const struct schema *schema, const char *path,
		const char *format, ...) __attribute__((format(printf, 4, 5)));

static void add(struct lyd_node **tree, const struct schema *schema, const char *path,
		const char *format, ...)
{
	mem_auto char *value = NULL;
	struct lyd_node *made = NULL;
	va_list args;

	va_start(args, format);
	value = mem_vprintf(format, args);
	va_end(args);
	lyd_new_path(*tree, schema->ctx, path, value, 0, &made);
	if (!*tree)
		*tree = made;
}

static void add_problem(struct lyd_node **tree, const struct schema *schema,
			const struct problem *problem, unsigned index)
{
	char list[64], path[96];

	snprintf(list, sizeof(list), "/ferrule-control:error/problem[%u]", index + 1);
	snprintf(path, sizeof(path), "%s/message", list);
	add(tree, schema, path, "%s", problem->message);
	if (problem->file) {
		snprintf(path, sizeof(path), "%s/file", list);
		add(tree, schema, path, "%s", problem->file);
	}
	if (problem->line) {
		snprintf(path, sizeof(path), "%s/line", list);
		add(tree, schema, path, "%u", problem->line);
		snprintf(path, sizeof(path), "%s/column", list);
		add(tree, schema, path, "%u", problem->column);
	}
	if (problem->path) {
		snprintf(path, sizeof(path), "%s/path", list);
		add(tree, schema, path, "%s", problem->path);
	}
}

char *request_print_error(const struct schema *schema, const struct problems *problems)
{
	struct lyd_node *tree = NULL;
	char *text;

	add(&tree, schema, "/ferrule-control:error/message", "%s",
	    problems->count ? problems->at[0].message : "failed");
	for (unsigned i = 0; i < problems->count; i++)
		add_problem(&tree, schema, &problems->at[i], i);
	text = print(tree);
	lyd_free_all(tree);
	return text;
}

char *request_print_hello(const struct schema *schema, const char *name)
{
	struct lyd_node *tree = NULL;
	char *text;

	add(&tree, schema, "/ferrule-control:hello/version", "%d", CONTROL_VERSION);
	add(&tree, schema, "/ferrule-control:hello/software", "%s", PACKAGE_VERSION);
	add(&tree, schema, "/ferrule-control:hello/name", "%s", name);
	text = print(tree);
	lyd_free_all(tree);
	return text;
}
