// SPDX-License-Identifier: GPL-2.0-or-later
#include "turn.h"

#include <stddef.h>

#include "policy.h"

static struct turn *queue;
static unsigned held;

void turn_take(struct turn *turn)
{
	struct turn **at = &queue;

	if (turn->held || turn->waits)
		return;
	if (held < STARTS_AT_ONCE) {
		held++;
		turn->held = true;
		turn->granted(turn->arg);
		return;
	}
	while (*at)
		at = &(*at)->next;
	turn->next = NULL;
	turn->waits = true;
	*at = turn;
}

static void queue_leave(struct turn *turn)
{
	for (struct turn **at = &queue; *at; at = &(*at)->next) {
		if (*at != turn)
			continue;
		*at = turn->next;
		break;
	}
	turn->waits = false;
}

void turn_done(struct turn *turn)
{
	struct turn *first;

	if (turn->waits)
		queue_leave(turn);
	if (!turn->held)
		return;
	turn->held = false;
	held--;
	first = queue;
	if (!first)
		return;
	queue_leave(first);
	turn_take(first);
}
