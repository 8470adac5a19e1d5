// SPDX-License-Identifier: GPL-2.0-or-later
#include "withdrawn.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUTES = 256 };

struct withdrawn {
	struct withdrawn_route at[ROUTES];
	unsigned next; /* the oldest one is overwritten */
	char protocol[72], why[128];
};

struct withdrawn *withdrawn_new(void)
{
	struct withdrawn *w = calloc(1, sizeof(*w));

	if (!w)
		abort();
	return w;
}

void withdrawn_free(struct withdrawn *w)
{
	free(w);
}

static struct withdrawn_route *place(struct withdrawn *w, const char *protocol, const char *prefix)
{
	for (unsigned i = 0; i < ROUTES; i++)
		if (!strcmp(w->at[i].prefix, prefix) && !strcmp(w->at[i].protocol, protocol))
			return &w->at[i];
	w->next = (w->next + 1) % ROUTES;
	return &w->at[w->next];
}

static void keep(struct withdrawn *w, const char *protocol, const char *text)
{
	struct withdrawn_route *route;
	char prefix[64];

	if (sscanf(text, "Invalid route %63s withdrawn", prefix) != 1)
		return;
	route = place(w, protocol, prefix);
	memset(route, 0, sizeof(*route));
	snprintf(route->protocol, sizeof(route->protocol), "%s", protocol);
	snprintf(route->prefix, sizeof(route->prefix), "%s", prefix);
	/* the line before says why */
	if (!strcmp(w->protocol, protocol))
		snprintf(route->why, sizeof(route->why), "%s", w->why);
	route->when = time(NULL);
}

/* "2026-11-25 16:54:31 <RMT> c_three_4: Route leak detected - ...": what is behind the level. */
void withdrawn_heard(struct withdrawn *w, const char *line)
{
	const char *at = strstr(line, "<RMT> "), *colon;
	char protocol[72];

	colon = at ? strstr(at + 6, ": ") : NULL;
	if (!colon || (size_t)(colon - at - 6) >= sizeof(protocol))
		return;
	snprintf(protocol, sizeof(protocol), "%.*s", (int)(colon - at - 6), at + 6);
	if (!strncmp(colon + 2, "Invalid route ", 14)) {
		keep(w, protocol, colon + 2);
		return;
	}
	snprintf(w->protocol, sizeof(w->protocol), "%s", protocol);
	snprintf(w->why, sizeof(w->why), "%.127s", colon + 2);
}

const struct withdrawn_route *withdrawn_at(const struct withdrawn *w, const char *prefix,
					   unsigned index)
{
	for (unsigned i = 0; i < ROUTES; i++) {
		if (!*w->at[i].prefix || (prefix && strcmp(w->at[i].prefix, prefix)))
			continue;
		if (!index--)
			return &w->at[i];
	}
	return NULL;
}
