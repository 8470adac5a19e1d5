// SPDX-License-Identifier: GPL-2.0-or-later
#include "local.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/config/document.h"
#include "core/config/filters.h"
#include "core/config/governed.h"
#include "core/config/links.h"
#include "core/config/model.h"
#include "core/config/plugins.h"
#include "core/config/problem.h"
#include "core/config/schema.h"
#include "core/config/yaml.h"
#include "core/engine/compile.h"
#include "core/engine/rules.h"
#include "reply.h"

static struct schema *schema;
static struct plugins *plugins;

static const char *from_environment(const char *name, const char *otherwise)
{
	const char *value = getenv(name);

	return value && *value ? value : otherwise;
}

const struct schema *local_schema(void)
{
	mem_auto char *error = NULL;

	if (schema)
		return schema;
	log_start("ferrule", false, 3 /* errors: a plugin that cannot be loaded */);
	schema = schema_new(from_environment("FERRULE_YANG_DIR", FERRULE_YANG_DIR), &error);
	if (!schema) {
		fprintf(stderr, "ferrule: %s\n", error);
		return NULL;
	}
	plugins = plugins_load(from_environment("FERRULE_PLUGIN_DIR", FERRULE_PLUGIN_DIR), schema);
	if (!plugins) /* which was said; filters can be looked at all the same */
		plugins = plugins_load("", schema);
	return schema;
}

void local_free(void)
{
	plugins_free(plugins);
	schema_free(schema);
	plugins = NULL;
	schema = NULL;
}

const struct fer_verb *local_verbs(const char *role)
{
	for (unsigned i = 0; local_schema() && i < plugins->count; i++)
		if (!strcmp(plugins->at[i].plugin->name, role))
			return plugins->at[i].plugin->verbs;
	return NULL;
}

const char *local_role(unsigned index)
{
	for (unsigned i = 0; local_schema() && i < plugins->count; i++)
		if (plugins->at[i].plugin->verbs && !index--)
			return plugins->at[i].plugin->name;
	return NULL;
}

/* Do the filters fit into the engine's tables? */
static void check_tables(const struct rule_set *rules, struct problems *problems)
{
	mem_auto struct image *image = mem_alloc(sizeof(*image));
	mem_auto uint32_t *slot = mem_zalloc(FILTERS_MAX * sizeof(*slot));
	const struct image_slots slots = {slot, slot, slot, slot};
	struct compile_problem problem = {0};

	if (image_compile(rules, &slots, image, &problem))
		problems_add(problems, "filter", "too many %s: the engine has room for %u",
			     problem.what, problem.limit);
}

/* Files that are root's say nothing to others. */
static void check_files(struct document *document, struct problems *problems)
{
	struct problems problems_auto found = {0};
	struct fer_problems list = {document, &found};

	plugins_check_files(plugins, from_environment("FERRULE_STATE_DIR", FERRULE_STATE_DIR),
			    model_of(document), &list);
	for (unsigned i = 0; i < found.count; i++) {
		const struct problem *problem = &found.at[i];

		if (geteuid() && strstr(problem->message, strerror(EACCES)))
			continue;
		problem_place(problems_add(problems, problem->path, "%s", problem->message),
			      problem->file, problem->line, problem->column);
	}
}

static void check_document(struct document *document, bool files, struct problems *problems)
{
	struct fer_problems list = {document, problems};
	struct rule_set *rules;

	if (document_validate(document, problems))
		return;
	rules = filters_load(model_of(document), &list);
	links_validate(model_of(document), &list);
	plugins_validate(plugins, model_of(document), &list);
	governed_validate(model_of(document), plugins, &list);
	if (files && !problems->count)
		check_files(document, problems);
	if (rules && !problems->count)
		check_tables(rules, problems);
	rule_set_free(rules);
}

char *local_verify(const char *yaml, const char *path)
{
	struct problems problems_auto problems = {0};
	struct document *document = yaml_load(schema, yaml, strlen(yaml), NULL, &problems);
	struct text text = {0};

	if (document)
		check_document(document, false, &problems);
	for (unsigned i = 0; i < problems.count; i++) {
		mem_auto char *line = problem_print(&problems.at[i]);

		if (!problems.at[i].path || !strncmp(problems.at[i].path, path, strlen(path)))
			text_add(&text, "%s\n", line);
	}
	document_free(document);
	return text.data ? text.data : mem_strdup("");
}

/* {"file": ..., "valid": ..., "problem": [...]}, as a refusal of the supervisor has them. */
static void print_json(const char *file, const struct problems *problems)
{
	struct text text_auto json = {0};

	request_member(&json, "file", file);
	text_add(&json, ",\"valid\":%s,\"problem\":[", problems->count ? "false" : "true");
	for (unsigned i = 0; i < problems->count; i++) {
		const struct problem *problem = &problems->at[i];
		struct text text_auto one = {0};

		if (problem->file)
			request_member(&one, "file", problem->file);
		if (problem->line)
			text_add(&one, "%s\"line\":%u,\"column\":%u", one.length ? "," : "",
				 problem->line, problem->column);
		if (problem->path)
			request_member(&one, "path", problem->path);
		request_member(&one, "message", problem->message);
		text_add(&json, "%s{%s}", i ? "," : "", one.data);
	}
	printf("{%s]}\n", json.data);
}

static void print_lines(const char *file, const struct problems *problems)
{
	for (unsigned i = 0; i < problems->count; i++) {
		mem_auto char *line = problem_print(&problems->at[i]);

		fprintf(stderr, "%s\n", line);
	}
	if (problems->count)
		return;
	printf("%s: valid%s\n", file,
	       geteuid() ? " (files that only root may read were not looked at)" : "");
}

int local_check(const char *file, bool json)
{
	struct problems problems_auto problems = {0};
	struct document *document;

	if (!local_schema())
		return 1;
	document = yaml_load_file(schema, strcmp(file, "-") ? file : "/dev/stdin", &problems);
	if (document)
		check_document(document, true, &problems);
	(json ? print_json : print_lines)(file, &problems);
	document_free(document);
	return problems.count ? 1 : 0;
}
