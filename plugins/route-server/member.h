/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One client of what is imported, as it is written. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "foreign.h"

enum { ADDRESSES = 4, DESCRIPTION = 64 /* characters */ };

struct member {
	char asn[PATH], description[PATH], sets[4 * PATH], limit[2][PATH];
	char address[ADDRESSES][PATH];
	unsigned addresses, number;
	bool passive, gtsm, receive, receive_said;
	char action[16]; /* of max-prefix; "": that of all */
	char more[4096]; /* ", next-hop: strict" and the like */
};

/* Which of its AS's sessions this is, for its name. */
struct counted {
	void *root; /* of tsearch(3) */
};

unsigned number_of(struct counted *counted, const char *asn);
void counted_clear(struct counted *counted);
void set_add(struct member *member, const char *text);
void address_add(struct member *member, const char *text);
void member_write(const struct member *member, FILE *file);
