// SPDX-License-Identifier: GPL-2.0-or-later
#include "complete.h"

#include <libyang/libyang.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "commands.h"
#include "core/api/action.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/config/path.h"
#include "core/config/problem.h"
#include "core/config/schema.h"
#include "local.h"
#include "reply.h"

struct completion {
	struct session *session;
	const char *begun;
	complete_fn *each;
	void *arg;
};

static void offer(const struct completion *c, const char *word, const char *help)
{
	if (!strncmp(word, c->begun, strlen(c->begun)))
		c->each(word, help, c->arg);
}

static void offer_value(const char *value, void *arg)
{
	offer(arg, value, "");
}

/* The first sentence of a description, on one line. */
static char *first_line(const char *text)
{
	struct text line = {0};

	for (; text && *text && *text != ';' && !(*text == '.' && (!text[1] || text[1] <= ' '));
	     text++) {
		if (*text > ' ')
			text_add_octets(&line, text, 1);
		else if (line.length && line.data[line.length - 1] != ' ')
			text_add_octets(&line, " ", 1);
	}
	return text_take(&line);
}

static void offer_children(const struct completion *c, const struct schema *schema,
			   const struct lysc_node *parent)
{
	const struct lysc_node *child = NULL;

	while ((child = schema_next(schema, parent, child))) {
		mem_auto char *help = first_line(child->dsc);

		if (!lysc_is_key(child))
			offer(c, child->name, help);
	}
}

/* Keys that the candidate has; without a supervisor there are none to offer. */
static void offer_keys(const struct completion *c, const char *const *words, size_t count,
		       const char *key)
{
	struct text text_auto members = {0};
	struct client *client = session_client(c->session);
	mem_auto char *json = NULL, *answer = NULL;
	struct reply reply, list;
	struct fy_node *entry;
	void *iterator = NULL;

	request_member(&members, "source", "candidate");
	request_member(&members, "format", "json");
	request_members(&members, "path", words, count);
	json = mem_printf("{\"ferrule-control:get-config\":{%s}}", members.data);
	answer = client ? client_call(client, json) : NULL;
	if (!answer || reply_parse(&reply, answer))
		return;
	if (!reply.is_error) {
		/* the text is a list: give it the name that reply_parse() looks under */
		mem_auto char *text = mem_printf("{\"list\":%s}", reply_text(reply.root, "text"));

		if (!reply_parse(&list, text)) {
			while ((entry = reply_next(list.root, &iterator)))
				offer(c, reply_text(entry, key), "");
			reply_clear(&list);
		}
	}
	reply_clear(&reply);
}

static void complete_config(const struct completion *c, const char *const *words, size_t count)
{
	const struct schema *schema = local_schema();
	struct problems problems_auto ignored = {0};
	struct path path;

	if (!schema || path_resolve(schema, words, count, &path, &ignored))
		return;
	if (path.list) {
		offer_keys(c, words, count, schema_key(path.list)->name);
	} else if (path.schema && path.schema->nodetype & (LYS_LEAF | LYS_LEAFLIST)) {
		struct text text_auto allowed = {0};

		schema_values(path.schema, offer_value, (void *)c);
		schema_describe(path.schema, NULL, &allowed);
		if (!*c->begun)
			c->each("", allowed.data, c->arg);
	} else {
		offer_children(c, schema, path.schema);
	}
}

static void complete_state(const struct completion *c, size_t count)
{
	static const char *const parts[] = {
		"system",  "commit", "wire", "host-link",  "port",     "filter",  "erspan",
		"capture", "loan",   "flow", "flow-table", "governor", "service", "plugin"};
	const char *role;

	for (size_t i = 0; !count && i < sizeof(parts) / sizeof(*parts); i++)
		offer(c, parts[i], "");
	for (unsigned i = 0; !count && (role = local_role(i)); i++)
		offer(c, role, "");
}

static void complete_capture(const struct completion *c, size_t count)
{
	static const char *const list[] = {"capture"}, *const filter[] = {"filter"};

	if (count)
		return;
	offer_keys(c, list, 1, "name");
	offer_keys(c, filter, 1, "name");
	offer(c, "--match", "PATH=VALUE, without a commit");
}

static void complete_clear(const struct completion *c, size_t count)
{
	static const char *const filter[] = {"filter"};

	if (!count)
		offer(c, "filter", "counters of filters");
	if (count == 1)
		offer_keys(c, filter, 1, "name");
}

static void complete_command(const struct completion *c)
{
	const char *role;

	for (const struct command *command = commands; command->name; command++)
		offer(c, command->name, command->help);
	/* in the shell they come as places to go to */
	for (unsigned i = 0; !c->session->client && (role = local_role(i)); i++)
		offer(c, role, "what this role does when it is told to");
}

static void complete_verb(const struct completion *c, const char *role)
{
	const struct fer_verb *verb = local_verbs(role);

	for (; verb && verb->name; verb++)
		offer(c, verb->name, verb->help);
}

void complete(struct session *session, const char *const *words, size_t count, const char *begun,
	      complete_fn *each, void *arg)
{
	const struct completion c = {session, begun, each, arg};
	const struct command *command = count ? command_find(words[0]) : NULL;
	mem_auto const char **path = mem_zalloc((session->depth + count + 1) * sizeof(*path));
	size_t skip = command ? 1 : 0;

	for (size_t i = 0; i < session->depth; i++)
		path[i] = session->context[i];
	for (size_t i = skip; i < count; i++)
		path[session->depth + i - skip] = words[i];
	if (!count)
		complete_command(&c);
	if (count == 1 && !command && !session->depth)
		complete_verb(&c, words[0]);
	if (command && command->argument == ARGUMENT_STATE)
		complete_state(&c, count - 1);
	else if (command && command->argument == ARGUMENT_CAPTURE)
		complete_capture(&c, count - 1);
	else if (command && command->argument == ARGUMENT_CLEAR)
		complete_clear(&c, count - 1);
	else if (!command || command->argument == ARGUMENT_CONFIG)
		/* in the shell a line may begin with a place to go to */
		complete_config(&c, path, session->depth + count - skip);
}
