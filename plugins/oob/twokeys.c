// SPDX-License-Identifier: GPL-2.0-or-later
#include "twokeys.h"

/* The one with another handshake than before, as a clock that was set back makes later ones
 * earlier; of two the later one; on a tie as it was. */
static bool uses_next(const struct twokeys *keys, uint64_t old, uint64_t next)
{
	bool by_old = old && old != keys->shaken[0], by_next = next && next != keys->shaken[1];

	if (by_old != by_next)
		return by_next;
	return by_old && old != next ? next > old : keys->next;
}

bool twokeys_hear(struct twokeys *keys, uint64_t old, uint64_t next)
{
	bool use = uses_next(keys, old, next), changed = use != keys->next;

	keys->shaken[0] = old;
	keys->shaken[1] = next;
	keys->next = use;
	return changed;
}
