// SPDX-License-Identifier: GPL-2.0-or-later
#include "governor.h"

static bool is_above(const struct governor_limits *l, double temperature, double cpu)
{
	return (l->temperature && temperature > l->temperature) || (l->cpu && cpu > l->cpu);
}

static bool is_below(const struct governor_limits *l, double temperature, double cpu)
{
	return (!l->temperature || temperature <= (double)l->temperature - GOVERNOR_COOLER) &&
	       (!l->cpu || cpu <= (double)l->cpu - GOVERNOR_IDLER);
}

/* since: when it began to be so. Whether it has been for so long; then it begins anew. */
static bool lasts(uint64_t *since, bool is, uint64_t now, unsigned seconds)
{
	if (!is) {
		*since = 0;
		return false;
	}
	if (!*since)
		*since = now;
	if (now - *since < seconds)
		return false;
	*since = now;
	return true;
}

bool governor_look(struct governor *g, const struct governor_limits *l, uint64_t now,
		   double temperature, double cpu)
{
	unsigned before = g->step;

	/* what was hot, and is not measured any more, is not cool */
	if (g->step && g->measured && temperature < 0)
		return false;
	if (lasts(&g->above, is_above(l, temperature, cpu), now, l->hold) && g->step < l->steps)
		g->step++;
	if (lasts(&g->below, is_below(l, temperature, cpu), now, l->back) && g->step)
		g->step--;
	if (g->step > l->steps) /* there are fewer now */
		g->step = l->steps;
	if (g->step != before)
		g->measured = temperature >= 0;
	return g->step != before;
}
