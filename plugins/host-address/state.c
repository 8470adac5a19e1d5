// SPDX-License-Identifier: GPL-2.0-or-later
#include "state.h"

#include <stdio.h>
#include <string.h>

#include "core/api/state.h"

void conflicts_add(struct conflicts *conflicts, const char *address)
{
	for (unsigned i = 0; i < conflicts->count; i++)
		if (!strcmp(conflicts->address[i], address))
			return;
	if (conflicts->count == CONFLICTS_MAX)
		return;
	snprintf(conflicts->address[conflicts->count++], sizeof(conflicts->address[0]), "%s",
		 address);
}

void conflicts_state(const struct conflicts *conflicts, struct fer_state *state)
{
	for (unsigned i = 0; i < conflicts->count; i++) {
		fer_state_text(state, conflicts->address[i],
			       "host-link/ferrule-host-address:conflict");
		fer_state_trouble(state, "host-link", conflicts->address[i], true,
				  "somebody else has it: it is not taken");
	}
}
