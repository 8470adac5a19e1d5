/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `irr/source: bgpq4`: what is registered for the clients is fetched, a file for each as-set, and
 * put together into one as somebody else would write it (registry.h reads it, and holds back what
 * shrinks). A set that is not answered for keeps what it had.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct fetch;
struct fer_plan;
struct route_server;
struct rs_config;

/* run_dir: of the folder that bgpq4 writes to. */
struct fetch *fetch_new(struct route_server *rs, const char *run_dir);
void fetch_free(struct fetch *fetch);

bool fetch_is_on(const struct rs_config *config);

/* The file that it writes. */
void fetch_path(const char *folder, char path[512]);

/*
 * Those that were never fetched, before a commit; plan: told of how far it is. done: 0, or a
 * negative errno and which one is not there, in words. False where nothing is missing: `done` is
 * not called then.
 */
bool fetch_missing(struct fetch *fetch, const struct rs_config *config, struct fer_plan *plan,
		   void (*done)(void *arg, int err, const char *why), void *arg);
void fetch_cancel(struct fetch *fetch);

/* That plan came to nothing: on with what is in force. */
void fetch_resume(struct fetch *fetch);

/* Writes the file for the clients of a configuration. */
void fetch_use(struct fetch *fetch, const struct rs_config *config);

/* All of them from now on, every few hours; the configuration in force says which. */
void fetch_regularly(struct fetch *fetch);

/* Now, and not in a few hours. */
void fetch_now(struct fetch *fetch);

/* What went wrong the last time; "" if nothing did. */
const char *fetch_trouble(const struct fetch *fetch);
