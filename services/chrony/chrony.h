/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * chronyd: rendered, run and asked. It is asked over its command socket by its own protocol.
 *
 * It serves nobody until chrony_serve() says that the time is fit to be served: chrony 4.3 with
 * `local` in its file would serve 1970 from a board without a battery.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "protocol.h"

struct chrony;
struct fer_state;

enum { CHRONY_LIST_MAX = 32 };

struct chrony_list {
	const char *at[CHRONY_LIST_MAX];
	unsigned count;
};

struct chrony_config {
	struct chrony_list server, pool; /* names or addresses */
	struct chrony_list bootstrap;	 /* addresses: asked without NTS while nothing better is */
	struct chrony_list serve;	 /* prefixes */
	bool nts;
	bool orphan;
	bool rate_limit;
	bool leap_smear;
	bool control_clock;
	const char *certificate, *key; /* files of the NTS server, or NULL */
	int64_t expires;	       /* the certificate, s since 1970; for who looks at it */
	const char *trusted;	       /* file of certificates for the NTS client, or NULL */
};

/* What was heard of it last. */
struct chrony_report {
	bool fresh; /* heard since it runs */
	struct chrony_tracking tracking;
	struct chrony_source source[CHRONY_LIST_MAX];
	unsigned sources;
	struct chrony_client client[64];
	unsigned clients;
	uint64_t answered, dropped;
};

struct chrony_events {
	/* `tracking` of the report is new. */
	void (*heard)(void *arg);
	void *arg;
};

bool chrony_available(void);

/* Makes its folders. NULL where they cannot be made. */
struct chrony *chrony_new(const char *run_dir, const char *state_dir,
			  const struct chrony_events *events);

/* The supervisor ends: the daemon goes on. */
void chrony_free(struct chrony *chrony);

/*
 * Renders a configuration beside the one in force and runs chronyd's own check on it. done: code 0,
 * or what is wrong. 0, or a negative errno where `done` is not called.
 */
int chrony_check(struct chrony *chrony, const struct chrony_config *config,
		 void (*done)(void *arg, int code, const char *output), void *arg);
void chrony_check_cancel(struct chrony *chrony);

/* The checked one into force: a daemon that runs so already is left alone. */
void chrony_commit(struct chrony *chrony);
void chrony_stop(struct chrony *chrony);

/* Serves these prefixes from now on, an island where it must; nobody with count 0. No restart. */
void chrony_serve(struct chrony *chrony, const struct chrony_list *prefixes, bool orphan);

const struct chrony_report *chrony_report(const struct chrony *chrony);
void chrony_show(const struct chrony *chrony, struct fer_state *state);
