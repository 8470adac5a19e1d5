// SPDX-License-Identifier: GPL-2.0-or-later
#include "reply.h"

#include <errno.h>
#include <libfyaml.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"

/* "ferrule-control:state" and "state" are one key to a client. */
static bool key_is(struct fy_node *key, const char *name)
{
	size_t length = 0;
	const char *text = fy_node_get_scalar(key, &length);
	size_t n = strlen(name);

	return length >= n && !strncmp(text + length - n, name, n) &&
	       (length == n || text[length - n - 1] == ':');
}

struct fy_node *reply_child(struct fy_node *node, const char *name)
{
	struct fy_node_pair *pair;
	void *iterator = NULL;

	if (!node || !fy_node_is_mapping(node))
		return NULL;
	while ((pair = fy_node_mapping_iterate(node, &iterator)))
		if (key_is(fy_node_pair_key(pair), name))
			return fy_node_pair_value(pair);
	return NULL;
}

struct fy_node *reply_next_value(struct fy_node *object, void **iterator)
{
	struct fy_node_pair *pair = object && fy_node_is_mapping(object)
					    ? fy_node_mapping_iterate(object, iterator)
					    : NULL;

	return pair ? fy_node_pair_value(pair) : NULL;
}

const char *reply_scalar(struct fy_node *node)
{
	/* the document keeps it: any number of them may be used in one call, in whatever order the
	 * compiler evaluates them */
	const char *text = node && fy_node_is_scalar(node) ? fy_node_get_scalar0(node) : "";

	return text ? text : "";
}

const char *reply_text(struct fy_node *node, const char *key)
{
	return reply_scalar(reply_child(node, key));
}

struct fy_node *reply_next(struct fy_node *list, void **iterator)
{
	return list && fy_node_is_sequence(list) ? fy_node_sequence_iterate(list, iterator) : NULL;
}

int reply_parse(struct reply *reply, const char *json)
{
	struct fy_parse_cfg config = {.flags = FYPCF_QUIET | FYPCF_JSON_FORCE};
	struct fy_node_pair *pair;
	struct fy_node *root;
	void *iterator = NULL;

	*reply = (struct reply){.json = mem_strdup(json)};
	reply->document = fy_document_build_from_string(&config, reply->json, strlen(json));
	root = reply->document ? fy_document_root(reply->document) : NULL;
	pair = root && fy_node_is_mapping(root) ? fy_node_mapping_iterate(root, &iterator) : NULL;
	if (!pair) {
		reply_clear(reply);
		return -EINVAL;
	}
	reply->root = fy_node_pair_value(pair);
	reply->is_error = key_is(fy_node_pair_key(pair), "error");
	return 0;
}

void reply_clear(struct reply *reply)
{
	fy_document_destroy(reply->document);
	free(reply->json);
	*reply = (struct reply){0};
}

static void explain_one(struct fy_node *problem)
{
	const char *file = reply_text(problem, "file"), *line = reply_text(problem, "line");
	const char *path = reply_text(problem, "path");

	if (*file && *line)
		fprintf(stderr, "%s:%s:%s: ", file, line, reply_text(problem, "column"));
	else if (*file)
		fprintf(stderr, "%s: ", file);
	else
		fprintf(stderr, "ferrule: ");
	if (*path)
		fprintf(stderr, "%s: ", path);
	fprintf(stderr, "%s\n", reply_text(problem, "message"));
}

void reply_explain(const struct reply *reply)
{
	struct fy_node *problems = reply_child(reply->root, "problem"), *problem;
	void *iterator = NULL;

	if (!problems) {
		fprintf(stderr, "ferrule: %s\n", reply_text(reply->root, "message"));
		return;
	}
	while ((problem = reply_next(problems, &iterator)))
		explain_one(problem);
}

char *reply_json(struct fy_node *node)
{
	char *text =
		fy_emit_node_to_string(node, FYECF_MODE_JSON | FYECF_WIDTH_INF | FYECF_INDENT_2);
	char *copy = mem_strdup(text ? text : "");

	free(text);
	return copy;
}

/* ---- requests ---- */

static void quoted(struct text *json, const char *value)
{
	text_add_octets(json, "\"", 1);
	for (; *value; value++) {
		unsigned char c = *value;

		if (c == '"' || c == '\\')
			text_add(json, "\\%c", c);
		else if (c < 32)
			text_add(json, "\\u%04x", c);
		else
			text_add_octets(json, value, 1);
	}
	text_add_octets(json, "\"", 1);
}

static void member_begin(struct text *json, const char *name)
{
	if (json->length && json->data[json->length - 1] != '{')
		text_add(json, ",");
	quoted(json, name);
	text_add(json, ":");
}

void request_member(struct text *json, const char *name, const char *value)
{
	member_begin(json, name);
	quoted(json, value);
}

void request_members(struct text *json, const char *name, const char *const *values, size_t count)
{
	if (!count)
		return;
	member_begin(json, name);
	for (size_t i = 0; i < count; i++) {
		text_add(json, i ? "," : "[");
		quoted(json, values[i]);
	}
	text_add(json, "]");
}
