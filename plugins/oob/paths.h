/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How the tunnel gets out and what goes into it: routing tables and rules of its own, that a
 * default route gone wrong does not touch.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct fer_state;
struct oob_config;
struct paths;

enum {
	PATHS_MARK = 0x0b0b0b,	 /* of what the tunnel sends */
	PATHS_TABLE_OUT = 51900, /* for that */
	PATHS_TABLE_IN = 51901,	 /* for what goes into the tunnel */
	PATHS_REPLY = 0x0b0b10,	 /* of answers to what came through tunnel 0, and so on */
	PATHS_TABLE_REPLY = 51910,
	PATHS_RULES = 5200, /* priorities, to PATHS_RULES_LAST */
	PATHS_RULES_LAST = 5299,
};

/* Gateways are remembered in the folder. */
struct paths *paths_new(const char *folder);
void paths_free(struct paths *paths);

/* Looks at the uplinks; true where something is another than before. */
bool paths_look(struct paths *paths, const struct oob_config *config);
bool paths_usable(const struct paths *paths, unsigned uplink);

/* Puts tables and rules right for this uplink and hub. */
void paths_apply(struct paths *paths, const struct oob_config *config, unsigned uplink,
		 unsigned hub);
void paths_clear(void);
void paths_show(const struct paths *paths, const struct oob_config *config, unsigned active,
		struct fer_state *state);
