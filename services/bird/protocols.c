// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocols.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The next word of a text. */
static const char *word(const char *at, char *to, size_t size)
{
	size_t length;

	at += strspn(at, " \t");
	length = strcspn(at, " \t");
	if (to)
		snprintf(to, size, "%.*s", (int)(length < size ? length : size - 1), at);
	return at + length;
}

static void rest(const char *at, char *to, size_t size)
{
	size_t length;

	at += strspn(at, " \t");
	length = strlen(at);
	while (length && (at[length - 1] == ' ' || at[length - 1] == '\t'))
		length--;
	snprintf(to, size, "%.*s", (int)(length < size ? length : size - 1), at);
}

void bird_protocols_end(struct bird_protocols *p)
{
	if (p->any)
		p->found(p->arg, &p->now);
	p->any = false;
}

/* Name, Proto, Table, State, Since, Info; Since is a date and a time (timeformat iso long). */
static void head(struct bird_protocols *p, const char *text)
{
	char date[16], clock[16];

	bird_protocols_end(p);
	memset(&p->now, 0, sizeof(p->now));
	p->any = true;
	text = word(text, p->now.name, sizeof(p->now.name));
	text = word(text, p->now.type, sizeof(p->now.type));
	text = word(text, NULL, 0);
	text = word(text, p->now.state, sizeof(p->now.state));
	text = word(text, date, sizeof(date));
	text = word(text, clock, sizeof(clock));
	snprintf(p->now.since, sizeof(p->now.since), "%.10s %.8s", date, clock);
	rest(text, p->now.info, sizeof(p->now.info));
}

static void channel_begin(struct bird_protocol *now, const char *name)
{
	if (now->channels < BIRD_CHANNELS)
		rest(name, now->channel[now->channels++].name, sizeof(now->channel->name));
}

/* "2 imported, 1 filtered, 3 exported, 2 preferred" */
static void count(struct bird_channel *channel, const char *text)
{
	while (*text) {
		char what[16];
		uint32_t number = strtoul(text, (char **)&text, 10);

		text = word(text, what, sizeof(what));
		if (!strncmp(what, "imported", 8))
			channel->imported = number;
		else if (!strncmp(what, "filtered", 8))
			channel->filtered = number;
		else if (!strncmp(what, "exported", 8))
			channel->exported = number;
		else if (!strncmp(what, "preferred", 9))
			channel->preferred = number;
		else
			return;
	}
}

static void channel_line(struct bird_channel *channel, const char *key, const char *value)
{
	if (!strcmp(key, "State"))
		rest(value, channel->state, sizeof(channel->state));
	else if (!strcmp(key, "Routes"))
		count(channel, value);
	else if (!strcmp(key, "Import updates"))
		channel->updates = strtoull(value, NULL, 10);
	else if (!strcmp(key, "Receive limit")) {
		channel->limit = strtoul(value, NULL, 10);
		channel->limited = strstr(value, "[HIT]");
	}
}

static void protocol_line(struct bird_protocol *now, const char *key, const char *value)
{
	if (!strcmp(key, "Description"))
		rest(value, now->description, sizeof(now->description));
	else if (!strcmp(key, "BGP state"))
		rest(value, now->session, sizeof(now->session));
	else if (!strcmp(key, "Neighbor address"))
		rest(value, now->neighbor, sizeof(now->neighbor));
	else if (!strcmp(key, "Neighbor AS"))
		now->asn = strtoul(value, NULL, 10);
	else if (!strcmp(key, "Restart timer")) {
		now->stale = true;
		now->stale_left = strtoul(value, NULL, 10);
	} else if (!strcmp(key, "Last error"))
		rest(value, now->error, sizeof(now->error));
}

static void detail(struct bird_protocol *now, const char *text)
{
	const char *colon;
	char key[32];

	text += strspn(text, " \t");
	if (!strncmp(text, "Channel ", 8)) {
		channel_begin(now, text + 8);
		return;
	}
	colon = strchr(text, ':');
	if (!colon || (size_t)(colon - text) >= sizeof(key))
		return;
	snprintf(key, sizeof(key), "%.*s", (int)(colon - text), text);
	protocol_line(now, key, colon + 1);
	if (now->channels)
		channel_line(&now->channel[now->channels - 1], key, colon + 1);
}

void bird_protocols_line(struct bird_protocols *p, const struct bird_line *line)
{
	if (line->code == BIRD_PROTOCOL)
		head(p, line->text);
	else if (line->code == BIRD_PROTOCOL_DETAIL && p->any)
		detail(&p->now, line->text);
}
