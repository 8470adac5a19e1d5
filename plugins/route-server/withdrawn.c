// SPDX-License-Identifier: GPL-2.0-or-later
#include "withdrawn.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUTES = 256, OF_ONE = 64 }; /* at most of one session */

struct withdrawn {
	struct withdrawn_route at[ROUTES];
	uint64_t next;		 /* number of the next one; the oldest is overwritten */
	uint64_t number[ROUTES]; /* 0: free */
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

/* The entry of this route, or a free one, or the oldest: of the session, where it has its share, so
 * that one member cannot push out what is known of others. */
static unsigned place(const struct withdrawn *w, const char *protocol, const char *prefix,
		      bool unsent)
{
	unsigned own = 0, oldest = 0, oldest_own = 0;

	for (unsigned i = 0; i < ROUTES; i++) {
		bool mine = w->number[i] && !strcmp(w->at[i].protocol, protocol);

		if (mine && !strcmp(w->at[i].prefix, prefix) && w->at[i].unsent == unsent)
			return i;
		if (w->number[i] < w->number[oldest])
			oldest = i;
		if (mine && (!own++ || w->number[i] < w->number[oldest_own]))
			oldest_own = i;
	}
	return own >= OF_ONE ? oldest_own : oldest;
}

static void keep(struct withdrawn *w, const char *protocol, const char *prefix, bool unsent)
{
	unsigned at = place(w, protocol, prefix, unsent);
	struct withdrawn_route *route = &w->at[at];

	w->number[at] = ++w->next;
	memset(route, 0, sizeof(*route));
	route->unsent = unsent;
	snprintf(route->protocol, sizeof(route->protocol), "%s", protocol);
	snprintf(route->prefix, sizeof(route->prefix), "%s", prefix);
	/* the line before says why */
	if (!strcmp(w->protocol, protocol))
		snprintf(route->why, sizeof(route->why), "%s", w->why);
	route->when = time(NULL);
}

/*
 * "2026-11-25 16:54:31 <RMT> c_three_4: Route leak detected - ...", then "... Invalid route
 * 192.0.2.0/24 withdrawn"; "<ERR> c_three_4: Attribute list too long", then "... - withdrawing
 * 192.0.2.0/24".
 */
void withdrawn_heard(struct withdrawn *w, const char *line)
{
	const char *at = strstr(line, "<RMT> "), *colon;
	char protocol[72], prefix[64];

	if (!at)
		at = strstr(line, "<ERR> ");
	colon = at ? strstr(at + 6, ": ") : NULL;
	if (!colon || (size_t)(colon - at - 6) >= sizeof(protocol))
		return;
	snprintf(protocol, sizeof(protocol), "%.*s", (int)(colon - at - 6), at + 6);
	if (sscanf(colon + 2, "Invalid route %63s withdrawn", prefix) == 1) {
		keep(w, protocol, prefix, false);
		return;
	}
	if (sscanf(colon + 2, "- withdrawing %63s", prefix) == 1) {
		keep(w, protocol, prefix, true);
		return;
	}
	snprintf(w->protocol, sizeof(w->protocol), "%s", protocol);
	snprintf(w->why, sizeof(w->why), "%.127s", colon + 2);
}

static const struct withdrawn_route *at_index(const struct withdrawn *w, const char *protocol,
					      const char *prefix, bool unsent, unsigned index)
{
	for (unsigned i = 0; i < ROUTES; i++) {
		if (!w->number[i] || w->at[i].unsent != unsent ||
		    (protocol && strcmp(w->at[i].protocol, protocol)) ||
		    (prefix && strcmp(w->at[i].prefix, prefix)))
			continue;
		if (!index--)
			return &w->at[i];
	}
	return NULL;
}

const struct withdrawn_route *withdrawn_at(const struct withdrawn *w, const char *prefix,
					   unsigned index)
{
	return at_index(w, NULL, prefix, false, index);
}

const struct withdrawn_route *withdrawn_unsent(const struct withdrawn *w, const char *protocol,
					       const char *prefix, unsigned index)
{
	return at_index(w, protocol, prefix, true, index);
}
