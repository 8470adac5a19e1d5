/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The way that this machine would send to an address: route, source address, next hop.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct way {
	unsigned ifindex;
	unsigned mtu;			  /* octets; 0: that of the interface */
	bool gateway;			  /* next_hop is one, and not the address itself */
	uint8_t source[16], next_hop[16]; /* network byte order; IPv4: the first four */
};

/* family 4 or 6. 0, -ENETUNREACH where no route leads there, or what the system said. */
int way_find(unsigned family, const uint8_t address[16], struct way *way);

/* Whether a default route of any table leaves by the interface, or by one on top of it (VLANs). */
bool way_out_is_by(unsigned ifindex);

/*
 * The MAC address of a next hop. -EHOSTUNREACH while it is not known: the kernel is told to ask, as
 * it is for one that was not heard of lately.
 */
int way_mac(unsigned ifindex, unsigned family, const uint8_t address[16], uint8_t mac[6]);
