// SPDX-License-Identifier: GPL-2.0-or-later
#include "bgpq4.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/api/file.h"
#include "core/api/task.h"

#define BGPQ4 "/usr/bin/bgpq4"

enum {
	DEADLINE_MS = 120000,
	LINE_MOST = 128,
};

/* Its output goes to a file of 64 MiB at most: a million prefixes of an as-set are a mistake. */
static char script[] = "ulimit -f 131072; out=$1; shift; exec " BGPQ4 " \"$@\" >\"$out\"";

enum run { ASNS, IPV4, IPV6, RUNS };

struct bgpq4 {
	struct bgpq4_question question;
	char server[256], databases[256], name[256], out[300];
	enum run run;
	struct fer_task *task;
};

bool bgpq4_available(void)
{
	return !access(BGPQ4, X_OK);
}

static void bgpq4_free(struct bgpq4 *b)
{
	unlink(b->out);
	free(b);
}

void bgpq4_cancel(struct bgpq4 *b)
{
	if (!b)
		return;
	fer_task_cancel(b->task);
	bgpq4_free(b);
}

static void end(struct bgpq4 *b, int err, const char *why)
{
	struct bgpq4_question question = b->question;

	/* who asks the next question in there finds no file of this one */
	bgpq4_free(b);
	question.done(question.arg, err, why);
}

/* {"a": [64501,64502]}, over as many lines as it likes. */
static void read_asns(const struct bgpq4 *b, FILE *file)
{
	uint32_t asn = 0;
	int c;

	while ((c = getc(file)) != EOF && c != '[')
		;
	while ((c = getc(file)) != EOF) {
		if (c >= '0' && c <= '9')
			asn = asn * 10 + (c - '0');
		else if (asn)
			b->question.asn(b->question.arg, asn), asn = 0;
	}
}

/* "192.0.2.0/24" on each. */
static void read_prefixes(const struct bgpq4 *b, FILE *file)
{
	char line[LINE_MOST];

	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\r\n")] = '\0';
		if (strchr(line, '/'))
			b->question.prefix(b->question.arg, line);
	}
}

static int read_output(const struct bgpq4 *b)
{
	FILE *file = fer_file_open(b->out);
	int err;

	if (!file)
		return -errno;
	if (b->run == ASNS)
		read_asns(b, file);
	else
		read_prefixes(b, file);
	err = ferror(file) ? -EIO : 0;
	fclose(file);
	return err;
}

static int start(struct bgpq4 *b);

static void ran(void *arg, int code, const char *output)
{
	struct bgpq4 *b = arg;
	char why[160];
	int err;

	b->task = NULL;
	if (code) {
		snprintf(why, sizeof(why), "%.*s", (int)strcspn(output ? output : "", "\n"),
			 output && *output ? output : strerror(code < 0 ? -code : EIO));
		end(b, code < 0 ? code : -EIO, why);
		return;
	}
	err = read_output(b);
	if (!err && ++b->run < RUNS)
		err = start(b);
	else if (!err) {
		end(b, 0, "");
		return;
	}
	if (err)
		end(b, err, strerror(-err));
}

static int start(struct bgpq4 *b)
{
	static char *const kinds[RUNS][4] = {
		[ASNS] = {(char *)"-t", (char *)"-j", (char *)"-l", (char *)"a"},
		[IPV4] = {(char *)"-4", (char *)"-F", (char *)"%n/%l\\n", NULL},
		[IPV6] = {(char *)"-6", (char *)"-F", (char *)"%n/%l\\n", NULL},
	};
	char *argv[20] = {(char *)"/bin/sh", (char *)"-c", script, (char *)"sh", b->out};
	struct fer_task_spec task = {.name = "bgpq4",
				     .argv = argv,
				     .user = "nobody",
				     .deadline = DEADLINE_MS,
				     .done = ran,
				     .arg = b};
	unsigned n = 5;

	argv[n++] = (char *)"-h";
	argv[n++] = b->server;
	if (*b->databases) {
		argv[n++] = (char *)"-S";
		argv[n++] = b->databases;
	}
	for (unsigned i = 0; i < 4 && kinds[b->run][i]; i++)
		argv[n++] = kinds[b->run][i];
	argv[n++] = (char *)"--";
	argv[n++] = b->name;
	b->task = fer_task_start(&task);
	return b->task ? 0 : -ENOEXEC;
}

struct bgpq4 *bgpq4_ask(const struct bgpq4_question *question)
{
	struct bgpq4 *b = calloc(1, sizeof(*b));

	if (!b)
		abort();
	b->question = *question;
	snprintf(b->server, sizeof(b->server), "%s", question->server);
	snprintf(b->databases, sizeof(b->databases), "%s",
		 question->databases ? question->databases : "");
	snprintf(b->name, sizeof(b->name), "%s", question->name);
	snprintf(b->out, sizeof(b->out), "%.280s/bgpq4.out", question->folder);
	if (!fer_folder_make(question->folder, 0750, "nobody") && !start(b))
		return b;
	bgpq4_free(b);
	return NULL;
}
