// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy.h"

unsigned policy_delay(struct policy *policy, unsigned long ran_ms, unsigned random)
{
	unsigned delay = BACKOFF_FIRST;

	if (ran_ms >= STABLE_AFTER)
		policy->failures = 0;
	for (unsigned i = 0; i < policy->failures && delay < BACKOFF_MAX; i++)
		delay *= 2;
	if (delay > BACKOFF_MAX)
		delay = BACKOFF_MAX;
	if (policy->failures < 32)
		policy->failures++;
	/* jitter of a quarter: a site that comes up starts all at once, but not in step for ever */
	return delay - delay / 8 + random % (delay / 4 + 1);
}
