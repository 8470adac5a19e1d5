// SPDX-License-Identifier: GPL-2.0-or-later
#include "role.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "call.h"
#include "client.h"
#include "core/api/action.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "local.h"
#include "local_verb.h"
#include "qr.h"
#include "reply.h"
#include "say.h"
#include "show.h"

static const struct fer_verb *verb_find(const struct fer_verb *verbs, const char *name)
{
	for (; verbs && verbs->name; verbs++)
		if (!strcmp(verbs->name, name))
			return verbs;
	return NULL;
}

bool role_has(const char *const *words, size_t count)
{
	const struct fer_verb *verbs = local_verbs(words[0]);

	return verbs && (count < 2 || verb_find(verbs, words[1]));
}

static void list(const char *role)
{
	const struct fer_verb *verb = local_verbs(role);

	for (; verb && verb->name; verb++) {
		mem_auto char *head = mem_printf("%s %s %s", role, verb->name, verb->usage);

		printf("  %-38s %s\n", head, verb->help);
	}
}

bool role_help(const char *only)
{
	const char *role;
	bool any = false;

	for (unsigned i = 0; (role = local_role(i)); i++) {
		if (only && strcmp(only, role))
			continue;
		list(role);
		any = true;
	}
	return any;
}

static int unknown(const char *role, const char *word)
{
	const struct fer_verb *verb = local_verbs(role);
	const char *names[32], *near;
	size_t known = 0;

	for (; verb && verb->name && known < 32; verb++)
		names[known++] = verb->name;
	near = text_nearest(word, names, known);
	return near ? say_usage("no '%s %s'; did you mean '%s'?", role, word, near)
		    : say_usage("no '%s %s'; 'ferrule %s' lists what there is", role, word, role);
}

/* A verb that answers with a list `trouble` is one for monitoring: its exit status says so. */
static bool has_trouble(struct fy_node *state)
{
	struct fy_node *role;
	void *iterator = NULL;

	while ((role = reply_next_value(state, &iterator)))
		if (reply_child(role, "trouble"))
			return true;
	return false;
}

static int print(struct session *session, struct reply *reply)
{
	struct fy_node *state = reply_child(reply_child(reply->root, "state"), "state");
	const char *text = reply_text(reply->root, "text"), *qr = reply_text(reply->root, "qr");
	int code = has_trouble(state) ? EXIT_REFUSED : EXIT_DONE;

	fflush(stdout);
	if (session->json && !client_had_parts(session->client)) {
		answer(session, reply, state ? state : reply->root, show_state);
		return code;
	}
	if (!session->json)
		printf("%s", text);
	if (!session->json && state)
		show_state(state);
	if (!session->json && *qr && isatty(1))
		qr_print(qr);
	reply_clear(reply);
	return code;
}

int role_run(struct session *session, const char *const *words, size_t count)
{
	const struct fer_verb *verbs = local_verbs(words[0]);
	struct text text_auto members = {0};
	struct reply reply;
	int code;

	if (count < 2) {
		list(words[0]);
		return EXIT_DONE;
	}
	if (!verb_find(verbs, words[1]))
		return unknown(words[0], words[1]);
	if (verb_find(verbs, words[1])->kind == FER_VERB_IN_CLIENT)
		return local_verb_run(session, verb_find(verbs, words[1]), words + 2, count - 2);
	request_member(&members, "role", words[0]);
	request_member(&members, "verb", words[1]);
	request_members(&members, "word", words + 2, count - 2);
	request_member(&members, "parts", session->json ? "json" : "text");
	code = call(session, "act", &members, &reply);
	return code ? code : print(session, &reply);
}
