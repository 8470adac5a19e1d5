/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who ERSPAN sessions send to: whether each collector can be reached, by which port, and by which
 * MAC address. Looked at each second; the engine is told what changes, and sends nothing meanwhile.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/engine/backend.h"

struct collectors;
struct engine;
struct fer_model;
struct fer_problems;
struct rule_set;

/* What is shown of one. */
struct collector {
	bool reachable;
	char reason[128]; /* why not */
	enum engine_port port;
	uint8_t source[16];   /* network byte order; IPv4: the first four */
	uint8_t next_hop[16]; /* the same */
	uint8_t mac[6];	      /* of the next hop */
	uint8_t family;	      /* 4, 6 */
	uint32_t mtu;	      /* octets */
};

struct collectors *collectors_new(void);
void collectors_free(struct collectors *collectors);

/* The sessions in force, in the order of the rule set; interface is that of the host link. */
void collectors_set(struct collectors *collectors, struct engine *engine,
		    const struct backend_ports *ports, const char *interface,
		    const struct rule_set *rules);

/* Before a commit: what becomes another session has no way until it is looked for anew. */
void collectors_leave(struct collectors *collectors, const struct rule_set *rules);

/* Session number `index` of the rule set, or NULL. */
const struct collector *collectors_get(const struct collectors *collectors, unsigned index);

/* The name of that session, where filters mirror to it and nobody can be sent to; or NULL. */
const char *collectors_missed(const struct collectors *collectors, unsigned index,
			      const char **why);

/* Those that no route leads to; `erspan` is the first entry of the list. */
void collectors_check(const struct fer_model *erspan, const struct rule_set *rules,
		      struct fer_problems *problems);
