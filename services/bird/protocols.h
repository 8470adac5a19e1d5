/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `show protocols all` of BIRD 2.0, line by line. Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "reply.h"

enum { BIRD_CHANNELS = 2 };

struct bird_channel {
	char name[16]; /* ipv4, ipv6, roa4 */
	char state[16];
	uint32_t imported, filtered, exported, preferred;
	uint64_t updates; /* received */
	uint32_t limit;	  /* of what is received, 0: none */
	bool limited;	  /* it is reached, and what follows is blocked or said */
};

struct bird_protocol {
	char name[72];
	char type[16];	/* BGP, RPKI */
	char state[16]; /* up, start, down */
	char since[32];
	char info[96]; /* Established; what limit it ran into */
	char description[72];
	char session[24]; /* of BGP: Established, Active, Down */
	char neighbor[64];
	uint32_t asn;
	bool stale;	     /* its routes are kept though it is away (RFC 4724) */
	unsigned stale_left; /* s, as it asked for */
	char error[128];     /* the last one */
	struct bird_channel channel[BIRD_CHANNELS];
	unsigned channels;
};

struct bird_protocols {
	struct bird_protocol now;
	bool any;
	void (*found)(void *arg, const struct bird_protocol *protocol);
	void *arg;
};

/* A line of the answer; `found` is called for each protocol when it is complete. */
void bird_protocols_line(struct bird_protocols *p, const struct bird_line *line);

/* There is no more: the last one. */
void bird_protocols_end(struct bird_protocols *p);
