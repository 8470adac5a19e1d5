// SPDX-License-Identifier: GPL-2.0-or-later
#include "mtu.h"

enum {
	MISSES = 3,	/* in a row */
	AGAIN = 600000, /* ms: then a larger one is tried again, as paths change */
	STEP = 40,
};

static unsigned clamp(unsigned mtu)
{
	return mtu > MTU_MOST ? MTU_MOST : mtu < MTU_LEAST ? MTU_LEAST : mtu;
}

unsigned mtu_path(struct mtu *m, uint64_t now, unsigned path)
{
	unsigned most = path ? clamp(path > MTU_OVERHEAD ? path - MTU_OVERHEAD : 0) : MTU_MOST;

	if (m->black && now - m->lowered > AGAIN)
		m->black = 0;
	m->now = m->black && m->black < most ? m->black : most;
	return m->now;
}

bool mtu_due(const struct mtu *m, uint64_t now)
{
	return now - m->asked > (m->misses || !m->asked ? MTU_ASK / 5 : MTU_ASK);
}

void mtu_asked(struct mtu *m, uint64_t now, bool answered)
{
	bool first = !m->asked;

	m->asked = now;
	if (first || answered) {
		m->misses = 0;
		return;
	}
	if (++m->misses < MISSES || m->now <= MTU_LEAST)
		return;
	m->misses = 0;
	m->black = clamp(m->now - STEP);
	m->lowered = now;
}
