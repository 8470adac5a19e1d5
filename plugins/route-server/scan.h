/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Looks through routes: one `show route` of BIRD's after the other, each route passed on as it
 * comes, none kept. What fails for a route is worked out by BIRD while it looks (policy.h).
 */
#pragma once

#include <stdbool.h>

#include "config.h"
#include "services/bird/routes.h"

struct route_server;
struct scan;

enum scan_kind {
	SCAN_TAKEN,   /* in the table */
	SCAN_REFUSED, /* by the policy towards its sender, with communities that say why */
	SCAN_TOWARDS, /* in the table, with communities of what keeps it from a client */
	SCAN_SENT,    /* to a client */
};

struct scan_events {
	/* False: no more are wanted. */
	bool (*found)(void *arg, enum scan_kind kind, const struct bird_route *route);
	/* 0; -ECANCELED as no more were wanted; -EIO and why. The scan is gone afterwards. */
	void (*done)(void *arg, int err, const char *message);
	void *arg;
};

/* seconds: that each question may take. */
struct scan *scan_new(struct route_server *rs, unsigned seconds, const struct scan_events *events);

/*
 * What is to be looked through. session: NULL is all of the client's. family: 0 IPv4, 1 IPv6, -1
 * both. which: "192.0.2.0/24 ", "for 192.0.2.1 " or "".
 */
void scan_table(struct scan *scan, int family, const char *which);
void scan_from(struct scan *scan, const struct rs_client *client, const struct rs_session *session,
	       int family, const char *which);
void scan_refused(struct scan *scan, const struct rs_client *client,
		  const struct rs_session *session, int family, const char *which);
void scan_sent(struct scan *scan, const struct rs_client *client, const struct rs_session *session,
	       int family, const char *which);
/* All, with what keeps them from that client; not_sent: those alone that are not sent to it. */
void scan_towards(struct scan *scan, const struct rs_client *client,
		  const struct rs_session *session, int family, const char *which, bool not_sent);

void scan_run(struct scan *scan);
/* Nothing is read from BIRD meanwhile. */
void scan_hold(struct scan *scan, bool hold);
/* `done` is not called any more. NULL is fine. */
void scan_cancel(struct scan *scan);
