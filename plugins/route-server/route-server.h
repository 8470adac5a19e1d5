/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The role: what its parts share. */
#pragma once

#include "config.h"
#include "services/bird/bird.h"

struct fer_event;
struct fer_plan;
struct fetch;
struct kept;
struct loads;
struct memory;
struct strange;
struct tally;
struct verify;
struct watch;
struct withdrawn;

struct route_server {
	char folder[256]; /* of its own files */
	struct bird *bird;
	struct rs_config now, staged;
	struct rs_config renewed; /* with files that changed since, while BIRD reads it */
	char stale[512];	  /* why changed files are not in force; "" else */
	struct fer_event *files;
	int64_t tried; /* the time of the file that is held */
	bool first;    /* nothing is in force yet */
	struct fer_plan *plan;
	struct watch *watch;
	struct tally *tally;
	struct memory *memory;
	struct kept *kept;
	struct loads *loads;
	struct fetch *fetch;
	struct verify *verify;
	struct withdrawn *withdrawn;
	struct strange *strange;
};

/* The file that BIRD reads at its next start, with what was said by commands since. */
void rs_rewrite(struct route_server *rs);
