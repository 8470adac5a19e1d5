/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How much is to be shed of what the machine does: pure. Above a bound for a while: one step more,
 * and then another one; well below all of them for longer: one step less.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct governor_limits {
	unsigned temperature; /* degrees Celsius, 0: none */
	unsigned cpu;	      /* percent, 0: none */
	unsigned hold;	      /* s above a bound, and between two steps */
	unsigned back;	      /* s below before one step is taken back */
	unsigned steps;	      /* how many there are */
};

enum {
	GOVERNOR_COOLER = 5, /* degrees below its bound count as well below */
	GOVERNOR_IDLER = 10, /* percent */
};

struct governor {
	unsigned step;	/* so many are shed */
	uint64_t above; /* s, since when; 0: it is not */
	uint64_t below; /* s, since when */
	bool measured;	/* a temperature was known at the last step */
};

/* temperature: -1 where nothing measures it. Whether step has changed. */
bool governor_look(struct governor *g, const struct governor_limits *limits, uint64_t now,
		   double temperature, double cpu);
