// SPDX-License-Identifier: GPL-2.0-or-later
#include "resolve.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/api/file.h"
#include "core/api/log.h"
#include "core/api/task.h"

enum { DEADLINE_MS = 8000 };

struct resolve {
	char host[256], port[8], kept[300];
	char endpoint[RESOLVE_MAX][80];
	unsigned count, at;
	char current[80], saved[80];
	struct fer_task *task;
	void (*done)(void *arg);
	void *arg;
	bool failing;
};

struct resolve *resolve_new(const char *host, const char *port, const char *kept)
{
	struct resolve *r = calloc(1, sizeof(*r));
	char *text, name[256], number[8], endpoint[80];

	if (!r)
		abort();
	snprintf(r->host, sizeof(r->host), "%s", host);
	snprintf(r->port, sizeof(r->port), "%s", port);
	snprintf(r->kept, sizeof(r->kept), "%s", kept);
	if (fer_file_read(kept, 512, &text, NULL))
		return r;
	/* "NAME PORT ENDPOINT": what was kept for another name says nothing */
	if (sscanf(text, "%255s %7s %79s", name, number, endpoint) == 3 &&
	    resolve_is(r, name, number)) {
		memcpy(r->current, endpoint, sizeof(r->current));
		memcpy(r->saved, endpoint, sizeof(r->saved));
	}
	free(text);
	return r;
}

bool resolve_is(const struct resolve *r, const char *host, const char *port)
{
	return !strcmp(r->host, host) && !strcmp(r->port, port);
}

void resolve_free(struct resolve *r)
{
	if (!r)
		return;
	fer_task_cancel(r->task);
	free(r);
}

const char *resolve_endpoint(const struct resolve *r)
{
	return r->current;
}

static void add(struct resolve *r, const char *address)
{
	unsigned char octets[16];
	bool six = strchr(address, ':');
	char text[80];

	if (r->count == RESOLVE_MAX || inet_pton(six ? AF_INET6 : AF_INET, address, octets) != 1)
		return;
	snprintf(text, sizeof(text), six ? "[%.45s]:%s" : "%.45s:%s", address, r->port);
	for (unsigned i = 0; i < r->count; i++)
		if (!strcmp(r->endpoint[i], text))
			return;
	memcpy(r->endpoint[r->count++], text, sizeof(text));
}

void resolve_next(struct resolve *r)
{
	unsigned next = 0;

	for (unsigned i = 0; i < r->count; i++)
		if (!strcmp(r->endpoint[i], r->current))
			next = (i + 1) % r->count;
	if (r->count)
		memcpy(r->current, r->endpoint[next], sizeof(r->current));
}

/* "192.0.2.9       STREAM hub.example.net" */
static void resolved(void *arg, int code, const char *output)
{
	struct resolve *r = arg;
	char address[64];
	int length;

	r->task = NULL;
	if (code && !r->failing)
		fer_log_warn("oob: %s does not resolve; going on with %s", r->host,
			     *r->current ? r->current : "nothing");
	r->failing = code;
	if (!code)
		r->count = 0;
	for (; !code && sscanf(output, "%63s%*[^\n]%n", address, &length) == 1;
	     output += length + 1) {
		add(r, address);
		if (!output[length])
			break;
	}
	r->done(r->arg);
}

void resolve_ask(struct resolve *r, void (*done)(void *arg), void *arg)
{
	char *argv[] = {(char *)"/usr/bin/getent", (char *)"ahosts", r->host, NULL};
	const struct fer_task_spec task = {
		.name = "getent",
		.argv = argv,
		.user = "nobody",
		.deadline = DEADLINE_MS,
		.done = resolved,
		.arg = r,
	};

	r->done = done;
	r->arg = arg;
	if (!r->task)
		r->task = fer_task_start(&task);
}

bool resolve_leads_to(const struct resolve *r, const char *endpoint)
{
	bool leads = !strcmp(endpoint, r->current);

	for (unsigned i = 0; i < r->count; i++)
		leads = leads || !strcmp(endpoint, r->endpoint[i]);
	return leads;
}

void resolve_worked(struct resolve *r, const char *endpoint)
{
	char text[360];

	if (!*endpoint || !resolve_leads_to(r, endpoint) || !strcmp(endpoint, r->saved))
		return;
	snprintf(text, sizeof(text), "%s %s %s\n", r->host, r->port, endpoint);
	if (!fer_file_write(r->kept, text, strlen(text), 0644, NULL))
		snprintf(r->saved, sizeof(r->saved), "%s", endpoint);
}
