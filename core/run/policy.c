// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy.h"

static unsigned doubled(unsigned first, unsigned times, unsigned max)
{
	while (times-- && first < max)
		first *= 2;
	return first < max ? first : max;
}

unsigned policy_delay(struct policy *policy, enum fer_exit exit, unsigned long served_ms,
		      unsigned random)
{
	unsigned delay;

	if (served_ms >= (exit == FER_EXIT_SOON ? SOON_AFTER : STABLE_AFTER))
		policy->failures = 0;
	if (exit == FER_EXIT_FAILED)
		delay = BACKOFF_FAILED;
	else
		delay = doubled(BACKOFF_FIRST, policy->failures,
				exit == FER_EXIT_SOON ? BACKOFF_SOON_MAX : BACKOFF_MAX);
	if (policy->failures < 32)
		policy->failures++;
	/* jitter of a quarter: a site that comes up starts all at once, but not in step for ever */
	return delay - delay / 8 + random % (delay / 4 + 1);
}
