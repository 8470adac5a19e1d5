/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `show route all` of BIRD 2.0, line by line. Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "reply.h"

enum { BIRD_COMMUNITIES_MAX = 2048 };

struct bird_route {
	char prefix[64];
	char from[72]; /* protocol */
	char since[32];
	bool primary;
	char gateway[64];
	char origin[12];
	char as_path[520]; /* BIRD ends one of over 500 octets in "..." */
	char next_hop[96];
	uint32_t local_pref, med, otc;
	bool has_med;
	char community[BIRD_COMMUNITIES_MAX]; /* "(64500,1)", as BIRD prints them; "..." where it
						 ends early */
	char large[BIRD_COMMUNITIES_MAX];
	char extended[BIRD_COMMUNITIES_MAX];
	unsigned unknown; /* number of an attribute that BIRD does not know; 0: none has come */
};

struct bird_routes {
	struct bird_route now;
	bool any;
	char *list;	  /* of `now`, that the next line may go on with */
	char network[64]; /* of the lines that name none */
	/* False: no more are wanted. */
	bool (*found)(void *arg, const struct bird_route *route);
	void *arg;
	bool stopped;
};

/* A line of the answer; false when no more are wanted. */
bool bird_routes_line(struct bird_routes *r, const struct bird_line *line);
void bird_routes_end(struct bird_routes *r);
