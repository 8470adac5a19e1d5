/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands behind core/api/action.h. */
#pragma once

#include <stdbool.h>

#include "core/api/action.h"
#include "core/base/text.h"
#include "core/config/problem.h"
#include "state.h"

struct fer_action {
	const char **word; /* new array of borrowed texts, up to a NULL; taken ones are "" */
	struct text text, qr;
	struct fer_state state; /* without a root: none to be shown */
	const struct schema *schema;
	enum fer_parts parts;
	struct problems problems;

	/* of whoever runs it */
	const struct fer_config *(*running)(void *arg);
	const struct fer_config *(*candidate)(void *arg);
	int (*edit)(void *arg, bool set, const char *const *words, size_t count,
		    struct problems *problems);
	int (*send)(void *arg, const char *data, size_t length);
	void (*on_room)(void *arg, void (*room)(void *arg), void *room_arg);
	void (*reload)(void *arg);
	char *(*verify)(void *arg, const char *yaml, const char *path);
	void (*done)(void *arg, int err);
	void *arg;
};

void action_clear(struct fer_action *action);
