// SPDX-License-Identifier: GPL-2.0-or-later
#include "routes.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void copy(char *to, size_t size, const char *from, size_t length)
{
	snprintf(to, size, "%.*s", (int)(length < size ? length : size - 1), from);
}

void bird_routes_end(struct bird_routes *r)
{
	if (r->any && !r->stopped)
		r->stopped = !r->found(r->arg, &r->now);
	r->any = false;
	r->list = NULL;
}

/* "192.0.2.0/24   unicast [c1_4 2026-11-25 16:00:00.123] * (100) [AS64501i]", or without the
 * prefix, which is that of the line before then. */
static void head(struct bird_routes *r, const char *text)
{
	const char *open = strchr(text, '['), *close = open ? strchr(open, ']') : NULL;
	size_t length = strcspn(text, " \t");

	if (!close)
		return; /* "Table master4:" */
	bird_routes_end(r);
	memset(&r->now, 0, sizeof(r->now));
	if (length)
		copy(r->network, sizeof(r->network), text, length);
	r->any = true;
	memcpy(r->now.prefix, r->network, sizeof(r->now.prefix));
	length = strcspn(open + 1, " ]");
	copy(r->now.from, sizeof(r->now.from), open + 1, length);
	if (open[1 + length] == ' ')
		copy(r->now.since, sizeof(r->now.since), open + 2 + length, 19);
	r->now.primary = !strncmp(close + 1, " *", 2);
}

static void via(struct bird_route *now, const char *text)
{
	if (!strncmp(text, "via ", 4))
		copy(now->gateway, sizeof(now->gateway), text + 4, strcspn(text + 4, " \t"));
}

static void list_add(char *list, const char *text)
{
	size_t length = strlen(list), more;

	text += strspn(text, " \t");
	more = strlen(text);
	while (more && (text[more - 1] == ' ' || text[more - 1] == '\t'))
		more--;
	if (length >= 3 && !strcmp(list + length - 3, "..."))
		return;
	if (length + more + sizeof(" ...") + 1 > BIRD_COMMUNITIES_MAX)
		text = "...", more = 3; /* what is left out is not left out silently */
	snprintf(list + length, BIRD_COMMUNITIES_MAX - length, "%s%.*s", length ? " " : "",
		 (int)more, text);
}

static char *list_of(struct bird_route *now, const char *key)
{
	if (!strcmp(key, "community"))
		return now->community;
	if (!strcmp(key, "large_community"))
		return now->large;
	return !strcmp(key, "ext_community") ? now->extended : NULL;
}

static void number(struct bird_route *now, const char *key, const char *value)
{
	uint32_t n = strtoul(value, NULL, 10);

	if (!strcmp(key, "local_pref"))
		now->local_pref = n;
	else if (!strcmp(key, "otc"))
		now->otc = n;
	else if (!strcmp(key, "med"))
		now->med = n, now->has_med = true;
}

/* "BGP.as_path: 64501 64502" */
static void attribute(struct bird_routes *r, const char *text)
{
	struct bird_route *now = &r->now;
	const char *colon = strchr(text, ':'), *value;
	char key[24];

	r->list = NULL;
	if (strncmp(text, "BGP.", 4) || !colon || (size_t)(colon - text - 4) >= sizeof(key))
		return;
	copy(key, sizeof(key), text + 4, colon - text - 4);
	value = colon + 1 + strspn(colon + 1, " ");
	/* "BGP.17 [t]: 00 01 00", a number in hex */
	if (isxdigit((unsigned char)key[0]) && isxdigit((unsigned char)key[1]) &&
	    (!key[2] || key[2] == ' ')) {
		now->unknown = strtoul(key, NULL, 16);
		return;
	}
	r->list = list_of(now, key);
	if (r->list)
		list_add(r->list, value);
	else if (!strcmp(key, "as_path"))
		copy(now->as_path, sizeof(now->as_path), value, strlen(value));
	else if (!strcmp(key, "next_hop"))
		copy(now->next_hop, sizeof(now->next_hop), value, strlen(value));
	else if (!strcmp(key, "origin"))
		copy(now->origin, sizeof(now->origin), value, strlen(value));
	else
		number(now, key, value);
}

bool bird_routes_line(struct bird_routes *r, const struct bird_line *line)
{
	const char *text = line->text;

	if (line->code == BIRD_ROUTE && *text != '\t')
		head(r, text);
	else if (line->code == BIRD_ROUTE && r->any)
		via(&r->now, text + 1);
	else if (line->code == BIRD_ATTRIBUTE && r->any && !strncmp(text, "\t\t", 2) && r->list)
		list_add(r->list, text);
	else if (line->code == BIRD_ATTRIBUTE && r->any && *text == '\t')
		attribute(r, text + 1);
	return !r->stopped;
}
