/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The owner of a loan's address, as passing frames show it, and what the loan may do. Pure: it is
 * told what was seen, and says what the engine is to be told.
 *
 *	off        not in force
 *	learning   the owner is not known
 *	verified   it is known from several frames; the ports that it uses are watched
 *	active     the module answers
 *	suspended  something speaks against it; sessions that there are go on where that is safe
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/engine/backend.h"

struct rule_loan;

enum owner_state {
	OWNER_OFF,
	OWNER_LEARNING,
	OWNER_VERIFIED,
	OWNER_ACTIVE,
	OWNER_SUSPENDED,
};

enum {
	OWNER_WATCH_S = 3,    /* for ports that it uses, before a loan is active */
	OWNER_FRESH_S = 5,    /* who was seen in these speaks now */
	OWNER_SETTLE_S = 10,  /* another owner must be alone for so long */
	OWNER_AGE_S = 300,    /* not seen for so long, it is gone; as switches forget addresses */
	OWNER_PORT_S = 86400, /* a port that was used is remembered */
};

/* Who it is. */
struct owner_identity {
	uint8_t mac[6];
	enum engine_port side;
	uint8_t tags;
	uint8_t tag[4 * LOAN_TAGS];
};

struct owner {
	enum owner_state state;
	char reason[200];
	struct owner_identity known;
	bool is_known;
	bool moved; /* another one was seen with its address */
	uint8_t gateway[6];
	bool has_gateway;
	uint64_t began;	  /* s: what was seen before does not count */
	uint64_t entered; /* s: the state */
};

struct owner_view {
	uint64_t now; /* s */
	bool carrier; /* on both sides */
	const struct backend_sighting *seen;
	unsigned count;
};

/* now: s. *adopted: what the engine does already, for an earlier supervisor. */
void owner_start(struct owner *o, uint64_t now, enum engine_port side,
		 const struct backend_loan *adopted);

void owner_look(struct owner *o, const struct rule_loan *rule, const struct owner_view *view);

/* Ports are lent that were not before: they are watched first. */
void owner_watch(struct owner *o, uint64_t now);

/* What the engine is to be told. */
void owner_tell(const struct owner *o, struct backend_loan *loan);

const char *owner_state_name(enum owner_state state);

/* "02:00:00:00:00:02, VLAN 100, electrical" */
void owner_words(const struct owner_identity *identity, char *text, unsigned size);

/* A port that is lent, and that the owner was seen answering from; NULL where there is none. */
const struct backend_sighting *owner_uses(const struct rule_loan *rule,
					  const struct backend_sighting *seen, unsigned count);
