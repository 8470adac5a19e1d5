/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lighttpd for files: it answers HEAD with a length, which firmware asks for before it loads, and
 * tells of each request how much of the file went out.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct fer_state;
struct lighttpd;

struct lighttpd_config {
	const char *interface;
	unsigned port;
	const char *root; /* folder of the files */
};

struct lighttpd_events {
	/* A request was answered. query: behind '?', or "". */
	void (*served)(void *arg, const char *address, const char *method, const char *path,
		       const char *query, unsigned status, uint64_t bytes);
	void *arg;
};

bool lighttpd_available(void);
struct lighttpd *lighttpd_new(const char *run_dir, const struct lighttpd_events *events);
void lighttpd_free(struct lighttpd *lighttpd);

/* Runs it so; one that runs so already is left alone. */
void lighttpd_apply(struct lighttpd *lighttpd, const struct lighttpd_config *config);
void lighttpd_stop(struct lighttpd *lighttpd);
void lighttpd_show(const struct lighttpd *lighttpd, struct fer_state *state);
