/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The host link of a configuration: its interface and its address.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct backend_ports;
struct document;
struct fer_problems;

const char *host_interface(const struct document *document);

/* Into ports. mac: of the wire's port, and then of the host link. *fresh: the interface is new. 0,
 * or a negative errno with a problem. */
int host_prepare(const struct document *to, unsigned mtu, uint8_t mac[6],
		 struct backend_ports *ports, bool *fresh, struct fer_problems *problems);

/* An interface that was there already takes the address that the engine has now. */
void host_mac_put(const struct document *document);

/* For --stop-wire, which has no configuration to go by. */
void host_note(const char *run_dir, const struct document *document);

/* What the last configuration had under another name. */
void host_remove_other(const struct document *gone, const struct document *stays);
