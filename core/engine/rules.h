/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rule set as the configuration states it, before it is compiled. Pure: no kernel, no model.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "image.h"

/* Inclusive. Values of fields with a "none" (no tag at all) use VLAN_NONE. */
struct rule_range {
	uint32_t low;
	uint32_t high;
};

enum {
	VLAN_NONE = VLAN_VALUES, /* one past the last VLAN identifier: untagged */
};

struct rule_ranges {
	struct rule_range *at;
	unsigned count; /* 0: any value */
};

/* host bits are zero */
struct rule_prefix {
	uint8_t family; /* 4 or 6 */
	uint8_t length;
	uint8_t address[16]; /* network byte order */
};

struct rule_prefixes {
	struct rule_prefix *at;
	unsigned count; /* 0: any */
};

struct rule_match {
	struct rule_ranges vlan;
	struct rule_ranges inner_vlan;
	struct rule_ranges ether_type;
	struct rule_ranges protocol;
	struct rule_ranges source_port;
	struct rule_ranges destination_port;
	struct rule_ranges dscp;
	struct rule_ranges length; /* octets, without FCS */
	struct rule_prefixes source;
	struct rule_prefixes destination;
	uint8_t tcp_set;   /* flags that must be set */
	uint8_t tcp_clear; /* and clear; both 0: any, also without TCP */
	bool reverse;
};

struct rule {
	char name[FILTER_NAME_SIZE];
	uint8_t from; /* bit mask of enum engine_port */
	struct rule_match match;
	bool copy;
	uint32_t sample; /* one in N, 0 and 1: all */
	uint16_t mirror; /* bit: the session of that number in the set */
	uint8_t capture; /* bit: the capture of that number in the set */
	enum image_verdict verdict;
	bool fail_open;
	uint16_t to_port; /* of a local service that answers what is diverted; 0: none does */
	bool answer_arp;  /* for the addresses of its destinations */
	uint32_t slot;	  /* the engine's number of it, once it is planned; stays with its name */
};

/* An ERSPAN session. */
struct rule_session {
	char name[FILTER_NAME_SIZE];
	uint8_t version;	 /* 1, 2, 3 */
	uint8_t family;		 /* 4, 6 */
	uint8_t destination[16]; /* network byte order */
	uint16_t id;
	uint16_t snap; /* octets, 0: whole frames */
	enum image_oversize oversize;
	enum image_granularity granularity;
	uint8_t hardware;
	uint32_t kbits;	  /* kbit/s, 0: no bound */
	uint32_t packets; /* packets/s, 0: no bound */
	/* of the outer packet; the engine's user makes the way of it */
	uint8_t dscp;
	uint8_t ttl;
	bool dont_fragment;
	uint16_t mtu;  /* octets of the path, 0: what the route says */
	uint8_t share; /* percent of the port's rate, 0: no bound */
};

struct rule_capture {
	char name[FILTER_NAME_SIZE];
	uint32_t snap; /* octets, at most CAPTURE_SNAP_MAX */
};

/* Ports of a neighbour's address that the module answers on. */
struct rule_loan {
	char name[FILTER_NAME_SIZE]; /* the address */
	uint8_t family;		     /* 4, 6 */
	uint8_t address[16];	     /* network byte order */
	enum engine_port owner;	     /* the side it is on */
	struct rule_ranges tcp, udp;
	uint16_t first_port, last_port; /* of connections of its own; 0: there are none */
	bool force;			/* also ports that the owner was seen using */
	uint32_t slot;			/* as that of a rule */
	uint8_t gateway[16];		/* known by its address; all 0: found by what it forwards */
};

/* Owns its rules. Only enabled filters are in it, in their order. */
struct rule_set {
	struct rule *rule;
	unsigned count;
	struct rule_session session[SESSIONS_MAX];
	unsigned sessions;
	struct rule_capture capture[CAPTURES_MAX];
	unsigned captures;
	struct rule_loan loan[LOANS_MAX];
	unsigned loans;
	uint32_t flows; /* entries of the table of flows */
	uint8_t host_mac[6];
	uint32_t host_kbits; /* kbit/s, 0: no bound */
	uint32_t host_packets;
	bool drop_reserved;
};

struct rule_set *rule_set_new(void);
void rule_set_free(struct rule_set *set);

/* Some frame becomes another: mirrors, resets, and copies of what is diverted. */
bool rules_change_frames(const struct rule_set *set);

/* Some frame for somebody else's address is answered by the module: loans, diversions to ports. */
bool rules_have_guests(const struct rule_set *set);

/* A zeroed rule at the end; the pointer is good until the next add. NULL beyond FILTERS_MAX. */
struct rule *rule_set_add(struct rule_set *set, const char *name);

void rule_ranges_add(struct rule_ranges *ranges, uint32_t low, uint32_t high);
void rule_prefixes_add(struct rule_prefixes *prefixes, const struct rule_prefix *prefix);

/* "192.0.2.0/24", "2001:db8::1"; host bits are cleared. 0 or -EINVAL. */
int rule_prefix_parse(const char *text, struct rule_prefix *prefix);
