// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * struct fer_model is struct lyd_node under another name, and struct fer_config is struct document,
 * so that a plugin needs no libyang.
 */
#include "core/api/model.h"

#include <libyang/libyang.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "document.h"
#include "model.h"
#include "problem.h"

static const struct lyd_node *node_of(const struct fer_model *model)
{
	return (const struct lyd_node *)model;
}

const struct fer_config *model_of(const struct document *document)
{
	return (const struct fer_config *)document;
}

static const struct fer_model *find(const struct lyd_node *siblings, const char *path)
{
	const struct lyd_node *node = NULL;
	size_t length;

	for (; *path; path += length + (path[length] == '/')) {
		length = strcspn(path, "/");
		LY_LIST_FOR (siblings, node)
			if (!strncmp(LYD_NAME(node), path, length) && !LYD_NAME(node)[length])
				break;
		if (!node)
			return NULL;
		siblings = lyd_child(node);
	}
	return (const struct fer_model *)node;
}

const struct fer_model *fer_config_find(const struct fer_config *config, const char *path)
{
	return config ? find(((const struct document *)config)->tree, path) : NULL;
}

const struct fer_model *fer_model_find(const struct fer_model *at, const char *path)
{
	if (!at || !path || !*path)
		return at;
	return find(lyd_child(node_of(at)), path);
}

const struct fer_model *fer_model_next(const struct fer_model *model)
{
	const struct lyd_node *node;

	LY_LIST_FOR (node_of(model)->next, node)
		if (node->schema == node_of(model)->schema)
			return (const struct fer_model *)node;
	return NULL;
}

const char *fer_model_text(const struct fer_model *at, const char *path)
{
	const struct fer_model *found = fer_model_find(at, path);

	return found ? lyd_get_value(node_of(found)) : NULL;
}

uint64_t fer_model_number(const struct fer_model *at, const char *path, uint64_t otherwise)
{
	const char *text = fer_model_text(at, path);

	return text ? strtoull(text, NULL, 10) : otherwise;
}

bool fer_model_flag(const struct fer_model *at, const char *path)
{
	const char *text = fer_model_text(at, path);

	return text && !strcmp(text, "true");
}

void fer_problem(struct fer_problems *problems, const struct fer_model *at, const char *format, ...)
{
	mem_auto char *path = at ? document_path(node_of(at)) : NULL;
	mem_auto char *message = NULL;
	struct problem *problem;
	va_list args;

	if (!problems) /* nobody wants to know */
		return;
	va_start(args, format);
	if (vasprintf(&message, format, args) < 0)
		abort();
	va_end(args);
	problem = problems_add(problems->list, path, "%s", message);
	problem->node = at ? node_of(at) : NULL;
	document_place(problems->document, problem->node, problem);
}
