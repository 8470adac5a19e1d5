/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel knows of the way to an address. */
#pragma once

#include <stdint.h>

/*
 * The largest packet that gets there whole, in octets with its IP header: of the interface, or less
 * where a router has said so (RFC 1191, RFC 8201). endpoint: "192.0.2.1:51820" or
 * "[2001:db8::1]:51820"; mark: of what goes there. Or a negative errno.
 */
int path_mtu(const char *endpoint, uint32_t mark);
