// SPDX-License-Identifier: GPL-2.0-or-later
#include "outer.h"

#include <string.h>

enum { GRE = 47 }; /* RFC 2784 */

/* RFC 791 3.1 */
static void ipv4_make(const struct outer *outer, uint8_t *ip)
{
	ip[0] = 0x45;
	ip[1] = outer->dscp << 2;
	ip[6] = outer->dont_fragment ? 0x40 : 0;
	ip[8] = outer->ttl;
	ip[9] = GRE;
	memcpy(ip + 12, outer->source, 4);
	memcpy(ip + 16, outer->destination, 4);
}

/* RFC 8200 3 */
static void ipv6_make(const struct outer *outer, uint8_t *ip)
{
	ip[0] = 0x60 | outer->dscp >> 2;
	ip[1] = outer->dscp << 6;
	ip[6] = GRE;
	ip[7] = outer->ttl;
	memcpy(ip + 8, outer->source, 16);
	memcpy(ip + 24, outer->destination, 16);
}

void outer_make(const struct outer *outer, uint8_t header[OUTER_MAX])
{
	memset(header, 0, OUTER_MAX);
	memcpy(header, outer->destination_mac, 6);
	memcpy(header + 6, outer->source_mac, 6);
	header[12] = outer->family == 4 ? 0x08 : 0x86;
	header[13] = outer->family == 4 ? 0x00 : 0xdd;
	if (outer->family == 4)
		ipv4_make(outer, header + 14);
	else
		ipv6_make(outer, header + 14);
}

unsigned outer_overhead(unsigned version, unsigned family, bool precise)
{
	unsigned ip = family == 4 ? 20 : 40;

	if (version == 1)
		return ip + 4;
	if (version == 2)
		return ip + 16;
	return ip + (precise ? 28 : 20);
}
