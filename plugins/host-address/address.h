/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One address family of the host link: what is configured, and what runs for it.
 */
#pragma once

#include <stdbool.h>

#include "services/dhcpcd/dhcpcd.h"

struct fer_config;
struct fer_problems;

/* What a kernel takes and nobody means: for a commit, and not for a start, which had it before. 0
 * or -EINVAL. */
int address_check(const struct fer_config *config, struct fer_problems *problems);

/* Checks a family's container and reads it. 0 or -EINVAL. */
int address_load(const struct fer_config *config, int family, struct dhcpcd_config *to,
		 struct fer_problems *problems);

/* IPv6 of an interface on or off; with it off the kernel sends not one frame. */
void address_ipv6_set(const char *interface, bool on);

/* Takes every IPv4 address off: a daemon that was killed leaves its own behind. */
void address_ipv4_flush(const char *interface);

/* The IPv6 default route, which dhcpcd cannot set for a static address. 0, or -EAGAIN
 * while the network of the gateway is not there. */
int address_route6_set(const char *interface, const char *gateway, bool add);

/* Whether the interface has the address. */
bool address_is_of(const char *interface, const char *address);
