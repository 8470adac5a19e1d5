/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Looks for DHCP servers on a segment: one DISCOVER (RFC 2131), and who offers. The address that
 * is offered is not taken.
 */
#pragma once

struct probe;

enum {
	PROBE_MS = 4000, /* servers that ping an address before they offer it take 3 s */
	PROBE_SERVERS = 4,
};

struct probe_servers {
	char address[PROBE_SERVERS][16];
	unsigned count;
};

/* done: once, with all that offered but `own` ("" for none). NULL where it cannot look. */
struct probe *probe_start(const char *interface, const char *own,
			  void (*done)(void *arg, const struct probe_servers *servers), void *arg);
void probe_cancel(struct probe *probe);
