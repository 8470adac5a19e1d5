// SPDX-License-Identifier: GPL-2.0-or-later
#include "own.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/api/model.h"

/* "ADDRESS/LENGTH" that is configured as static, cut in two; false without one. */
static bool configured(const struct fer_config *config, const char *interface, const char *family,
		       char address[INET6_ADDRSTRLEN], unsigned *length)
{
	const struct fer_model *host = fer_config_find(config, "host-link");
	const struct fer_model *at = fer_model_find(host, family);
	const char *method = fer_model_text(at, "method"), *text = fer_model_text(at, "address");
	const char *name = fer_model_text(host, "interface");
	size_t slash;

	if (!name || strcmp(name, interface) || !method || strcmp(method, "static") || !text)
		return false;
	slash = strcspn(text, "/");
	snprintf(address, INET6_ADDRSTRLEN, "%.*s", (int)slash, text);
	*length = text[slash] ? atoi(text + slash + 1) : 0;
	return true;
}

static bool from_config(const struct fer_config *config, const char *interface, struct own *own)
{
	char text[INET6_ADDRSTRLEN];

	return configured(config, interface, "ipv4", text, &own->length) &&
	       inet_pton(AF_INET, text, &own->address) == 1;
}

static bool from_config6(const struct fer_config *config, const char *interface, struct own *own)
{
	char text[INET6_ADDRSTRLEN];
	unsigned length;

	return configured(config, interface, "ipv6", text, &length) &&
	       inet_pton(AF_INET6, text, &own->address6) == 1;
}

static void take4(const struct ifaddrs *i, struct own *own)
{
	own->address = ((struct sockaddr_in *)i->ifa_addr)->sin_addr;
	own->length = __builtin_popcount(((struct sockaddr_in *)i->ifa_netmask)->sin_addr.s_addr);
	own->known = true;
}

static void take6(const struct ifaddrs *i, struct own *own)
{
	own->address6 = ((struct sockaddr_in6 *)i->ifa_addr)->sin6_addr;
	own->known6 = !IN6_IS_ADDR_LINKLOCAL(&own->address6);
}

/* What is not known yet. */
static void from_interface(const char *interface, struct own *own)
{
	struct ifaddrs *all = NULL;

	if (getifaddrs(&all))
		return;
	for (struct ifaddrs *i = all; i; i = i->ifa_next) {
		if (!i->ifa_addr || strcmp(i->ifa_name, interface))
			continue;
		if (i->ifa_addr->sa_family == AF_INET && !own->known)
			take4(i, own);
		else if (i->ifa_addr->sa_family == AF_INET6 && !own->known6)
			take6(i, own);
	}
	freeifaddrs(all);
}

void own_find(const struct fer_config *config, const char *interface, struct own *own)
{
	memset(own, 0, sizeof(*own));
	own->known = from_config(config, interface, own);
	own->known6 = from_config6(config, interface, own);
	if (!own->known || !own->known6)
		from_interface(interface, own);
}

bool own_equal(const struct own *a, const struct own *b)
{
	return a->known == b->known && a->known6 == b->known6 &&
	       (!a->known || a->address.s_addr == b->address.s_addr) &&
	       (!a->known6 || IN6_ARE_ADDR_EQUAL(&a->address6, &b->address6));
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
