// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ferrule: the client. One command and out, or without one the shell.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "commands.h"
#include "complete.h"
#include "local.h"
#include "say.h"
#include "shell.h"

static const char usage[] =
	"usage: ferrule [--run-dir DIR] [--json] [COMMAND [ARGUMENT...]]\n"
	"Without a command: an interactive shell.\n"
	"\n"
	"  -r, --run-dir DIR  of the supervisor (" FERRULE_RUN_DIR ", or $FERRULE_RUN_DIR)\n"
	"  -j, --json         for scripts\n"
	"  -h, --help         this text\n"
	"  -V, --version      version\n"
	"\n";

static const char exit_codes[] =
	"\nExit codes: 0 done, 1 refused, 2 wrong usage, 3 no supervisor.\n";

static void print_word(const char *word, const char *help, void *arg)
{
	(void)help;
	(void)arg;
	if (*word)
		printf("%s\n", word);
}

/* For bash: `ferrule __complete WORDS... BEGUN` */
static int run_complete(struct session *session, const char *const *words, size_t count)
{
	if (!count)
		return EXIT_USAGE;
	if (!freopen("/dev/null", "w", stderr))
		return EXIT_REFUSED;
	complete(session, words, count - 1, words[count - 1], print_word, NULL);
	return EXIT_DONE;
}

static void print_help(void)
{
	const char *help[] = {"help"};
	struct session nobody = {0};

	fputs(usage, stdout);
	command_run(&nobody, help, 1);
	fputs(exit_codes, stdout);
}

/* Options in front of the command; how many words they took, or -1 to exit with *code. */
static int options(struct session *session, int argc, char **argv, int *code)
{
	int at = 1;

	*code = EXIT_DONE;
	for (; at < argc && argv[at][0] == '-'; at++) {
		if (!strcmp(argv[at], "-j") || !strcmp(argv[at], "--json")) {
			session->json = true;
			say_json(true);
		} else if ((!strcmp(argv[at], "-r") || !strcmp(argv[at], "--run-dir")) &&
			   at + 1 < argc) {
			session->run_dir = argv[++at];
		} else if (!strcmp(argv[at], "-h") || !strcmp(argv[at], "--help")) {
			print_help();
			return -1;
		} else if (!strcmp(argv[at], "-V") || !strcmp(argv[at], "--version")) {
			puts("ferrule " PACKAGE_VERSION);
			return -1;
		} else {
			*code = say_usage("unknown option '%s'; see 'ferrule --help'", argv[at]);
			return -1;
		}
	}
	return at;
}

/* --json is welcome behind the command, too. */
static size_t words_take(struct session *session, char **from, size_t count, const char **words)
{
	size_t used = 0;

	for (size_t i = 0; i < count; i++) {
		if (!strcmp(from[i], "--json"))
			session->json = true;
		else
			words[used++] = from[i];
	}
	say_json(session->json);
	return used;
}

int main(int argc, char **argv)
{
	const char *run_dir = getenv("FERRULE_RUN_DIR");
	struct session session = {.run_dir = run_dir ? run_dir : FERRULE_RUN_DIR};
	const char **words = calloc(argc + 1, sizeof(*words));
	size_t count;
	int code, at = options(&session, argc, argv, &code);

	if (at > 0) {
		count = words_take(&session, argv + at, argc - at, words);
		if (!count)
			code = shell_run(&session);
		else if (!strcmp(words[0], "__complete"))
			code = run_complete(&session, words + 1, count - 1);
		else
			code = command_run(&session, words, count);
	}
	client_close(session.client);
	local_free();
	free(words);
	return code;
}
