/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which of two keys a peer uses while it changes from one to the other: its allowed addresses
 * belong to one of them at a time.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct twokeys {
	uint64_t shaken[2]; /* s since 1970; by the old and the next one, as heard last */
	bool next;	    /* the next one is in use */
};

/* What was heard now, 0 for no handshake. True: it is the other one from now on. */
bool twokeys_hear(struct twokeys *keys, uint64_t old, uint64_t next);
