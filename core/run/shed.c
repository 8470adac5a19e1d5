// SPDX-License-Identifier: GPL-2.0-or-later
#include "shed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "process.h"

struct entry {
	struct fer_process *process;
	bool wanted; /* once its role is let go */
	struct entry *next;
};

enum { ROLES_MAX = 32 };

static struct entry *entries;
static char *shed[ROLES_MAX];

static int find(const char *role)
{
	for (int i = 0; role && i < ROLES_MAX; i++)
		if (shed[i] && !strcmp(shed[i], role))
			return i;
	return -1;
}

bool shed_is(const char *role)
{
	return find(role) >= 0;
}

void shed_add(struct fer_process *process)
{
	struct entry *e = mem_zalloc(sizeof(*e));

	e->process = process;
	e->next = entries;
	entries = e;
}

void shed_forget(struct fer_process *process)
{
	for (struct entry **at = &entries; *at; at = &(*at)->next) {
		struct entry *e = *at;

		if (e->process != process)
			continue;
		*at = e->next;
		free(e);
		return;
	}
}

static struct entry *entry_of(const struct fer_process *process)
{
	struct entry *e = entries;

	while (e && e->process != process)
		e = e->next;
	return e;
}

bool shed_waits(struct fer_process *process)
{
	struct entry *e = entry_of(process);

	if (!e || !shed_is(process->spec->role))
		return false;
	e->wanted = true;
	if (process->state == FER_PROCESS_STOPPED)
		snprintf(process->reason, sizeof(process->reason), "%s", shed_reason(process));
	return true;
}

const char *shed_reason(const struct fer_process *process)
{
	const struct entry *e = entry_of(process);

	return e && e->wanted ? "waits for a cooler or idler machine" : "stopped";
}

void shed_release(struct fer_process *process)
{
	struct entry *e = entry_of(process);

	if (e)
		e->wanted = false;
}

static void role_stop(const char *role)
{
	for (struct entry *e = entries; e; e = e->next) {
		if (strcmp(e->process->spec->role, role) ||
		    e->process->state == FER_PROCESS_STOPPED ||
		    (e->process->state == FER_PROCESS_STOPPING && !e->process->again))
			continue;
		fer_process_stop(e->process);
		shed_waits(e->process);
	}
}

static void role_start(const char *role)
{
	for (struct entry *e = entries; e; e = e->next) {
		if (strcmp(e->process->spec->role, role) || !e->wanted)
			continue;
		e->wanted = false;
		fer_process_start(e->process);
	}
}

void shed_role(const char *role, bool on)
{
	int at = find(role);

	if (on == (at >= 0))
		return;
	if (!on) {
		free(shed[at]);
		shed[at] = NULL;
		role_start(role);
		return;
	}
	for (at = 0; at < ROLES_MAX - 1 && shed[at]; at++)
		;
	free(shed[at]);
	shed[at] = mem_strdup(role);
	role_stop(role);
}
