/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests to chronyd and its replies: version 6 of its command protocol, as chrony 4.3 has it
 * (candm.h is its only document). All numbers are big-endian. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	CHRONY_PACKET_MAX = 1024, /* octets; the longest request or reply is shorter */

	CHRONY_BURST = 3,
	CHRONY_N_SOURCES = 14,
	CHRONY_SOURCE_DATA = 15,
	CHRONY_ALLOW = 17,
	CHRONY_DENY = 19,
	CHRONY_TRACKING = 33,
	CHRONY_SERVER_STATS = 54,
	CHRONY_LOCAL = 56,
	CHRONY_SOURCE_NAME = 65,
	CHRONY_AUTH_DATA = 67,
	CHRONY_CLIENTS = 68,

	CHRONY_CLIENTS_A_REPLY = 8,
};

struct chrony_address {
	uint8_t octets[16];
	int family; /* 0, 4, 6; 0x10: a reference id in the first four octets */
};

struct chrony_tracking {
	char reference[64]; /* address or id of the source; "" for none */
	bool local;	    /* the island's own */
	bool synchronised;
	unsigned stratum;
	double offset;			    /* s, of the system's clock; positive: it is slow */
	double rms_offset;		    /* s */
	double frequency;		    /* ppm */
	double skew;			    /* ppm */
	double root_delay, root_dispersion; /* s */
};

struct chrony_source {
	struct chrony_address address;
	char text[64]; /* of the address */
	char name[64]; /* as configured; "" where it was not asked */
	unsigned stratum;
	unsigned reach; /* the last eight polls, a bit each */
	int poll;	/* log2 s */
	const char *state;
	bool selected;
	bool nts;
	double offset, error; /* s */
	uint32_t age;	      /* s */
};

struct chrony_client {
	char address[64];
	uint32_t requests, dropped;
	uint32_t age; /* s; ~0: never */
};

/* Each builds a request in `packet` (CHRONY_PACKET_MAX octets) and gives its length. */
size_t chrony_request(uint8_t *packet, uint32_t sequence, unsigned command);
size_t chrony_request_index(uint8_t *packet, uint32_t sequence, unsigned command, uint32_t index);
size_t chrony_request_source(uint8_t *packet, uint32_t sequence, unsigned command,
			     const struct chrony_address *address);
size_t chrony_request_clients(uint8_t *packet, uint32_t sequence, uint32_t first);
/* command: CHRONY_ALLOW or CHRONY_DENY; "192.0.2.0/24". 0: not a prefix */
size_t chrony_request_subnet(uint8_t *packet, uint32_t sequence, unsigned command,
			     const char *prefix);
/* All sources are asked so many times in a row, until `good` answers came. */
size_t chrony_request_burst(uint8_t *packet, uint32_t sequence, unsigned good, unsigned total);
size_t chrony_request_local(uint8_t *packet, uint32_t sequence, bool on, unsigned stratum,
			    bool orphan);

/* 0, -EPROTO for what is no reply, -EIO for one that says no. */
int chrony_reply(const uint8_t *packet, size_t length, uint32_t *sequence, unsigned *command);

/* Each takes the reply apart; false where it is too short or another one. */
bool chrony_reply_tracking(const uint8_t *packet, size_t length, struct chrony_tracking *to);
bool chrony_reply_count(const uint8_t *packet, size_t length, uint32_t *count);
bool chrony_reply_source(const uint8_t *packet, size_t length, struct chrony_source *to);
bool chrony_reply_name(const uint8_t *packet, size_t length, struct chrony_source *to);
bool chrony_reply_auth(const uint8_t *packet, size_t length, struct chrony_source *to);
bool chrony_reply_stats(const uint8_t *packet, size_t length, uint64_t *answered,
			uint64_t *dropped);
/* The number of entries of `to`; *next: where to go on, 0 at the end. */
unsigned chrony_reply_clients(const uint8_t *packet, size_t length,
			      struct chrony_client to[CHRONY_CLIENTS_A_REPLY], uint32_t *next);
