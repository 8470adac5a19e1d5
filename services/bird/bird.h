/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * BIRD 2: checked, run, reconfigured and asked. What is in its configuration is somebody else's;
 * it has these lines for what is done here:
 *
 *	timeformat protocol iso long;	timeformat route iso long;	(protocols.h, routes.h)
 *
 * It outlives us, and one that died comes back by graceful restart (RFC 4724).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ask.h"
#include "protocols.h"

struct bird;
struct fer_state;

struct bird_events {
	/* All that `show protocols all` says, every few seconds: a call for each, then one with
	 * NULL. */
	void (*protocol)(void *arg, const struct bird_protocol *protocol);
	/* It is about to start: the last moment for bird_rewrite(). */
	void (*starting)(void *arg);
	/* A line of its log. */
	void (*line)(void *arg, const char *line);
	void *arg;
};

enum { BIRD_VERSION_OLDEST = 2000011 }; /* 2.0.11: RFC 9234 */

bool bird_available(void);

/* role: whose log it writes. Makes its folder; NULL where it cannot be made. */
struct bird *bird_new(const char *run_dir, const char *role, const struct bird_events *events);

/* The supervisor ends: the daemon goes on. */
void bird_free(struct bird *bird);

/*
 * Asks BIRD for its version, writes the text that `render` makes for it beside the one in force,
 * and has BIRD read it. render: a new text, or NULL with what is wrong in `why`. done: code 0, or
 * what is wrong, as "LINE:COLUMN message". 0, or a negative errno where neither is called.
 */
struct bird_render {
	char *(*render)(void *arg, char *why, size_t size);
	void (*done)(void *arg, int code, const char *output);
	void *arg;
};
int bird_check(struct bird *bird, const struct bird_render *render);

/* 2.0.12 is 2000012; 0 before the first check, and where the program was replaced since. */
unsigned bird_version_number(const struct bird *bird);
void bird_check_cancel(struct bird *bird);

/* Another text for the checked one, that differs in what was said by commands meanwhile. */
void bird_stage(struct bird *bird, const char *text);

/*
 * The checked one into force, by `configure` where it runs and the file is another one: BIRD leaves
 * alone what is the same. memory: octets that it should not go beyond; the kernel ends it at a
 * quarter more.
 */
void bird_commit(struct bird *bird, uint64_t memory);

/*
 * What it reads at its next start, which says no more than it was told by commands: nothing that
 * is not checked.
 */
void bird_rewrite(struct bird *bird, const char *text);
const char *bird_config_path(const struct bird *bird);
void bird_stop(struct bird *bird);

/* Asks for all protocols now, and not a few seconds later. */
void bird_poll(struct bird *bird);

/* The one that runs has refused its configuration, which its next start would take. */
bool bird_refused(const struct bird *bird);

bool bird_serves(const struct bird *bird);
struct bird_asker *bird_asker(const struct bird *bird);
/* For what takes long: nothing else waits behind it. */
struct bird_asker *bird_scanner(const struct bird *bird);

/* What it says of itself, every other second; "" before it was first heard. */
struct bird_status {
	char version[24]; /* 2.0.12 */
	char server_time[32], started[32], configured[32];
	char message[96]; /* Daemon is up and running */
};
const struct bird_status *bird_status(const struct bird *bird);

/* "2.0.12", or "" while it was not heard. */
const char *bird_version(const struct bird *bird);

/* Octets that it has, resident; 0 where it does not run. */
uint64_t bird_resident(const struct bird *bird);

void bird_show(const struct bird *bird, struct fer_state *state);
