// SPDX-License-Identifier: GPL-2.0-or-later
#include "local_verb.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client.h"
#include "commands.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/control/action.h"
#include "local.h"
#include "reply.h"
#include "say.h"

/* A module has 512 MB in all; what an exchange has takes a few MB and a second. */
enum { MEMORY_MAX = 512 << 20 /* octets */, TIME_MAX = 60 /* s of CPU */ };

struct run {
	struct fer_action action;
	int err;
};

static void done(void *arg, int err)
{
	((struct run *)arg)->err = err;
}

static char *verify(void *arg, const char *yaml, const char *path)
{
	(void)arg;
	return local_verify(yaml, path);
}

static void set_bounds(void)
{
	const struct rlimit memory = {MEMORY_MAX, MEMORY_MAX}, cpu = {TIME_MAX, TIME_MAX + 5};
	const struct rlimit none = {0, 0};

	setrlimit(RLIMIT_DATA, &memory);
	setrlimit(RLIMIT_CPU, &cpu);
	setrlimit(RLIMIT_CORE, &none);
}

static void print(const struct session *session, const struct run *run)
{
	const char *text = run->action.text.data ? run->action.text.data : "";
	struct text text_auto json = {0};

	if (session->json) {
		request_member(&json, "text", text);
		printf("{%s}\n", json.data);
	} else {
		printf("%s", text);
	}
}

static int run_verb(struct session *session, const struct fer_verb *verb, const char *const *words,
		    size_t count)
{
	struct run run = {.err = -1};

	run.action.word = mem_zalloc((count + 1) * sizeof(*run.action.word));
	if (count)
		memcpy(run.action.word, words, count * sizeof(*words));
	run.action.verify = verify;
	run.action.done = done;
	run.action.arg = &run;
	verb->run(NULL, &run.action);
	for (unsigned i = 0; i < run.action.problems.count; i++) {
		mem_auto char *line = problem_print(&run.action.problems.at[i]);

		say_usage("%s", line);
	}
	if (!run.err)
		print(session, &run);
	action_clear(&run.action);
	return run.err ? EXIT_REFUSED : EXIT_DONE;
}

static int said(int status)
{
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	if (WTERMSIG(status) == SIGXCPU)
		fprintf(stderr, "ferrule: it takes more than %d s; allowed are smaller files\n",
			TIME_MAX);
	else if (WTERMSIG(status) == SIGABRT || WTERMSIG(status) == SIGSEGV)
		fprintf(stderr,
			"ferrule: it ended by signal %d, as it does where %d MB of memory are not "
			"enough; smaller files may do\n",
			WTERMSIG(status), MEMORY_MAX >> 20);
	else if (WTERMSIG(status) != SIGPIPE) /* who read it has had enough */
		fprintf(stderr, "ferrule: it was ended by signal %d\n", WTERMSIG(status));
	return EXIT_REFUSED;
}

int local_verb_run(struct session *session, const struct fer_verb *verb, const char *const *words,
		   size_t count)
{
	int status = 0;
	pid_t pid;

	fflush(NULL);
	/* a parent that ignores SIGCHLD hands that on, and waitpid() finds no child then */
	signal(SIGCHLD, SIG_DFL);
	pid = fork();
	if (pid < 0) {
		perror("ferrule: no second process");
		return EXIT_REFUSED;
	}
	if (pid == 0) {
		int code;

		set_bounds();
		code = run_verb(session, verb, words, count);
		fflush(NULL);
		_exit(code);
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return EXIT_REFUSED;
	return said(status);
}
