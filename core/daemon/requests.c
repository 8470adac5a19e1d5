// SPDX-License-Identifier: GPL-2.0-or-later
#include "requests.h"

#include <errno.h>
#include <libyang/libyang.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "act.h"
#include "core/api/log.h"
#include "core/api/model.h"
#include "core/base/log.h"
#include "core/base/loop.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/config/commit.h"
#include "core/config/diff.h"
#include "core/config/document.h"
#include "core/config/edit.h"
#include "core/config/model.h"
#include "core/config/path.h"
#include "core/config/schema.h"
#include "core/config/yaml.h"
#include "core/control/request.h"
#include "core/control/server.h"
#include "core/engine/engine.h"
#include "core/run/ring.h"
#include "once.h"
#include "status.h"
#include "supervisor.h"
#include "wire.h"

enum { LARGE = 65536 }; /* octets of a request */

/* 0, or negative with problems. */
typedef int answer_fn(struct supervisor *s, struct request *request, struct problems *problems);

static int answer_get(struct supervisor *s, struct request *request, struct problems *problems)
{
	size_t count;
	mem_auto const char **words = request_words(request, "path", &count);
	struct lyd_node *state = status_build(s, words, count, problems);

	if (!state)
		return -ENOENT;
	lyd_new_any(request->reply, NULL, "state", state, 1, LYD_ANYDATA_DATATREE, 1, NULL);
	return 0;
}

static int answer_capture(struct supervisor *s, struct request *request, struct problems *problems)
{
	size_t count;
	mem_auto const char **words = request_words(request, "match", &count);
	const struct once_request once = {
		.filter = request_text(request, "filter"),
		.word = words,
		.count = count,
		.snap = strtoul(request_text(request, "snap-length"), NULL, 10),
	};
	const char *name = wire_once(s->wire, s->schema, &once, problems);

	if (!name)
		return -EINVAL;
	request_answer(request, "name", "%s", name);
	return 0;
}

/* The document of "running", "candidate" or a number; *made is to be freed. */
static const struct document *source_of(struct supervisor *s, const char *source,
					struct document **made, struct problems *problems)
{
	*made = NULL;
	if (!strcmp(source, "running"))
		return commit_running(s->commit);
	if (!strcmp(source, "candidate"))
		return commit_candidate(s->commit);
	*made = commit_read(s->commit, strtoul(source, NULL, 10), problems);
	return *made;
}

static int answer_get_config(struct supervisor *s, struct request *request,
			     struct problems *problems)
{
	size_t count;
	mem_auto const char **words = request_words(request, "path", &count);
	unsigned flags = YAML_MASK;
	struct document *made;
	const struct document *document =
		source_of(s, request_text(request, "source"), &made, problems);
	struct lyd_node *node = document ? document->tree : NULL;
	struct path path;
	int err = document ? path_resolve(s->schema, words, count, &path, problems) : -ENOENT;

	if (!strcmp(request_text(request, "format"), "json"))
		flags |= YAML_JSON;
	if (!strcmp(request_text(request, "defaults"), "true"))
		flags |= YAML_DEFAULTS;
	if (!err && count)
		node = path_find(document, words, count);
	if (!err && count && !node) {
		problems_add(problems, NULL, "not configured");
		err = -ENOENT;
	}
	if (!err) {
		mem_auto char *text =
			path.list ? yaml_print_list(node, flags) : yaml_print(node, count, flags);

		request_answer(request, "text", "%s", text);
	}
	document_free(made);
	return err;
}

static int edit_answer(struct supervisor *s, struct request *request, struct problems *problems,
		       int (*edit)(struct document *, const char *const *, size_t,
				   struct problems *))
{
	size_t count, values;
	mem_auto const char **words = request_words(request, "path", &count);
	mem_auto const char **value = request_words(request, "value", &values);
	mem_auto const char **all = mem_zalloc((count + values + 1) * sizeof(*all));
	int err;

	memcpy(all, words, count * sizeof(*all));
	memcpy(all + count, value, values * sizeof(*all));
	err = edit(commit_candidate_edit(s->commit), all, count + values, problems);
	if (!err)
		commit_candidate_save(s->commit);
	return err;
}

static int answer_set(struct supervisor *s, struct request *request, struct problems *problems)
{
	return edit_answer(s, request, problems, edit_set);
}

static int answer_delete(struct supervisor *s, struct request *request, struct problems *problems)
{
	return edit_answer(s, request, problems, edit_delete);
}

static int answer_insert(struct supervisor *s, struct request *request, struct problems *problems)
{
	const char *where = request_text(request, "where"), *other = request_text(request, "other");
	bool first = !strcmp(where, "first"), last = !strcmp(where, "last");
	size_t count;
	mem_auto const char **words = request_words(request, "path", &count);
	int err;

	if (!other == !(first || last)) {
		problems_add(problems, NULL, "allowed are before NAME, after NAME, first and last");
		return -EINVAL;
	}
	err = edit_insert(commit_candidate_edit(s->commit), words, count,
			  first || !strcmp(where, "before"), other, problems);
	if (!err)
		commit_candidate_save(s->commit);
	return err;
}

static int answer_load(struct supervisor *s, struct request *request, struct problems *problems)
{
	const char *text = request_text(request, "text");
	struct document *document = yaml_load(s->schema, text ? text : "", text ? strlen(text) : 0,
					      request_text(request, "file"), problems);

	if (!document)
		return -EINVAL;
	commit_candidate_set(s->commit, document);
	commit_candidate_save(s->commit);
	return 0;
}

static int answer_discard(struct supervisor *s, struct request *request, struct problems *problems)
{
	(void)request;
	(void)problems;
	commit_candidate_set(s->commit, NULL);
	commit_candidate_save(s->commit);
	return 0;
}

static void answer_notes(struct supervisor *s, struct request *request, const struct document *from,
			 const struct document *to)
{
	struct fer_disturbances disturbances_auto list = {0};

	commit_disturbs(s->commit, from, to, &list);
	for (unsigned i = 0; i < list.count; i++)
		request_answer_more(request, "note", list.at[i].text);
}

static int answer_diff(struct supervisor *s, struct request *request, struct problems *problems)
{
	const char *number = request_text(request, "number");
	struct document *past = NULL;
	mem_auto char *text = NULL;

	if (number) {
		past = commit_read(s->commit, strtoul(number, NULL, 10), problems);
		if (!past)
			return -ENOENT;
	}
	text = diff_print(past ? past : commit_running(s->commit), commit_candidate(s->commit));
	answer_notes(s, request, past ? past : commit_running(s->commit),
		     commit_candidate(s->commit));
	document_free(past);
	request_answer(request, "text", "%s", text);
	return 0;
}

static void answer_number(struct supervisor *s, struct request *request)
{
	struct commit_status status;

	commit_status(s->commit, &status);
	request_answer(request, "number", "%u", status.number);
}

/* ---- what takes its time ---- */

/* To confirm in, where nobody says how long: for a role, and for whoever lends an address that
 * they may have come in by. */
enum { CONFIRM_SECONDS = 300 };

struct waiting {
	struct supervisor *supervisor;
	struct server_ticket *ticket;
	struct request request;
	char *user;
};

static void waiting_reply(struct waiting *w, int err, const struct problems *problems)
{
	mem_auto char *reply = err ? request_print_error(w->supervisor->schema, problems)
				   : request_print(&w->request);

	server_reply(w->ticket, reply);
	request_clear(&w->request);
	free(w->user);
	free(w);
}

static void answer_in_force(struct waiting *w)
{
	struct commit_status status;

	commit_status(w->supervisor->commit, &status);
	request_answer(&w->request, "number", "%u", status.number);
	if (status.pending)
		request_answer(&w->request, "seconds", "%u", status.seconds);
}

static void commit_done(void *arg, int err, const struct problems *problems)
{
	struct waiting *w = arg;

	if (!err || err == -EALREADY) {
		answer_in_force(w);
		request_answer(&w->request, "changed", "%s", err ? "false" : "true");
		err = 0;
	}
	waiting_reply(w, err, problems);
}

/* A loan is new, or another one: it must not lock anybody out. */
static bool lends(struct supervisor *s, const struct document *to)
{
	return fer_config_find(model_of(to), "loan") &&
	       !document_equal_below(commit_running(s->commit), to, "loan");
}

static unsigned confirm_seconds(void *arg, const struct document *to)
{
	const struct waiting *w = arg;
	const char *confirm = request_text(&w->request, "confirm");

	if (confirm)
		return strtoul(confirm, NULL, 10);
	if (request_text(&w->request, "until") || lends(w->supervisor, to))
		return CONFIRM_SECONDS;
	return 0;
}

static struct commit_request commit_of(struct waiting *w)
{
	const char *confirm = request_text(&w->request, "confirm");

	return (struct commit_request){
		.user = w->user,
		.comment = request_text(&w->request, "comment"),
		.confirm = confirm_seconds(w, commit_candidate(w->supervisor->commit)),
		.sure = confirm && !strcmp(confirm, "0"),
		.until = request_text(&w->request, "until"),
		.via = request_text(&w->request, "via"),
	};
}

static void wait_commit(struct waiting *w)
{
	const struct commit_request commit = commit_of(w);

	answer_notes(w->supervisor, &w->request, commit_running(w->supervisor->commit),
		     commit_candidate(w->supervisor->commit));
	commit_run(w->supervisor->commit, &commit, commit_done, w);
}

static void plan_done(void *arg, int err, const struct problems *problems)
{
	struct waiting *w = arg;

	request_answer(&w->request, "changed", "%s", err == -EALREADY ? "false" : "true");
	waiting_reply(w, err == -EALREADY ? 0 : err, problems);
}

/* As a commit without options; what is severe is among the notes. */
static void wait_plan(struct waiting *w)
{
	const struct commit_request plan = {.user = w->user,
					    .via = request_text(&w->request, "via")};

	answer_notes(w->supervisor, &w->request, commit_running(w->supervisor->commit),
		     commit_candidate(w->supervisor->commit));
	commit_plan(w->supervisor->commit, &plan, plan_done, w);
}

static void act_done(void *arg, int err, const struct problems *problems)
{
	waiting_reply(arg, err, problems);
}

static void wait_act(struct waiting *w)
{
	act_run(w->supervisor, &w->request, w->ticket, act_done, w);
}

static void rollback_done(void *arg, int err, const struct problems *problems)
{
	struct waiting *w = arg;

	if (!err)
		answer_in_force(w);
	waiting_reply(w, err, problems);
}

static void wait_rollback(struct waiting *w)
{
	const char *back = request_text(&w->request, "number");
	const char *confirm = request_text(&w->request, "confirm");
	const struct commit_request request = {.user = w->user,
					       .sure = confirm && !strcmp(confirm, "0")};

	commit_rollback(w->supervisor->commit, back ? strtoul(back, NULL, 10) : 0, &request,
			confirm_seconds, rollback_done, w);
}

/* ---- */

static int answer_confirm(struct supervisor *s, struct request *request, struct problems *problems)
{
	const char *prolong = request_text(request, "prolong");
	int err = prolong ? commit_prolong(s->commit, strtoul(prolong, NULL, 10), problems)
			  : commit_confirm(s->commit, problems);

	if (!err)
		answer_number(s, request);
	if (!err && prolong)
		request_answer(request, "seconds", "%s", prolong);
	return err;
}

static int answer_clear(struct supervisor *s, struct request *request, struct problems *problems)
{
	const char *name = request_text(request, "filter");
	struct engine *engine = wire_engine(s->wire);
	unsigned count = engine ? engine_count_anew(engine, name) : 0;

	if (name && !count) {
		problems_add(problems, NULL, "there is no filter '%s' in force", name);
		return -ENOENT;
	}
	fer_log_notice("wire: counters of %s were cleared by %s", name ? name : "all filters",
		       request->user);
	request_answer(request, "count", "%u", count);
	return 0;
}

static void time_text(time_t when, char *text, size_t size)
{
	struct tm tm;

	gmtime_r(&when, &tm);
	strftime(text, size, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

static int answer_history(struct supervisor *s, struct request *request, struct problems *problems)
{
	struct store_entry entries[HISTORY_KEPT];
	unsigned count = store_history(&s->store, entries, HISTORY_KEPT);
	char when[32], path[64];

	(void)problems;
	for (unsigned i = 0; i < count; i++) {
		time_text(entries[i].time, when, sizeof(when));
		snprintf(path, sizeof(path), "entry[%u]/number", i + 1);
		request_answer(request, path, "%u", entries[i].number);
		snprintf(path, sizeof(path), "entry[%u]/time", i + 1);
		request_answer(request, path, "%s", when);
		snprintf(path, sizeof(path), "entry[%u]/user", i + 1);
		request_answer(request, path, "%s", entries[i].user);
		snprintf(path, sizeof(path), "entry[%u]/comment", i + 1);
		request_answer(request, path, "%s", entries[i].comment);
	}
	return 0;
}

static int no_log(const char *role, struct problems *problems)
{
	struct text text_auto known = {0};

	for (unsigned i = 0; ring_name(i); i++)
		text_add(&known, "%s%s", i ? ", " : "", ring_name(i));
	problems_add(problems, NULL, "nothing was written by '%s'; there is the log of %s", role,
		     known.length ? known.data : "the supervisor only");
	return -ENOENT;
}

static void answer_line(struct request *request, unsigned index, const struct log_line *line)
{
	char when[32], path[64];

	time_text(line->time, when, sizeof(when));
	snprintf(path, sizeof(path), "line[%u]/number", index);
	request_answer(request, path, "%llu", (unsigned long long)line->number);
	snprintf(path, sizeof(path), "line[%u]/time", index);
	request_answer(request, path, "%s", when);
	snprintf(path, sizeof(path), "line[%u]/priority", index);
	request_answer(request, path, "%s", log_priority_name(line->priority));
	snprintf(path, sizeof(path), "line[%u]/text", index);
	request_answer(request, path, "%s", line->text);
}

static int answer_log(struct supervisor *s, struct request *request, struct problems *problems)
{
	uint64_t after = strtoull(request_text(request, "after"), NULL, 10);
	const char *role = request_text(request, "role");
	const struct ring *ring = role ? ring_find(role) : NULL;
	const struct log_line *line;

	(void)s;
	if (role && !ring)
		return no_log(role, problems);
	for (unsigned i = 1; (line = ring ? ring_after(ring, after) : log_after(after)); i++) {
		answer_line(request, i, line);
		after = line->number;
	}
	return 0;
}

static const struct {
	const char *name;
	answer_fn *answer;
	void (*wait)(struct waiting *waiting); /* instead, where the reply comes later */
	bool looks;			       /* changes nothing: also for who may only look */
} table[] = {
	{"get", answer_get, NULL, true},
	{"get-config", answer_get_config, NULL, true},
	{"set", answer_set, NULL, false},
	{"delete", answer_delete, NULL, false},
	{"insert", answer_insert, NULL, false},
	{"load", answer_load, NULL, false},
	{"discard", answer_discard, NULL, false},
	{"diff", answer_diff, NULL, true},
	{"plan", NULL, wait_plan, false},
	{"commit", NULL, wait_commit, false},
	{"confirm", answer_confirm, NULL, false},
	{"rollback", NULL, wait_rollback, false},
	{"history", answer_history, NULL, true},
	{"log", answer_log, NULL, true},
	{"act", NULL, wait_act, true}, /* by its verb */
	{"capture", answer_capture, NULL, false},
	{"clear", answer_clear, NULL, false},
};

static void dispatch(struct waiting *w)
{
	struct problems problems_auto problems = {0};
	int err = -EINVAL;

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		if (strcmp(table[i].name, request_name(&w->request)))
			continue;
		if (!table[i].looks && server_is_viewer(w->ticket)) {
			problems_add(&problems, NULL,
				     "%s is not for who may only look: be root, "
				     "or a member of group 'ferrule'",
				     table[i].name);
			waiting_reply(w, -EPERM, &problems);
			return;
		}
		if (table[i].wait) {
			table[i].wait(w);
			return;
		}
		err = table[i].answer(w->supervisor, &w->request, &problems);
		waiting_reply(w, err, &problems);
		return;
	}
	problems_add(&problems, NULL, "no such request");
	waiting_reply(w, err, &problems);
}

void requests_take(void *arg, struct server_ticket *ticket, const char *json, const char *user)
{
	struct problems problems_auto problems = {0};
	struct supervisor *s = arg;
	struct waiting *w = mem_zalloc(sizeof(*w));

	w->supervisor = s;
	w->ticket = ticket;
	w->user = mem_strdup(user);
	if (request_parse(&w->request, s->schema, json, &problems)) {
		waiting_reply(w, -EINVAL, &problems);
		return;
	}
	w->request.user = w->user;
	loop_doing("request", request_name(&w->request));
	dispatch(w);
	if (strlen(json) > LARGE)
		malloc_trim(0); /* a tree of many values leaves much behind */
}

char *requests_hello(void *arg)
{
	struct supervisor *s = arg;
	const struct fer_config *config = model_of(commit_running(s->commit));

	return request_print_hello(s->schema,
				   fer_model_text(fer_config_find(config, "system/name"), NULL));
}
