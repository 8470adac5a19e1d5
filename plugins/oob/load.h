/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The role's part of a configuration: checked, and as the service wants it. */
#pragma once

#include <stdbool.h>

#include "services/wireguard/uapi.h"

struct fer_config;
struct fer_model;
struct fer_problems;

enum { OOB_HUBS = 4, OOB_UPLINKS = 4, OOB_ADDRESSES = 4 };

struct oob_hub {
	char name[40];
	char host[256]; /* name or address of its endpoint */
	char port[8];
	bool numeric;	/* host is an address */
	char probe[48]; /* who is asked through it */
	struct wireguard_peer peer;
};

struct oob_config {
	bool on;
	const struct fer_model *at; /* container oob; texts are borrowed from it */
	char base[16];		    /* "oob" of oob0 */
	unsigned first;		    /* 0 of oob0 */
	char address[OOB_ADDRESSES + 1][52];
	unsigned addresses;
	char key_file[256];
	uint8_t private_key[KEY_OCTETS]; /* zero: to be made */
	unsigned listen_port, hold;
	unsigned mtu;		/* 0: what the path takes */
	bool kernel, userspace; /* asked for; neither: what there is */
	bool table, namespace, keep_clock;
	char space[256]; /* path of the namespace; "": none. Not set by oob_load(). */
	char site[16];	 /* the host link, behind which what may be reached is */
	char uplink[OOB_UPLINKS][16];
	unsigned uplinks;
	struct oob_hub hub[OOB_HUBS];
	unsigned hubs;
	struct wireguard_peer *peer;		       /* new array; free() it */
	uint8_t next_key[WIREGUARD_PEERS][KEY_OCTETS]; /* of each peer; zero: none */
	unsigned peers, next_keys;
	bool shaper;	 /* finds out how much gets through */
	unsigned shaped; /* kbit/s, 0: see above */
};

/* Where keys are, and for whom they are read. */
struct oob_files {
	const char *folder; /* of relative names */
	struct fer_plan *plan;
};

/* 0 or -EINVAL with problems. files: also what stands in files; NULL: not. The caller clears it.
 * A hub whose secret cannot be read is still there in best effort, with one that nobody has: what
 * is behind it may be behind other hubs as well. */
int oob_load(const struct fer_config *config, struct oob_config *to, const struct oob_files *files,
	     struct fer_problems *problems);
void oob_config_clear(struct oob_config *config);

/* NAME:PORT, ADDRESS:PORT or [IPV6]:PORT */
bool oob_endpoint_good(const char *text);

/* Peers come to this module, or will. */
bool oob_is_hub(const struct oob_config *config);

/* One for each hub, and one for the peers. */
unsigned oob_tunnels(const struct oob_config *config);

/* Answers to what came through a tunnel are sent by marks, as routes alone would not tell. */
bool oob_marks_answers(const struct oob_config *config);

/* "oob1" */
void oob_interface(const struct oob_config *config, unsigned index, char name[16]);
