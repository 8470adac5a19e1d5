// SPDX-License-Identifier: GPL-2.0-or-later
/* Whether a roll-back brought back what was: told by comparing, not by having tried. */
#include <stdlib.h>
#include <string.h>

#include "core/api/event.h"
#include "core/api/log.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "operation.h"

/* Lines of a that are not in b. */
static void lines_missing(const char *a, const char *b, const char *label, struct text *text)
{
	mem_auto char *copy = mem_strdup(a);
	char *save = NULL;

	for (char *line = strtok_r(copy, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		const char *at = strstr(b, line);

		if (!at || (at != b && at[-1] != '\n') ||
		    (at[strlen(line)] && at[strlen(line)] != '\n'))
			text_add(text, "%s: %s\n", label, line);
	}
}

static void compare(void *arg)
{
	struct commit *c = arg;
	mem_auto char *now = c->observe(c->observe_arg);
	struct text text = {0};

	lines_missing(c->observed, now, "was", &text);
	lines_missing(now, c->observed, "is", &text);
	free(c->differs);
	c->differs = text_take(&text);
	if (*c->differs && c->observe_left--) {
		fer_timer_start(c->observe_timer, 1000);
		return;
	}
	if (*c->differs)
		fer_log_warn("config: after the roll-back the state differs from the one before");
	free(c->observed);
	c->observed = NULL;
}

void observe_begin(struct commit *c)
{
	if (!c->observed)
		return;
	if (!c->observe_timer)
		c->observe_timer = fer_timer_new(compare, c);
	c->observe_left = OBSERVE_SECONDS;
	compare(c);
}

void observe_stop(struct commit *c)
{
	fer_event_stop(c->observe_timer);
	free(c->observed);
	free(c->differs);
	c->observed = c->differs = NULL;
}
