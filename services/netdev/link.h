/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Interfaces that a service makes or tunes (rtnetlink). All give 0 or a negative errno. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* A tun device that stays when its daemon goes; one that is there is taken. */
int link_tun_make(const char *name);

/* Its descriptor, for a daemon that is started; -EBUSY where another one has it. */
int link_tun_open(const char *name);

/* kind: "wireguard". -EOPNOTSUPP where the kernel has none. */
int link_make(const char *name, const char *kind);
int link_remove(const char *name);
int link_up(const char *name, bool up);

/* One of ip-sysctl.rst, such as "ipv4/conf/sfp0", "forwarding". */
int link_setting(const char *which, const char *name, char value);

/* Takes what comes from where it would not send to (rp_filter of ip-sysctl.rst, RFC 3704 2.4). */
int link_loose(const char *name);

/* mtu in octets, queue in packets; 0: left as it is. */
int link_tune(const char *name, unsigned mtu, unsigned queue);

/* How long an interface with NAPI waits for more segments of a connection (GRO), us. */
int link_gather(const char *name, unsigned wait);

struct link_state {
	unsigned mtu;
	bool up, carrier;
	uint64_t tx_dropped;
	uint64_t rx_octets, tx_octets;
	char kind[16];
};

int link_look(const char *name, struct link_state *state);
