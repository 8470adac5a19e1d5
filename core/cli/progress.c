// SPDX-License-Identifier: GPL-2.0-or-later
#include "progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "commands.h"
#include "core/base/mem.h"
#include "reply.h"

/* A connection of its own: the other one waits. One question each second. */
static struct client *second;
static char *last;

static void tick(void *arg)
{
	const struct session *session = arg;
	mem_auto char *answer = NULL;
	struct reply reply;
	const char *doing;

	if (!second)
		second = client_open(session->run_dir);
	if (second)
		answer = client_call(second, "{\"ferrule-control:get\":{\"path\":[\"commit\"]}}");
	if (!answer || reply_parse(&reply, answer))
		return;
	doing = reply_text(
		reply_child(reply_child(reply_child(reply.root, "state"), "state"), "commit"),
		"doing");
	if (*doing && (!last || strcmp(last, doing))) {
		fprintf(stderr, "ferrule: %s\n", doing);
		free(last);
		last = mem_strdup(doing);
	}
	reply_clear(&reply);
}

void progress_begin(struct session *session)
{
	if (session->client && !session->json)
		client_on_wait(session->client, tick, session);
}

void progress_end(struct session *session)
{
	if (session->client)
		client_on_wait(session->client, NULL, NULL);
	client_close(second);
	second = NULL;
	free(last);
	last = NULL;
}
