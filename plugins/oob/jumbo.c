// SPDX-License-Identifier: GPL-2.0-or-later
#include "jumbo.h"

enum {
	SOON = 250,	 /* ms between questions that are not answered yet */
	ASK = 10000,	 /* and between those that are */
	MISSES = 4,	 /* in a row */
	AGAIN = 3600000, /* ms after that: paths change, but what begins meanwhile may hang */
};

bool jumbo_due(const struct jumbo *j, uint64_t now)
{
	if (!j->on)
		return !j->refused || now - j->refused > AGAIN;
	return now - j->asked > (j->proven && !j->misses ? ASK : SOON);
}

bool jumbo_asked(struct jumbo *j, uint64_t now, bool answered)
{
	bool first = !j->on;

	j->asked = now;
	j->on = true;
	if (first || answered) {
		j->proven = answered && !first;
		j->misses = 0;
		return first;
	}
	if (++j->misses < MISSES)
		return false;
	j->on = j->proven = false;
	j->refused = now;
	return true;
}
