// SPDX-License-Identifier: GPL-2.0-or-later
#include "shell.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <readline/history.h>
#include <readline/readline.h>

#include <libyang/libyang.h>

#include "client.h"
#include "commands.h"
#include "complete.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/config/path.h"
#include "core/config/problem.h"
#include "core/config/schema.h"
#include "interrupt.h"
#include "local.h"
#include "role.h"
#include "table.h"

enum { DEPTH_MAX = 32 };

struct shell {
	struct session *session;
	char *place[DEPTH_MAX];
	size_t depth;
	bool ended;
};

static struct shell *current; /* readline's callbacks take no argument */

const char **shell_split(char *line, unsigned long *count)
{
	const char **words = NULL;
	char *at = line;

	*count = 0;
	for (;;) {
		char *to;

		at += strspn(at, " \t\n");
		if (!*at || *at == '#')
			break;
		words = mem_grow(words, *count, sizeof(*words));
		words[(*count)++] = to = at;
		while (*at && !strchr(" \t\n", *at)) {
			if (*at != '"') {
				*to++ = *at++;
				continue;
			}
			for (at++; *at && *at != '"';)
				*to++ = *at++;
			at += *at == '"';
		}
		if (*at)
			at++;
		*to = '\0';
	}
	words = mem_grow(words, *count, sizeof(*words));
	words[*count] = NULL;
	return words;
}

/* ---- completion ---- */

struct candidates {
	char **word;
	unsigned count, at;
	bool help;
};

static struct candidates candidates;

static void candidate_add(const char *word, const char *help, void *arg)
{
	(void)help;
	(void)arg;
	if (!*word)
		return;
	candidates.word = mem_grow(candidates.word, candidates.count, sizeof(*candidates.word));
	candidates.word[candidates.count++] = mem_strdup(word);
}

static void candidate_print(const char *word, const char *help, void *arg)
{
	(void)arg;
	printf("  %-24s %s\n", *word ? word : "VALUE", help);
}

static void line_complete(const char *line, size_t length, complete_fn *each)
{
	mem_auto char *copy = mem_strndup(line, length);
	bool open = length && !strchr(" \t", line[length - 1]);
	unsigned long count;
	mem_auto const char **words = shell_split(copy, &count);
	const char *begun = open && count ? words[--count] : "";

	complete(current->session, words, count, begun, each, NULL);
}

static char *candidate_next(const char *begun, int state)
{
	(void)begun;
	if (!state) {
		candidates.at = 0;
		candidates.count = 0;
		line_complete(rl_line_buffer, rl_point, candidate_add);
	}
	return candidates.at < candidates.count ? candidates.word[candidates.at++] : NULL;
}

static char **on_tab(const char *begun, int start, int end)
{
	(void)start;
	(void)end;
	rl_attempted_completion_over = 1;
	return rl_completion_matches(begun, candidate_next);
}

/* `?` shows what can follow, and leaves the line as it is. */
static int on_question(int times, int key)
{
	(void)times;
	(void)key;
	printf("?\n");
	line_complete(rl_line_buffer, rl_point, candidate_print);
	rl_on_new_line();
	rl_redisplay();
	return 0;
}

/* ---- places ---- */

static void place_cut(struct shell *shell, size_t depth)
{
	while (shell->depth > depth)
		free(shell->place[--shell->depth]);
	shell->session->context = (const char *const *)shell->place;
	shell->session->depth = depth;
}

/* One node up: a list entry is two words. */
static void place_up(struct shell *shell)
{
	const struct schema *schema = local_schema();
	const struct lysc_node *node = NULL;
	size_t last = 0;

	for (size_t i = 0; i < shell->depth; i++) {
		node = schema_child(schema, node, shell->place[i]);
		last = i;
		if (schema_is_list(node))
			i++;
	}
	place_cut(shell, last);
}

/* Into a container or list entry; false where the words name none. */
static int place_enter(struct shell *shell, const char *const *words, size_t count)
{
	struct problems problems_auto problems = {0};
	const char *all[DEPTH_MAX];
	size_t depth = shell->depth;
	struct path path;

	if (depth + count >= DEPTH_MAX)
		return EXIT_USAGE;
	for (size_t i = 0; i < depth; i++)
		all[i] = shell->place[i];
	for (size_t i = 0; i < count; i++)
		all[depth + i] = words[i];
	/* neither a command nor a place: what was meant may be either */
	if (!depth && !schema_child(local_schema(), NULL, words[0]))
		return command_run(shell->session, words, count);
	if (path_resolve(local_schema(), all, depth + count, &path, &problems)) {
		mem_auto char *line = problem_print(&problems.at[0]);

		fprintf(stderr, "%s\n", line);
		return EXIT_USAGE;
	}
	if (path.list || path.schema->nodetype & (LYS_LEAF | LYS_LEAFLIST)) {
		fprintf(stderr, "'%s' is no place to be in: %s\n", words[count - 1],
			path.list ? "name one of its entries" : "use 'set'");
		return EXIT_USAGE;
	}
	for (size_t i = 0; i < count; i++)
		shell->place[shell->depth++] = mem_strdup(words[i]);
	shell->session->context = (const char *const *)shell->place;
	shell->session->depth = shell->depth;
	return EXIT_DONE;
}

static char *prompt_make(const struct shell *shell)
{
	struct text text = {0};
	const struct client *client = shell->session->client;

	text_add(&text, "%s", client ? client_peer_name(client) : "ferrule");
	for (size_t i = 0; i < shell->depth; i++)
		text_add(&text, "%s%s", i ? " " : "(", shell->place[i]);
	text_add(&text, "%s# ", shell->depth ? ")" : "");
	return text_take(&text);
}

/* ---- the loop ---- */

static int line_run(struct shell *shell, char *line)
{
	unsigned long count;
	mem_auto const char **words = shell_split(line, &count);

	if (!count)
		return EXIT_DONE;
	if (!strcmp(words[0], "quit") || (!strcmp(words[0], "exit") && !shell->depth)) {
		shell->ended = true;
		return EXIT_DONE;
	}
	if (!strcmp(words[0], "exit") || !strcmp(words[0], "up")) {
		place_up(shell);
		return EXIT_DONE;
	}
	if (!strcmp(words[0], "top")) {
		place_cut(shell, 0);
		return EXIT_DONE;
	}
	if (command_find(words[0]))
		return command_run(shell->session, words, count);
	if (!shell->depth && count > 1 && role_has(words, count))
		return role_run(shell->session, words, count);
	if (!strcmp(words[0], "edit") && count > 1)
		return place_enter(shell, words + 1, count - 1);
	return place_enter(shell, words, count);
}

static char *line_read(struct shell *shell, bool terminal)
{
	mem_auto char *prompt = prompt_make(shell);
	char *line = NULL;
	size_t room = 0;

	if (terminal)
		return readline(prompt);
	/* a script on standard input sees no prompt and no echo */
	if (getline(&line, &room, stdin) >= 0)
		return line;
	free(line);
	return NULL;
}

/* Ctrl-C at the prompt: the line is gone, the shell is not. */
static int line_interrupted(void)
{
	if (!interrupt_came())
		return 0;
	interrupt_forget();
	rl_replace_line("", 0);
	rl_crlf();
	rl_on_new_line();
	rl_redisplay();
	return 0;
}

static void terminal_start(void)
{
	interrupt_watch(SIGINT);
	rl_catch_signals = 0;
	rl_signal_event_hook = line_interrupted;
	printf("'?' shows what can follow, 'help' the commands, 'quit' ends.\n");
}

int shell_run(struct session *session)
{
	struct shell shell = {.session = session};
	bool terminal = isatty(0);
	int code = EXIT_DONE;
	char *line;

	if (!local_schema())
		return EXIT_REFUSED;
	if (!session_client(session))
		return EXIT_NO_PEER;
	current = &shell;
	rl_attempted_completion_function = on_tab;
	rl_completer_word_break_characters = (char *)" \t";
	rl_bind_key('?', on_question);
	if (terminal)
		terminal_start();
	while (!shell.ended && (line = line_read(&shell, terminal))) {
		if (terminal && *line)
			add_history(line);
		interrupt_forget();
		code = line_run(&shell, line);
		free(line);
		if (!terminal && code != EXIT_DONE)
			break; /* a script stops at its first error */
	}
	if (terminal && !shell.ended)
		printf("\n");
	place_cut(&shell, 0);
	free(candidates.word);
	return terminal ? EXIT_DONE : code;
}
