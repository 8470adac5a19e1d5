/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a commit leaves on disk: the configuration file, the history, and the deadline of a commit
 * that waits for its confirmation. Each file is written whole or not at all; the order of writes
 * makes every moment of a power cut one that the next start understands.
 *
 *	CONFIG				what runs, and what the next start takes
 *	STATE/history/N.yaml		what commit N made of it, with who and when in comments
 *	STATE/pending			number, deadline and boot of a commit to be confirmed
 *	STATE/observed			the state before that commit
 *	STATE/candidate.yaml		edits that are not committed yet
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

enum { HISTORY_KEPT = 21 }; /* the running configuration and 20 to go back to */

struct store {
	char *config;
	char *state_dir;
};

struct store_entry {
	unsigned number;
	time_t time;
	char user[64];
	char comment[256];
};

struct store_pending {
	unsigned number;   /* of the commit to be confirmed */
	unsigned previous; /* of the one that comes back */
	uint64_t deadline; /* s, CLOCK_BOOTTIME */
	char boot[64];	   /* /proc/sys/kernel/random/boot_id */
};

/* Makes the folders. 0 or a negative errno. */
int store_open(struct store *store, const char *config, const char *state_dir);
void store_close(struct store *store);

/*
 * A commit: deadline (where pending is given), then history, then configuration. On an error
 * what was written before is taken back.
 */
int store_commit(const struct store *store, const struct store_entry *entry, const char *yaml,
		 const struct store_pending *pending, const char **where);

/* Only the history: of a configuration that came in force by other ways. */
int store_history_add(const struct store *store, const struct store_entry *entry, const char *yaml);

/* The text of a commit, with its comment lines. */
int store_read(const struct store *store, unsigned number, char **yaml);

/* Behind the comment lines of such a text. */
const char *store_text(const char *text);

/* Newest first; how many, at most `room`. */
unsigned store_history(const struct store *store, struct store_entry *entries, unsigned room);
unsigned store_newest(const struct store *store);

/* The number of the next commit. An error where the history cannot be read: never overwrite it. */
int store_next(const struct store *store, unsigned *number);

/* 0, -ENOENT where none is pending, -EINVAL where it cannot be understood. */
int store_pending_read(const struct store *store, struct store_pending *pending);
int store_pending_write(const struct store *store, const struct store_pending *pending);
int store_pending_remove(const struct store *store);

/* The state before a commit that waits to be confirmed, to compare with after a roll-back. */
int store_observed_write(const struct store *store, const char *text);
int store_observed_read(const struct store *store, char **text);

/* NULL removes it. */
int store_candidate_write(const struct store *store, const char *yaml);
int store_candidate_read(const struct store *store, char **yaml);

/* Seconds until the deadline: 0 where it has passed, or the machine was booted since. */
uint64_t store_pending_left(const struct store_pending *pending);

/* A deadline from now on. 0, or an error where this boot cannot be told from the next. */
int store_pending_make(struct store_pending *pending, unsigned number, unsigned previous,
		       unsigned seconds);
