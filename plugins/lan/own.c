// SPDX-License-Identifier: GPL-2.0-or-later
#include "own.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/api/model.h"

static bool from_config(const struct fer_config *config, const char *interface, struct own *own)
{
	const struct fer_model *host = fer_config_find(config, "host-link");
	const char *method = fer_model_text(host, "ipv4/method");
	const char *text = fer_model_text(host, "ipv4/address");
	const char *name = fer_model_text(host, "interface");
	char address[32];

	if (!name || strcmp(name, interface) || !method || strcmp(method, "static") || !text)
		return false;
	snprintf(address, sizeof(address), "%.*s", (int)strcspn(text, "/"), text);
	own->length = text[strcspn(text, "/")] ? atoi(text + strcspn(text, "/") + 1) : 32;
	return inet_pton(AF_INET, address, &own->address) == 1;
}

static bool from_interface(const char *interface, struct own *own)
{
	struct ifaddrs *all = NULL;
	bool found = false;

	if (getifaddrs(&all))
		return false;
	for (struct ifaddrs *i = all; i && !found; i = i->ifa_next) {
		if (!i->ifa_addr || i->ifa_addr->sa_family != AF_INET ||
		    strcmp(i->ifa_name, interface))
			continue;
		own->address = ((struct sockaddr_in *)i->ifa_addr)->sin_addr;
		own->length =
			__builtin_popcount(((struct sockaddr_in *)i->ifa_netmask)->sin_addr.s_addr);
		found = true;
	}
	freeifaddrs(all);
	return found;
}

void own_find(const struct fer_config *config, const char *interface, struct own *own)
{
	memset(own, 0, sizeof(*own));
	own->known = from_config(config, interface, own) || from_interface(interface, own);
}

bool own_network_has(const struct own *own, struct in_addr address)
{
	uint32_t mask = own->length ? ~0u << (32 - own->length) : 0;

	return !((ntohl(own->address.s_addr) ^ ntohl(address.s_addr)) & mask);
}

static bool is_same(const struct sockaddr *a, int family, const void *octets)
{
	if (!a || a->sa_family != family)
		return false;
	if (family == AF_INET)
		return !memcmp(&((const struct sockaddr_in *)a)->sin_addr, octets, 4);
	return !memcmp(&((const struct sockaddr_in6 *)a)->sin6_addr, octets, 16);
}

bool own_is(const struct fer_config *config, const char *text)
{
	const char *interface = fer_model_text(fer_config_find(config, "host-link"), "interface");
	struct ifaddrs *all = NULL;
	unsigned char octets[16];
	struct own own = {false};
	int family = strchr(text, ':') ? AF_INET6 : AF_INET;
	bool found = false;

	if (inet_pton(family, text, octets) != 1)
		return false;
	if (family == AF_INET && octets[0] == 127)
		return true;
	if (family == AF_INET && interface && from_config(config, interface, &own) &&
	    !memcmp(&own.address, octets, 4))
		return true;
	if (getifaddrs(&all))
		return false;
	for (struct ifaddrs *i = all; i && !found; i = i->ifa_next)
		found = is_same(i->ifa_addr, family, octets);
	freeifaddrs(all);
	return found;
}
