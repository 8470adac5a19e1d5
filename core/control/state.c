// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/api/state.h"

#include <libyang/libyang.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "state.h"

static void state_add(struct fer_state *state, const char *value, const char *format, va_list args)
{
	mem_auto char *path = mem_vprintf(format, args);

	lyd_new_path(state->root, NULL, path, value, LYD_NEW_PATH_UPDATE, NULL);
}

void fer_state_text(struct fer_state *state, const char *value, const char *path, ...)
{
	va_list args;

	va_start(args, path);
	state_add(state, value, path, args);
	va_end(args);
}

void fer_state_number(struct fer_state *state, uint64_t value, const char *path, ...)
{
	char text[24];
	va_list args;

	snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
	va_start(args, path);
	state_add(state, text, path, args);
	va_end(args);
}

void fer_state_trouble(struct fer_state *state, const char *role, const char *what, bool critical,
		       const char *why, ...)
{
	struct lyd_node *entry = NULL;
	mem_auto char *text = NULL;
	va_list args;

	va_start(args, why);
	text = mem_vprintf(why, args);
	va_end(args);
	/* not by path, whose quotes `what` may have */
	if (lyd_new_list(state->root, NULL, "trouble", 0, &entry, role, what))
		return;
	state_leaf(entry, "severity", critical ? "critical" : "warning");
	state_leaf(entry, "why", text);
}

void state_leaf(struct lyd_node *entry, const char *name, const char *value)
{
	lyd_new_term(entry, NULL, name, value, 0, NULL);
}

void state_leaf_number(struct lyd_node *entry, const char *name, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
	state_leaf(entry, name, text);
}

void state_leaf_mac(struct lyd_node *entry, const char *name, const uint8_t m[6])
{
	char text[18];

	snprintf(text, sizeof(text), "%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4],
		 m[5]);
	state_leaf(entry, name, text);
}
