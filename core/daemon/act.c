// SPDX-License-Identifier: GPL-2.0-or-later
#include "act.h"

#include <errno.h>
#include <libyang/libyang.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/config/commit.h"
#include "core/config/edit.h"
#include "core/config/model.h"
#include "core/config/plugins.h"
#include "core/control/action.h"
#include "core/control/request.h"
#include "core/control/server.h"
#include "supervisor.h"

struct act {
	struct fer_action action;
	struct supervisor *supervisor;
	struct request *request;
	struct server_ticket *ticket;
	bool edited;
	void (*done)(void *arg, int err, const struct problems *problems);
	void *arg;
};

static const struct fer_config *running(void *arg)
{
	struct act *act = arg;

	return model_of(commit_running(act->supervisor->commit));
}

static const struct fer_config *candidate(void *arg)
{
	struct act *act = arg;

	return model_of(commit_candidate(act->supervisor->commit));
}

static int edit(void *arg, bool set, const char *const *words, size_t count,
		struct problems *problems)
{
	struct act *act = arg;
	struct document *document = commit_candidate_edit(act->supervisor->commit);

	act->edited = true;
	return set ? edit_set(document, words, count, problems)
		   : edit_delete(document, words, count, problems);
}

static int part(void *arg, const char *data, size_t length)
{
	struct act *act = arg;

	return server_part(act->ticket, data, length);
}

static void on_room(void *arg, void (*room)(void *arg), void *room_arg)
{
	struct act *act = arg;

	server_on_room(act->ticket, room, room_arg);
}

static void done(void *arg, int err);

static void reloaded(void *arg, int err, const struct problems *problems)
{
	struct act *act = arg;

	for (unsigned i = 0; err && i < problems->count; i++)
		problems_add(&act->action.problems, problems->at[i].path, "%s",
			     problems->at[i].message);
	if (err) {
		text_clear(&act->action.text);
		problems_add(&act->action.problems, NULL, "what was read before stays in force");
	}
	done(act, err);
}

static void reload(void *arg)
{
	const char *role = request_text(((struct act *)arg)->request, "role");
	struct act *act = arg;
	int err = 0;

	if (!commit_has_part(act->supervisor->commit, role)) {
		problems_add(&act->action.problems, NULL, "%s is not configured", role);
		done(act, -ENOENT);
		return;
	}
	commit_reload_changes(role, &act->action.text);
	err = commit_reload(act->supervisor->commit, role, reloaded, act);
	if (!err)
		return;
	text_clear(&act->action.text);
	problems_add(&act->action.problems, NULL,
		     "a commit is being checked; try again in a moment");
	done(act, err);
}

static enum fer_parts parts_of(const struct request *request)
{
	const char *text = request_text(request, "parts");

	if (!text)
		return FER_PARTS_NONE;
	return strcmp(text, "json") ? FER_PARTS_TEXT : FER_PARTS_JSON;
}

static void done(void *arg, int err)
{
	struct act *act = arg;
	struct fer_action *action = &act->action;

	server_on_room(act->ticket, NULL, NULL);
	if (act->edited)
		commit_candidate_save(act->supervisor->commit);
	if (!err && action->text.length)
		request_answer(act->request, "text", "%s", action->text.data);
	if (!err && action->qr.length)
		request_answer(act->request, "qr", "%s", action->qr.data);
	if (!err && action->state.root) {
		lyd_new_any(act->request->reply, NULL, "state", action->state.root, 1,
			    LYD_ANYDATA_DATATREE, 1, NULL);
		action->state.root = NULL;
	}
	if (err && !action->problems.count)
		problems_add(&action->problems, NULL, "%s", strerror(-err));
	act->done(act->arg, err, &action->problems);
	action_clear(action);
	free(act);
}

/* The plugin of that name and its verb; NULL with a problem. */
static const struct fer_verb *verb_find(const struct act *act, const char *role, const char *name,
					void **instance, struct problems *problems)
{
	const struct plugins *plugins = act->supervisor->plugins;

	for (unsigned i = 0; i < plugins->count; i++) {
		const struct fer_verb *verb = plugin_verb(plugins->at[i].plugin, name);

		if (strcmp(plugins->at[i].plugin->name, role) || !verb ||
		    verb->kind == FER_VERB_IN_CLIENT)
			continue;
		*instance = act->supervisor->instance[i];
		if (*instance)
			return verb;
	}
	problems_add(problems, NULL, "there is no '%s %s' in this supervisor", role, name);
	return NULL;
}

void act_run(struct supervisor *supervisor, struct request *request, struct server_ticket *ticket,
	     void (*reply)(void *arg, int err, const struct problems *problems), void *arg)
{
	struct act *act = mem_zalloc(sizeof(*act));
	const struct fer_verb *verb;
	void *instance = NULL;
	size_t count;

	act->supervisor = supervisor;
	act->request = request;
	act->ticket = ticket;
	act->done = reply;
	act->arg = arg;
	act->action = (struct fer_action){
		.word = request_words(request, "word", &count),
		.running = running,
		.schema = supervisor->schema,
		.candidate = candidate,
		.edit = edit,
		.parts = parts_of(request),
		.send = part,
		.on_room = on_room,
		.reload = reload,
		.done = done,
		.arg = act,
	};
	verb = verb_find(act, request_text(request, "role"), request_text(request, "verb"),
			 &instance, &act->action.problems);
	if (verb && verb->kind != FER_VERB_LOOKS && server_is_viewer(ticket)) {
		problems_add(&act->action.problems, NULL,
			     "that changes something: be root, or a member of group 'ferrule'");
		verb = NULL;
	}
	if (verb)
		verb->run(instance, &act->action);
	else
		done(act, -ENOENT);
}
