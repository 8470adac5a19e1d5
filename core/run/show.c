// SPDX-License-Identifier: GPL-2.0-or-later
/* A process as an entry of the list `service` of the state. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/api/state.h"
#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "machine.h"
#include "note.h"
#include "process.h"

static uint64_t resident(pid_t pid)
{
	mem_auto char *path = mem_printf("/proc/%d/statm", pid);
	mem_auto char *text = NULL;
	unsigned long pages = 0;

	if (!file_read(path, 4096, &text, NULL))
		sscanf(text, "%*u %lu", &pages);
	return (uint64_t)pages * sysconf(_SC_PAGESIZE);
}

static char *reason(const struct fer_process *p)
{
	uint64_t now = clock_ms();

	if (!p->retry)
		return mem_strdup(p->reason);
	return mem_printf("%s; next try in %llu s", p->reason,
			  (unsigned long long)(p->retry > now ? (p->retry - now + 999) / 1000 : 0));
}

void fer_process_show(const struct fer_process *p, struct fer_state *state)
{
	mem_auto char *at = mem_printf("service[name='%s']", p->spec->name);
	mem_auto char *why = reason(p);

	fer_state_text(state, p->spec->role, "%s/role", at);
	fer_state_text(state, machine_state_name(p->state), "%s/state", at);
	fer_state_number(state, p->restarts, "%s/restarts", at);
	if (p->pid) {
		fer_state_number(state, p->pid, "%s/pid", at);
		fer_state_number(state, resident(p->pid), "%s/memory", at);
		fer_state_text(state, p->adopted ? "true" : "false", "%s/adopted", at);
	}
	if (p->served)
		fer_state_number(state, (clock_ms() - p->served) / 1000, "%s/serving", at);
	fer_state_text(state, why, "%s/reason", at);
	if (p->pid && note_program_is_gone(p->pid))
		fer_state_trouble(state, p->spec->role, p->spec->name, false,
				  "its program was replaced: it runs the one before until it "
				  "starts anew");
	if (p->state == FER_PROCESS_BACKOFF || p->state == FER_PROCESS_FAILED)
		fer_state_trouble(state, p->spec->role, p->spec->name, true, "%s: %s",
				  machine_state_name(p->state), why);
}
