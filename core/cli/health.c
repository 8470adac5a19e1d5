// SPDX-License-Identifier: GPL-2.0-or-later
#include "health.h"

#include <stdio.h>
#include <string.h>

#include "call.h"
#include "core/base/text.h"
#include "reply.h"
#include "say.h"
#include "show.h"

/* Nagios Plugin Development Guidelines, "Plugin Return Codes" */
enum nagios { NAGIOS_OK, NAGIOS_WARNING, NAGIOS_CRITICAL, NAGIOS_UNKNOWN };

static const char *const nagios_word[] = {"OK", "WARNING", "CRITICAL", "UNKNOWN"};

static int trouble_get(struct session *session, struct reply *reply)
{
	static const char *const path[] = {"trouble"};
	struct text text_auto members = {0};

	request_members(&members, "path", path, 1);
	return call(session, "get", &members, reply);
}

static enum nagios worst_of(struct fy_node *list, unsigned *count)
{
	enum nagios worst = NAGIOS_OK;
	struct fy_node *entry;
	void *iterator = NULL;

	*count = 0;
	while ((entry = reply_next(list, &iterator))) {
		bool critical = !strcmp(reply_text(entry, "severity"), "critical");

		++*count;
		if (critical)
			worst = NAGIOS_CRITICAL;
		else if (worst == NAGIOS_OK)
			worst = NAGIOS_WARNING;
	}
	return worst;
}

/* '|' would begin the performance data. */
static void line_print(const char *text)
{
	for (; *text; text++)
		putchar(*text == '|' ? '/' : *text);
}

static void nagios_print(struct fy_node *list, enum nagios worst, unsigned count)
{
	struct fy_node *entry;
	void *iterator = NULL;
	bool first = true;

	printf("FERRULE %s - ", nagios_word[worst]);
	while ((entry = reply_next(list, &iterator))) {
		printf("%s%s ", first ? "" : "; ", reply_text(entry, "role"));
		line_print(reply_text(entry, "what"));
		printf(": ");
		line_print(reply_text(entry, "why"));
		first = false;
	}
	printf("%s | troubles=%u\n", first ? "all is well" : "", count);
}

static int nagios_run(struct session *session)
{
	struct reply reply;
	struct fy_node *list;
	enum nagios worst;
	unsigned count;

	if (trouble_get(session, &reply)) {
		printf("FERRULE UNKNOWN - no supervisor answers\n");
		return NAGIOS_UNKNOWN;
	}
	list = reply_child(reply_child(reply_child(reply.root, "state"), "state"), "trouble");
	worst = worst_of(list, &count);
	nagios_print(list, worst, count);
	reply_clear(&reply);
	return worst;
}

int health_run(struct session *session, const char *const *words, size_t count)
{
	struct fy_node *state, *list;
	struct reply reply;
	int code;

	if (count == 1 && !strcmp(words[0], "--nagios"))
		return nagios_run(session);
	if (count)
		return say_usage("usage: health [--nagios]");
	code = trouble_get(session, &reply);
	if (code)
		return code;
	state = reply_child(reply_child(reply.root, "state"), "state");
	list = reply_child(state, "trouble");
	code = list ? EXIT_REFUSED : EXIT_DONE;
	if (!list && !session->json) {
		printf("all is well\n");
		reply_clear(&reply);
		return code;
	}
	answer(session, &reply, state, show_state);
	return code;
}
