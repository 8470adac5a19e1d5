/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The role's part of a configuration: checked, and with each client's policy worked out. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "services/netdev/prefix.h"

struct fer_config;
struct fer_model;
struct fer_problems;
struct irr;
struct irr_set;

enum { RS_ADDRESSES = 4, RS_HOPS = 16, RS_ASNS = 256, RS_COMMUNITIES = 8, RS_CACHES = 4 };
enum rs_hop { RS_HOP_STRICT, RS_HOP_SAME_AS, RS_HOP_LISTED };
enum rs_limit { RS_LIMIT_RESTART, RS_LIMIT_SHUTDOWN, RS_LIMIT_BLOCK, RS_LIMIT_WARN };

/* By family, where a member has two: [0] IPv4, [1] IPv6. */
struct rs_policy {
	enum rs_hop hop;
	const char *listed[RS_HOPS];
	unsigned listeds;
	unsigned shortest[2], longest[2];
	bool bogons, transit_free, rpki, aspa, irr_origin, irr_prefix, more_specifics;
	unsigned path_length;
	const struct fer_model *transit_free_asn; /* leaf-lists, or NULL */
	const struct fer_model *never_via;
	/* of all clients, and its own beside */
	const struct fer_model *deny[2], *also_prefix[2], *also_origin[2];
	bool roa_objects; /* a ROA stands in for a route object */
	uint32_t limit[2];
	enum rs_limit limit_action;
	unsigned limit_wait; /* minutes */
	const char *blackhole_hop[2];
	const struct fer_model *blackhole; /* leaf-list of communities, or NULL */
	bool blackhole_rpki, blackhole_receive;
	bool control, graceful_shutdown, roles, mitigate, add_path;
	bool extended_next_hop; /* of the client: it takes IPv6 next hops of IPv4 routes */
};

struct rs_session {
	char address[48];
	char name[56]; /* of BIRD's protocol */
	int family;    /* AF_INET, AF_INET6: of the transport */
	bool down;     /* by a command or by max-prefix, and to be left so */
};

struct rs_client {
	const struct fer_model *at;
	const char *name, *description, *shutdown; /* shutdown: NULL where it is up */
	uint32_t asn;
	struct rs_session session[RS_ADDRESSES];
	unsigned sessions;
	char *password; /* NULL: none */
	bool passive, gtsm;
	bool keep[2]; /* an import table */
	struct rs_policy policy;
	char function[2][4][24];   /* of its policy, see policy.h */
	const struct irr_set *set; /* NULL: nothing of it is enforced */
};

struct rs_cache {
	const char *address;
	unsigned port;
};

struct rs_config {
	bool on;
	const struct fer_config *config;
	const struct fer_model *at; /* container route-server; texts are borrowed from it */
	uint32_t asn;
	const char *router_id;
	const char *address[2]; /* or NULL */
	unsigned port;
	uint64_t memory; /* octets */
	unsigned bird;	 /* the version that it is rendered for, see newer.h */
	bool strip;	 /* attributes that BIRD does not know, where it can */
	bool aspa;	 /* some client's routes are checked by it */
	bool reject_cause;
	struct rs_cache cache[RS_CACHES];
	unsigned caches, hold;
	unsigned hold_time, stale_most; /* s, of sessions */
	bool expired_open;		/* what was kept counts for `hold` only */
	const char *kept_address;
	unsigned kept_port; /* where it is served, see kept.h; 0: it is not */
	bool kept_on;
	struct irr *irr; /* NULL: no source */
	int64_t read_at; /* the time of its file, ns since 1970 */
	char why[512];	 /* its file is not what is used */
	struct rs_client *client;
	unsigned clients;
};

/* Alone; also the files that it names; the same, with nothing in force yet. */
enum rs_full { RS_MODEL, RS_FILES, RS_FIRST };

/* 0 or a negative errno with problems. folder: of files with no path. The caller clears it in any
 * case. */
int rs_load(const struct fer_config *config, struct rs_config *to, enum rs_full full,
	    const char *folder, struct fer_problems *problems);

/* Of a model that was loaded: its files are watched, though they are read later. */
void rs_files_used(const struct rs_config *config, const char *folder);

/* Of a model that was loaded. */
int rs_load_passwords(struct rs_config *to, const char *folder, struct fer_problems *problems);

/* A file that the configuration names: from / on, or in the role's folder. */
void rs_path(const char *folder, const char *name, char path[512]);
void rs_config_clear(struct rs_config *config);

/* Octets that BIRD has when every client sends all that it may. */
uint64_t rs_estimate(const struct rs_config *config);

/* Whether a session carries that family: 0 IPv4, 1 IPv6. */
bool rs_carries(const struct rs_client *client, const struct rs_session *session, unsigned family);

/* The client and its session of that protocol; NULL where there is none. */
const struct rs_client *rs_find(const struct rs_config *config, const char *protocol,
				const struct rs_session **session);

/* The client of that name or address; NULL where there is none. */
const struct rs_client *rs_client(const struct rs_config *config, const char *name);
