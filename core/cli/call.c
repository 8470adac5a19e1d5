// SPDX-License-Identifier: GPL-2.0-or-later
#include "call.h"

#include <stdio.h>
#include <stdlib.h>

#include "client.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "progress.h"
#include "reply.h"

int call(struct session *session, const char *rpc, const struct text *members, struct reply *reply)
{
	struct client *client = session_client(session);
	mem_auto char *json = mem_printf("{\"ferrule-control:%s\":{%s}}", rpc,
					 members->data ? members->data : "");
	mem_auto char *answer = client ? client_call(client, json) : NULL;

	if (!answer) {
		client_close(session->client);
		session->client = NULL;
		return EXIT_NO_PEER;
	}
	if (reply_parse(reply, answer)) {
		fprintf(stderr, "ferrule: the answer is not understood\n");
		return EXIT_NO_PEER;
	}
	if (!reply->is_error)
		return EXIT_DONE;
	if (session->json) {
		mem_auto char *text = reply_json(reply->root);

		printf("%s\n", text);
	}
	reply_explain(reply);
	reply_clear(reply);
	return EXIT_REFUSED;
}

int call_with_progress(struct session *session, const char *rpc, const struct text *members,
		       struct reply *reply)
{
	int code;

	session_client(session);
	progress_begin(session);
	code = call(session, rpc, members, reply);
	progress_end(session);
	return code;
}

int answer(struct session *session, struct reply *reply, struct fy_node *node,
	   void (*show)(struct fy_node *node))
{
	if (session->json) {
		mem_auto char *text = reply_json(node);

		printf("%s\n", text);
	} else {
		show(node);
	}
	reply_clear(reply);
	return EXIT_DONE;
}
