// SPDX-License-Identifier: GPL-2.0-or-later
#include "overlap.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "core/api/model.h"
#include "load.h"
#include "services/netdev/prefix.h"

static bool is_tunnel(const struct oob_config *to, const char *interface)
{
	char name[16];

	for (unsigned i = 0; i < oob_tunnels(to); i++) {
		oob_interface(to, i, name);
		if (!strcmp(name, interface))
			return true;
	}
	return false;
}

static unsigned mask_length(const uint8_t *mask, unsigned octets)
{
	unsigned length = 0;

	for (unsigned i = 0; i < octets; i++)
		length += __builtin_popcount(mask[i]);
	return length;
}

/* The network of an interface's address; false for link-local ones and other families. */
static bool network_of(const struct ifaddrs *at, struct prefix *to)
{
	*to = (struct prefix){0};
	if (!at->ifa_addr || !at->ifa_netmask)
		return false;
	to->family = at->ifa_addr->sa_family;
	if (to->family == AF_INET) {
		memcpy(to->octets, &((struct sockaddr_in *)at->ifa_addr)->sin_addr, 4);
		to->length = mask_length(
			(uint8_t *)&((struct sockaddr_in *)at->ifa_netmask)->sin_addr, 4);
		return true;
	}
	if (to->family != AF_INET6)
		return false;
	memcpy(to->octets, &((struct sockaddr_in6 *)at->ifa_addr)->sin6_addr, 16);
	to->length =
		mask_length((uint8_t *)&((struct sockaddr_in6 *)at->ifa_netmask)->sin6_addr, 16);
	return !IN6_IS_ADDR_LINKLOCAL(&((struct sockaddr_in6 *)at->ifa_addr)->sin6_addr);
}

static int refuse(struct fer_problems *problems, const struct fer_model *at,
		  const struct prefix *own, const char *interface)
{
	struct prefix network = *own;
	char text[PREFIX_TEXT];

	prefix_network(&network);
	prefix_print(&network, text);
	fer_problem(problems, at,
		    "%s overlaps %s, in which this module is itself (%s): it would be cut off from "
		    "it; allowed are networks that are elsewhere, or 0.0.0.0/0 with a 'probe'",
		    fer_model_text(at, NULL), text, interface);
	return -EINVAL;
}

static const struct fer_model *find_overlap(const struct fer_model *entry, const struct prefix *own)
{
	struct prefix allowed;

	for (; entry; entry = fer_model_next(entry)) {
		const struct fer_model *at = fer_model_find(entry, "allowed");

		for (; at; at = fer_model_next(at))
			if (prefix_parse(fer_model_text(at, NULL), &allowed) && allowed.length &&
			    prefix_overlap(&allowed, own))
				return at;
	}
	return NULL;
}

static int network_check(const struct oob_config *to, const struct prefix *own,
			 const char *interface, struct fer_problems *problems)
{
	static const char *const list[] = {"hub", "peer"};

	for (int i = 0; i < 2; i++) {
		const struct fer_model *at = find_overlap(fer_model_find(to->at, list[i]), own);

		if (at)
			return refuse(problems, at, own, interface);
	}
	return 0;
}

/* What the same commit gives the host link. */
static int configured_check(const struct fer_config *config, const struct oob_config *to,
			    struct fer_problems *problems)
{
	static const char *const family[] = {"host-link/ipv4", "host-link/ipv6"};
	struct prefix own;

	for (int i = 0; i < 2; i++) {
		const struct fer_model *host = fer_config_find(config, family[i]);
		const char *method = fer_model_text(host, "method");
		const struct fer_model *at = fer_model_find(host, "address");

		if (!method || strcmp(method, "static"))
			continue;
		for (; at; at = fer_model_next(at))
			if (prefix_parse(fer_model_text(at, NULL), &own) &&
			    network_check(to, &own, to->site, problems))
				return -EINVAL;
	}
	return 0;
}

int overlap_check(const struct fer_config *config, const struct oob_config *now,
		  const struct oob_config *to, struct fer_problems *problems)
{
	int err = to->namespace ? 0 : configured_check(config, to, problems);
	struct ifaddrs *all = NULL;
	struct prefix own;

	if (err || to->namespace || getifaddrs(&all))
		return err;
	for (const struct ifaddrs *at = all; at && !err; at = at->ifa_next)
		if (!(at->ifa_flags & IFF_LOOPBACK) && !is_tunnel(to, at->ifa_name) &&
		    !is_tunnel(now, at->ifa_name) && network_of(at, &own))
			err = network_check(to, &own, at->ifa_name, problems);
	freeifaddrs(all);
	return err;
}
