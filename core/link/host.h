/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The host link: a veth pair whose one end is the interface that Linux has, and whose other end is
 * the engine's third port. It is silent until a plugin gives it addresses.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* The engine's end of the pair. */
void host_engine_name(const char *interface, char name[16]);

/*
 * Makes the pair, or takes the one that is there. -EEXIST where an interface of that name is
 * something else. *fresh where it was made.
 */
int host_link_make(const char *interface, const uint8_t mac[6], unsigned mtu, bool *fresh);
void host_link_remove(const char *interface);

/*
 * The address that the host link keeps for ever: made from the machine's identity and the port, so
 * that it is the same after a factory reset, and locally administered (IEEE 802 8.2).
 */
void host_mac_make(const uint8_t port_mac[6], uint8_t mac[6]);
