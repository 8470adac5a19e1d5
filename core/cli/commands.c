// SPDX-License-Identifier: GPL-2.0-or-later
#include "commands.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "call.h"
#include "capture.h"
#include "client.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/config/store.h"
#include "core/config/yaml.h"
#include "health.h"
#include "interrupt.h"
#include "local.h"
#include "origin.h"
#include "reply.h"
#include "role.h"
#include "say.h"
#include "show.h"

enum { NAMES_MAX = 64, HISTORY_MAX = HISTORY_KEPT - 1 };

struct client *session_client(struct session *session)
{
	if (!session->client)
		session->client = client_open(session->run_dir);
	return session->client;
}

static int usage(const char *name)
{
	const struct command *command = command_find(name);

	return say_usage("usage: %s%s%s", name, *command->usage ? " " : "", command->usage);
}

static void print_text(struct fy_node *reply)
{
	printf("%s", reply_text(reply, "text"));
}

static void print_notes(struct fy_node *reply)
{
	struct fy_node *note;
	void *iterator = NULL;

	while ((note = reply_next(reply_child(reply, "note"), &iterator)))
		printf("# %s\n", reply_scalar(note));
}

static int call_and_forget(struct session *session, const char *rpc, const struct text *members)
{
	struct reply reply;
	int code = call(session, rpc, members, &reply);

	if (code == EXIT_DONE && session->json)
		printf("{}\n");
	if (code == EXIT_DONE)
		reply_clear(&reply);
	return code;
}

/* The shell's context, then the words. */
static void path_members(const struct session *session, const char *const *words, size_t count,
			 struct text *members)
{
	mem_auto const char **all = mem_zalloc((session->depth + count + 1) * sizeof(*all));

	for (size_t i = 0; i < session->depth; i++)
		all[i] = session->context[i];
	for (size_t i = 0; i < count; i++)
		all[session->depth + i] = words[i];
	request_members(members, "path", all, session->depth + count);
}

/* ---- state ---- */

static int print_state(struct session *session, const char *const *words, size_t count,
		       void (*show)(struct fy_node *state))
{
	struct text text_auto members = {0};
	struct fy_node *state;
	struct reply reply;
	int code;

	request_members(&members, "path", words, count);
	code = call(session, "get", &members, &reply);
	if (code)
		return code;
	state = reply_child(reply_child(reply.root, "state"), "state");
	return answer(session, &reply, state, show);
}

static int run_status(struct session *session, const char *const *words, size_t count)
{
	(void)words;
	return count ? usage("status") : print_state(session, NULL, 0, show_status);
}

static int run_show(struct session *session, const char *const *words, size_t count)
{
	return print_state(session, words, count, count ? show_state : show_status);
}

/* ---- configuration ---- */

static bool is_number(const char *text)
{
	return *text && strlen(text) < 10 && strspn(text, "0123456789") == strlen(text);
}

static int run_config(struct session *session, const char *const *words, size_t count)
{
	struct text text_auto members = {0};
	struct reply reply;
	int code;

	while (count && !strncmp(words[0], "--", 2)) {
		if (!strcmp(words[0], "--candidate"))
			request_member(&members, "source", "candidate");
		else if (!strcmp(words[0], "--commit") && count > 1 && is_number(words[1])) {
			text_add(&members, "%s\"source\":%s", members.length ? "," : "", words[1]);
			words++, count--;
		} else if (!strcmp(words[0], "--defaults"))
			text_add(&members, "%s\"defaults\":true", members.length ? "," : "");
		else
			return usage("config");
		words++;
		count--;
	}
	if (session->json)
		request_member(&members, "format", "json");
	path_members(session, words, count, &members);
	code = call(session, "get-config", &members, &reply);
	if (code)
		return code;
	print_text(reply.root);
	reply_clear(&reply);
	return EXIT_DONE;
}

static int run_edit(struct session *session, const char *rpc, const char *const *words,
		    size_t count)
{
	struct text text_auto members = {0};

	if (!count)
		return usage(rpc);
	path_members(session, words, count, &members);
	return call_and_forget(session, rpc, &members);
}

static int run_set(struct session *session, const char *const *words, size_t count)
{
	return run_edit(session, "set", words, count);
}

static int run_delete(struct session *session, const char *const *words, size_t count)
{
	return run_edit(session, "delete", words, count);
}

/* "filter NAME before OTHER" */
static int run_insert(struct session *session, const char *const *words, size_t count)
{
	struct text text_auto members = {0};
	bool edge = count > 2 &&
		    (!strcmp(words[count - 1], "first") || !strcmp(words[count - 1], "last"));
	bool near = count > 3 &&
		    (!strcmp(words[count - 2], "before") || !strcmp(words[count - 2], "after"));

	if (!edge && !near)
		return usage("insert");
	path_members(session, words, count - (near ? 2 : 1), &members);
	request_member(&members, "where", words[count - (near ? 2 : 1)]);
	if (near)
		request_member(&members, "other", words[count - 1]);
	return call_and_forget(session, "insert", &members);
}

static int file_text(const char *path, char **text)
{
	int err = file_read(strcmp(path, "-") ? path : "/dev/stdin", YAML_SIZE_MAX, text, NULL);

	if (err)
		fprintf(stderr, "%s: cannot be read: %s\n", path,
			err == -EFBIG ? "longer than 4 MiB" : strerror(-err));
	return err;
}

static int run_load(struct session *session, const char *const *words, size_t count)
{
	struct text text_auto members = {0};
	mem_auto char *text = NULL;

	if (count != 1)
		return usage("load");
	if (file_text(words[0], &text))
		return EXIT_REFUSED;
	request_member(&members, "text", text);
	request_member(&members, "file", words[0]);
	return call_and_forget(session, "load", &members);
}

static int run_discard(struct session *session, const char *const *words, size_t count)
{
	struct text nothing = {0};

	(void)words;
	return count ? usage("discard") : call_and_forget(session, "discard", &nothing);
}

static int run_check(struct session *session, const char *const *words, size_t count)
{
	return count == 1 ? local_check(words[0], session->json) : usage("check");
}

static void print_diff(struct fy_node *reply)
{
	print_text(reply);
	print_notes(reply);
}

static int run_diff(struct session *session, const char *const *words, size_t count)
{
	struct text text_auto members = {0};
	struct reply reply;
	int code;

	if (count > 1 || (count && strspn(words[0], "0123456789") != strlen(words[0])))
		return usage("diff");
	if (count)
		text_add(&members, "\"number\":%s", words[0]);
	code = call(session, "diff", &members, &reply);
	if (code)
		return code;
	return answer(session, &reply, reply.root, print_diff);
}

/* ---- commits ---- */

/* "5" and "5m" are minutes, "90s" seconds; 0 for anything else. */
static unsigned seconds_parse(const char *text)
{
	char *end;
	unsigned long long value = strtoull(text, &end, 10);

	if (!isdigit((unsigned char)*text) || value < 1 || value > 86400 || (*end && end[1]))
		return 0;
	if (*end == 's')
		return value;
	return (!*end || *end == 'm') && value <= 1440 ? value * 60 : 0;
}

/* How many words it was: of "--no-confirm", of "--confirm TIME", 0 of anything else. */
static size_t confirm_option(const char *const *words, size_t count, struct text *members)
{
	unsigned seconds = count > 1 ? seconds_parse(words[1]) : 0;
	bool none = !strcmp(words[0], "--no-confirm");

	if (!none && (strcmp(words[0], "--confirm") || !seconds))
		return 0;
	text_add(members, "%s\"confirm\":%u", members->length ? "," : "", none ? 0 : seconds);
	return none ? 1 : 2;
}

static int rollback_options(const char *const *words, size_t count, struct text *members)
{
	size_t took;

	for (; count; words += took, count -= took)
		if (!(took = confirm_option(words, count, members)))
			return EXIT_USAGE;
	return EXIT_DONE;
}

static int commit_options(const char *const *words, size_t count, struct text *members)
{
	for (size_t i = 0; i < count; i++) {
		const char *value = i + 1 < count ? words[i + 1] : "";
		size_t took = confirm_option(words + i, count - i, members);

		if (took) {
			i += took - 1;
			continue;
		}
		if (!strcmp(words[i], "--until") && i + 1 < count)
			request_member(members, "until", value);
		else if (!strcmp(words[i], "-m") && i + 1 < count)
			request_member(members, "comment", value);
		else
			return EXIT_USAGE;
		i++;
	}
	return EXIT_DONE;
}

static void print_deadline(struct fy_node *reply)
{
	const char *seconds = reply_text(reply, "seconds");

	if (*seconds)
		printf("it rolls back in %s s unless 'ferrule confirm' comes in time\n", seconds);
}

static void print_commit(struct fy_node *reply)
{
	if (strcmp(reply_text(reply, "changed"), "true")) {
		printf("nothing to commit: the candidate is the running configuration\n");
		return;
	}
	print_notes(reply);
	printf("commit %s is in force\n", reply_text(reply, "number"));
	print_deadline(reply);
}

static void print_plan(struct fy_node *reply)
{
	if (strcmp(reply_text(reply, "changed"), "true")) {
		printf("nothing to commit: the candidate is the running configuration\n");
		return;
	}
	print_notes(reply);
	printf("the candidate can be committed\n");
}

static int run_plan(struct session *session, const char *const *words, size_t count)
{
	struct text text_auto members = {0};
	mem_auto char *via = origin_address();
	struct reply reply;
	int code;

	(void)words;
	if (count)
		return usage("plan");
	if (via)
		request_member(&members, "via", via);
	code = call_with_progress(session, "plan", &members, &reply);
	if (code)
		return code;
	return answer(session, &reply, reply.root, print_plan);
}

static int run_commit(struct session *session, const char *const *words, size_t count)
{
	struct text text_auto members = {0};
	mem_auto char *via = origin_address();
	struct reply reply;
	int code;

	if (commit_options(words, count, &members))
		return usage("commit");
	if (via)
		request_member(&members, "via", via);
	code = call_with_progress(session, "commit", &members, &reply);
	if (code)
		return code;
	return answer(session, &reply, reply.root, print_commit);
}

static void print_confirm(struct fy_node *reply)
{
	if (*reply_text(reply, "seconds"))
		print_deadline(reply);
	else
		printf("confirmed\n");
}

static int run_confirm(struct session *session, const char *const *words, size_t count)
{
	struct text text_auto members = {0};
	unsigned seconds = count == 2 ? seconds_parse(words[1]) : 0;
	struct reply reply;
	int code;

	if (count && (count != 2 || strcmp(words[0], "--prolong") || !seconds))
		return usage("confirm");
	if (seconds)
		text_add(&members, "\"prolong\":%u", seconds);
	code = call(session, "confirm", &members, &reply);
	return code ? code : answer(session, &reply, reply.root, print_confirm);
}

static void print_clear(struct fy_node *reply)
{
	printf("counters of %s filters begin at 0\n", reply_text(reply, "count"));
}

static int run_clear(struct session *session, const char *const *words, size_t count)
{
	struct text text_auto members = {0};
	struct reply reply;
	int code;

	if (!count || count > 2 || strcmp(words[0], "filter"))
		return usage("clear");
	if (count == 2)
		request_member(&members, "filter", words[1]);
	code = call(session, "clear", &members, &reply);
	return code ? code : answer(session, &reply, reply.root, print_clear);
}

static void print_rollback(struct fy_node *reply)
{
	printf("rolled back: commit %s is in force\n", reply_text(reply, "number"));
	print_deadline(reply);
}

static int run_rollback(struct session *session, const char *const *words, size_t count)
{
	struct text text_auto members = {0};
	struct reply reply;
	int code;

	if (count && is_number(words[0])) {
		unsigned long back = strtoul(words[0], NULL, 10);

		if (back < 1 || back > HISTORY_MAX)
			return say_usage("rollback: found '%s', allowed are 1..%d commits back; "
					 "'ferrule history' lists them",
					 words[0], HISTORY_MAX);
		text_add(&members, "\"number\":%lu", back);
		words++, count--;
	}
	if (rollback_options(words, count, &members))
		return usage("rollback");
	code = call_with_progress(session, "rollback", &members, &reply);
	if (code)
		return code;
	return answer(session, &reply, reply.root, print_rollback);
}

static int run_history(struct session *session, const char *const *words, size_t count)
{
	struct text nothing = {0};
	struct reply reply;
	int code;

	(void)words;
	if (count)
		return usage("history");
	code = call(session, "history", &nothing, &reply);
	if (code)
		return code;
	return answer(session, &reply, reply.root, show_history);
}

/* "-f" and the name of a role, in any order. */
static int log_options(const char *const *words, size_t count, bool *follow, const char **role)
{
	*follow = false;
	*role = NULL;
	for (size_t i = 0; i < count; i++) {
		if (!strcmp(words[i], "-f"))
			*follow = true;
		else if (!*role && words[i][0] != '-')
			*role = words[i];
		else
			return EXIT_USAGE;
	}
	return EXIT_DONE;
}

static int run_log(struct session *session, const char *const *words, size_t count)
{
	unsigned long long after = 0;
	const char *role;
	bool follow;

	if (log_options(words, count, &follow, &role))
		return usage("log");
	for (;;) {
		struct text text_auto members = {0};
		struct reply reply;
		int code;

		text_add(&members, "\"after\":\"%llu\"", after);
		if (role)
			request_member(&members, "role", role);
		code = call(session, "log", &members, &reply);
		if (code)
			return code;
		if (session->json) {
			mem_auto char *text = reply_json(reply.root);

			printf("%s\n", text);
		} else {
			after = show_log(reply.root, after);
		}
		reply_clear(&reply);
		if (!follow || session->json || interrupt_came())
			return EXIT_DONE;
		usleep(500000);
	}
}

static int run_capture(struct session *session, const char *const *words, size_t count)
{
	struct capture_request request;

	if (capture_parse(words, count, &request))
		return usage("capture");
	return capture_run(session, &request);
}

static int run_help(struct session *session, const char *const *words, size_t count)
{
	const struct command *one = count ? command_find(words[0]) : NULL;

	(void)session;
	if (count && !one)
		return role_help(words[0])
			       ? EXIT_DONE
			       : say_usage("no command '%s'; see 'ferrule help'", words[0]);
	for (const struct command *c = one ? one : commands; c->name; c++) {
		mem_auto char *head = mem_printf("%s %s", c->name, c->usage);

		printf("  %-38s %s\n", head, c->help);
		if (one)
			return EXIT_DONE;
	}
	role_help(NULL);
	return EXIT_DONE;
}

const struct command commands[] = {
	{"status", "", "the whole in a few lines", ARGUMENT_NONE, run_status},
	{"show", "[PATH]", "state: filter, wire, host-link, ...", ARGUMENT_STATE, run_show},
	{"health", "[--nagios]",
	 "what somebody should look at; exit status 1 where there is something", ARGUMENT_NONE,
	 health_run},
	{"config", "[--candidate | --commit NUMBER] [--defaults] [PATH]",
	 "the configuration in force, or that of a commit", ARGUMENT_CONFIG, run_config},
	{"set", "PATH [VALUE...]", "into the candidate", ARGUMENT_CONFIG, run_set},
	{"insert", "PATH before|after NAME | first | last",
	 "an entry into its place in a list, or moves it there", ARGUMENT_CONFIG, run_insert},
	{"delete", "PATH [VALUE...]", "from the candidate", ARGUMENT_CONFIG, run_delete},
	{"load", "FILE", "the candidate from a file (- for standard input)", ARGUMENT_FILE,
	 run_load},
	{"check", "FILE", "a file, without a supervisor", ARGUMENT_FILE, run_check},
	{"diff", "[NUMBER]", "candidate against running, or a commit", ARGUMENT_NONE, run_diff},
	{"plan", "", "whether the candidate can be committed, and what that would disturb",
	 ARGUMENT_NONE, run_plan},
	{"discard", "", "forget the candidate's changes", ARGUMENT_NONE, run_discard},
	{"commit", "[--confirm MINUTES|SECONDSs] [--no-confirm] [--until ROLE] [-m TEXT]",
	 "the candidate into force", ARGUMENT_NONE, run_commit},
	{"confirm", "[--prolong MINUTES|SECONDSs]",
	 "keep the commit that waits, or let it wait longer", ARGUMENT_NONE, run_confirm},
	{"rollback", "[N] [--confirm MINUTES|SECONDSs] [--no-confirm]",
	 "undo the commit that waits, or go back N", ARGUMENT_NONE, run_rollback},
	{"history", "", "the last commits", ARGUMENT_NONE, run_history},
	{"clear", "filter [NAME]", "counters of filters begin at 0", ARGUMENT_CLEAR, run_clear},
	{"log", "[-f] [ROLE]", "of the supervisor, or of a role's daemons; -f follows",
	 ARGUMENT_NONE, run_log},
	{"capture", "NAME|--match 'PATH=VALUE...' [--snap OCTETS] [-w FILE|-] [-c FRAMES]",
	 "what a capture takes, or what matches, from now on", ARGUMENT_CAPTURE, run_capture},
	{"help", "[COMMAND|ROLE]", "this list, or of one", ARGUMENT_NONE, run_help},
	{NULL, NULL, NULL, ARGUMENT_NONE, NULL},
};

const struct command *command_find(const char *name)
{
	for (const struct command *c = commands; c->name; c++)
		if (!strcmp(c->name, name))
			return c;
	return NULL;
}

int command_run(struct session *session, const char *const *words, size_t count)
{
	const struct command *command = command_find(words[0]);
	const char *names[NAMES_MAX], *role, *near;
	size_t known = 0;

	if (command)
		return command->run(session, words + 1, count - 1);
	if (local_verbs(words[0]))
		return role_run(session, words, count);
	for (const struct command *c = commands; c->name; c++)
		names[known++] = c->name;
	for (unsigned i = 0; (role = local_role(i)) && known < NAMES_MAX; i++)
		names[known++] = role;
	near = text_nearest(words[0], names, known);
	return near ? say_usage("no command '%s'; did you mean '%s'?", words[0], near)
		    : say_usage("no command '%s'; see 'ferrule help'", words[0]);
}
