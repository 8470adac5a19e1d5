/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Serial ports over TCP by ser2net 4 (ser2net.yaml(5)). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct fer_state;
struct ser2net;

enum { SER2NET_PORTS = 16, SER2NET_ADDRESSES = 4 };

struct ser2net_port {
	char name[40];
	char device[204];
	unsigned speed; /* bit/s */
	char parity;	/* 'n', 'e', 'o' */
	unsigned data_bits, stop_bits;
	enum ser2net_flow { SER2NET_FREE, SER2NET_RTSCTS, SER2NET_XONXOFF } flow;
	bool log; /* into NAME.log */
	uint16_t port;
	bool raw; /* else telnet with RFC 2217 */
};

struct ser2net_config {
	char address[SER2NET_ADDRESSES][48]; /* to listen on */
	unsigned addresses;
	struct ser2net_port port[SER2NET_PORTS];
	unsigned ports; /* 0: it does not run */
};

bool ser2net_available(void);

/* role: whose log it writes; state_dir: of what devices say. NULL where its folder cannot be made.
 */
struct ser2net *ser2net_new(const char *run_dir, const char *state_dir, const char *role);
void ser2net_free(struct ser2net *ser2net);
void ser2net_apply(struct ser2net *ser2net, const struct ser2net_config *config);

/* Its addresses are there. */
void ser2net_wake(struct ser2net *ser2net);
void ser2net_show(const struct ser2net *ser2net, struct fer_state *state);
