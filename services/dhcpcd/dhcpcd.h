/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dhcpcd 9 on one interface and one address family. It probes an IPv4 address before it takes it
 * (RFC 5227); one that is in use is reported and not taken.
 */
#pragma once

#include <stdbool.h>

struct dhcpcd;
struct fer_state;

enum dhcpcd_method {
	DHCPCD_NONE,
	DHCPCD_DHCP,  /* IPv4, link-local while there is no server */
	DHCPCD_SLAAC, /* IPv6 */
	DHCPCD_STATIC,
	DHCPCD_LINK_LOCAL,
};

struct dhcpcd_config {
	enum dhcpcd_method method;
	char interface[16];
	char address[64];     /* with prefix length; method static */
	char gateway[64];     /* IPv4; "" for none */
	unsigned char mac[6]; /* of the interface: with another one it starts anew */
};

struct dhcpcd_events {
	/* Somebody else has the address; the process has ended, or does without it. */
	void (*conflict)(void *arg, const char *address);
	/* It runs, after each start: what went with the one before can be put back. */
	void (*serving)(void *arg);
	void *arg;
};

/* family: 4 or 6. Makes its folders. */
struct dhcpcd *dhcpcd_new(const char *run_dir, const char *state_dir, int family,
			  const struct dhcpcd_events *events);

/* The supervisor ends: the daemon goes on. */
void dhcpcd_free(struct dhcpcd *dhcpcd);

/* Runs it so; a daemon that runs so already is left alone. */
void dhcpcd_apply(struct dhcpcd *dhcpcd, const struct dhcpcd_config *config);

void dhcpcd_state(const struct dhcpcd *dhcpcd, struct fer_state *state);

/* The daemon is on this machine? */
bool dhcpcd_available(void);
