// SPDX-License-Identifier: GPL-2.0-or-later
#include "prefix.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool prefix_parse(const char *text, struct prefix *to)
{
	const char *slash = strchr(text, '/');
	char address[48], *end;

	memset(to, 0, sizeof(*to));
	if (!slash || (size_t)(slash - text) >= sizeof(address))
		return false;
	snprintf(address, sizeof(address), "%.*s", (int)(slash - text), text);
	to->family = strchr(address, ':') ? AF_INET6 : AF_INET;
	if (slash[1] < '0' || slash[1] > '9')
		return false;
	to->length = strtoul(slash + 1, &end, 10);
	return !*end && inet_pton(to->family, address, to->octets) == 1 &&
	       to->length <= (to->family == AF_INET ? 32 : 128);
}

bool prefix_overlap(const struct prefix *a, const struct prefix *b)
{
	unsigned length = a->length < b->length ? a->length : b->length;

	if (a->family != b->family)
		return false;
	for (unsigned bit = 0; bit < length; bit++)
		if ((a->octets[bit / 8] ^ b->octets[bit / 8]) & 0x80 >> bit % 8)
			return false;
	return true;
}

static unsigned bits(const struct prefix *prefix)
{
	return prefix->family == AF_INET ? 32 : 128;
}

bool prefix_is_host(const struct prefix *prefix)
{
	return prefix->length == bits(prefix);
}

void prefix_print(const struct prefix *prefix, char text[PREFIX_TEXT])
{
	char address[INET6_ADDRSTRLEN];

	inet_ntop(prefix->family, prefix->octets, address, sizeof(address));
	snprintf(text, PREFIX_TEXT, "%s/%u", address, prefix->length);
}

void prefix_network(struct prefix *prefix)
{
	for (unsigned bit = prefix->length; bit < bits(prefix); bit++)
		prefix->octets[bit / 8] &= ~(0x80 >> bit % 8);
}

bool prefix_host(const struct prefix *network, unsigned number, struct prefix *host)
{
	unsigned room = bits(network) - network->length, last = bits(network) / 8 - 1;

	/* the last one of an IPv4 network is for all of them */
	if (room < 32 && number >= (1ULL << room) - (network->family == AF_INET))
		return false;
	*host = *network;
	prefix_network(host);
	host->length = bits(network);
	for (unsigned i = 0; i < 4; i++)
		host->octets[last - i] |= number >> 8 * i;
	return true;
}
