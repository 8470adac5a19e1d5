// SPDX-License-Identifier: GPL-2.0-or-later
#include "slots.h"

#include <stdbool.h>
#include <string.h>

static uint32_t find(const struct named_slots *slots, const char *name, uint32_t otherwise)
{
	for (unsigned i = 0; i < slots->count; i++)
		if (!strcmp(slots->name[i], name))
			return slots->slot[i];
	return otherwise;
}

void slots_give(struct named_slots *slots, const struct named_slots *old, uint32_t limit,
		void (*fresh)(void *arg, uint32_t slot), void *arg)
{
	bool used[2 * SESSIONS_MAX] = {false};
	uint32_t next = 0;

	for (unsigned i = 0; i < old->count; i++)
		used[old->slot[i]] = true;
	for (unsigned i = 0; i < slots->count; i++) {
		slots->slot[i] = find(old, slots->name[i], limit);
		if (slots->slot[i] != limit)
			continue;
		while (used[next])
			next++;
		used[next] = true;
		slots->slot[i] = next;
		fresh(arg, next);
	}
}
