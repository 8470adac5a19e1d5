// SPDX-License-Identifier: GPL-2.0-or-later
#include "address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netlink/netlink.h>
#include <netlink/route/addr.h>
#include <netlink/route/route.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/api/log.h"
#include "core/api/model.h"

static int family_of(int family)
{
	return family == 4 ? AF_INET : AF_INET6;
}

/* An address with the length of its prefix. */
struct address {
	uint8_t octets[16];
	unsigned length;
};

static int address_parse(int family, const char *text, struct address *to)
{
	char address[64];
	const char *slash = strchr(text, '/');
	int length = slash ? atoi(slash + 1) : -1;

	if (!slash || (size_t)(slash - text) >= sizeof(address))
		return -EINVAL;
	snprintf(address, sizeof(address), "%.*s", (int)(slash - text), text);
	if (inet_pton(family_of(family), address, to->octets) != 1)
		return -EINVAL;
	to->length = length;
	return length < 1 || length > (family == 4 ? 32 : 128) ? -EINVAL : 0;
}

/* The bits behind the prefix are all 0 (the network, RFC 1122 3.2.1.3; routers' anycast, RFC 4291
 * 2.6.1) or all 1 (its broadcast). */
static bool is_end(const struct address *a, unsigned bits, bool ones)
{
	for (unsigned i = a->length; i < bits; i++)
		if ((a->octets[i / 8] >> (7 - i % 8) & 1) != ones)
			return false;
	return true;
}

static bool is_hosts(int family, const struct address *a)
{
	static const uint8_t nobody[16], loopback[16] = {[15] = 1};

	if (family == 6)
		return a->octets[0] != 0xff && memcmp(a->octets, nobody, 16) &&
		       memcmp(a->octets, loopback, 16);
	return a->octets[0] != 0 && a->octets[0] != 127 && a->octets[0] < 224;
}

/* The network's own address, or its broadcast. */
static bool is_networks(int family, const struct address *a)
{
	if (family == 6)
		return a->length <= 126 && is_end(a, 128, false);
	return a->length <= 30 && (is_end(a, 32, false) || is_end(a, 32, true));
}

static bool is_within(const uint8_t *octets, const struct address *network)
{
	for (unsigned i = 0; i < network->length; i++)
		if ((octets[i / 8] ^ network->octets[i / 8]) >> (7 - i % 8) & 1)
			return false;
	return true;
}

static int check_gateway(const struct fer_model *at, int family, const struct address *own,
			 struct fer_problems *problems)
{
	const struct fer_model *leaf = fer_model_find(at, "gateway");
	const char *text = fer_model_text(leaf, NULL);
	uint8_t octets[16];

	if (!text)
		return 0;
	if (inet_pton(family_of(family), text, octets) != 1)
		fer_problem(problems, leaf, "found '%s', allowed is an IPv%d address", text,
			    family);
	else if (!memcmp(octets, own->octets, family == 4 ? 4 : 16))
		fer_problem(problems, leaf, "%s is the module's own address", text);
	else
		return 0;
	return -EINVAL;
}

static int load_static(const struct fer_model *at, int family, struct dhcpcd_config *to,
		       struct fer_problems *problems)
{
	const char *text = fer_model_text(at, "address");
	const char *gateway = fer_model_text(at, "gateway");
	struct address address;

	if (!text) {
		fer_problem(problems, at, "method static needs an address");
		return -EINVAL;
	}
	if (address_parse(family, text, &address) || !is_hosts(family, &address)) {
		fer_problem(problems, fer_model_find(at, "address"),
			    "found '%s', allowed is an IPv%d address of a host with the length of "
			    "its prefix, such as %s",
			    text, family, family == 4 ? "192.0.2.5/24" : "2001:db8::5/64");
		return -EINVAL;
	}
	if (check_gateway(at, family, &address, problems))
		return -EINVAL;
	snprintf(to->address, sizeof(to->address), "%s", text);
	snprintf(to->gateway, sizeof(to->gateway), "%s", gateway ? gateway : "");
	return 0;
}

static enum dhcpcd_method method_of(const char *text)
{
	static const struct {
		const char *name;
		enum dhcpcd_method method;
	} methods[] = {
		{"dhcp", DHCPCD_DHCP},
		{"auto", DHCPCD_SLAAC},
		{"static", DHCPCD_STATIC},
		{"link-local", DHCPCD_LINK_LOCAL},
	};

	for (size_t i = 0; text && i < sizeof(methods) / sizeof(*methods); i++)
		if (!strcmp(methods[i].name, text))
			return methods[i].method;
	return DHCPCD_NONE;
}

int address_load(const struct fer_config *config, int family, struct dhcpcd_config *to,
		 struct fer_problems *problems)
{
	const struct fer_model *host = fer_config_find(config, "host-link");
	const struct fer_model *at = fer_model_find(host, family == 4 ? "ipv4" : "ipv6");
	const char *interface = fer_model_text(host, "interface");

	memset(to, 0, sizeof(*to));
	to->method = method_of(fer_model_text(at, "method"));
	snprintf(to->interface, sizeof(to->interface), "%s", interface ? interface : "");
	if (to->method == DHCPCD_STATIC)
		return load_static(at, family, to, problems);
	if (fer_model_text(at, "address")) {
		fer_problem(problems, fer_model_find(at, "address"),
			    "an address goes with method static only");
		return -EINVAL;
	}
	return 0;
}

/* Of IPv6 a gateway may be link-local, and on a point-to-point link anywhere. */
static int check_family(const struct fer_model *at, int family, struct fer_problems *problems)
{
	const char *text = fer_model_text(at, "address"), *gateway = fer_model_text(at, "gateway");
	struct address address;
	uint8_t octets[16];
	int err = 0;

	if (!text || address_parse(family, text, &address))
		return 0;
	if (is_networks(family, &address)) {
		fer_problem(problems, fer_model_find(at, "address"),
			    "found '%s', allowed is an address of a host, and not the first or "
			    "last one of its network",
			    text);
		err = -EINVAL;
	}
	if (gateway && family == 4 && address.length < 31 &&
	    inet_pton(AF_INET, gateway, octets) == 1 && !is_within(octets, &address)) {
		fer_problem(problems, fer_model_find(at, "gateway"),
			    "%s is not in the network of %s", gateway, text);
		err = -EINVAL;
	}
	return err;
}

int address_check(const struct fer_config *config, struct fer_problems *problems)
{
	int err = check_family(fer_config_find(config, "host-link/ipv4"), 4, problems);

	return check_family(fer_config_find(config, "host-link/ipv6"), 6, problems) ? -EINVAL : err;
}

static void sysctl_write(const char *interface, const char *name, const char *value)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "/proc/sys/net/ipv6/conf/%s/%s", interface, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	if (write(fd, value, strlen(value)) < 0)
		fer_log_warn("host-link: %s: %s", path, strerror(errno));
	close(fd);
}

void address_ipv6_set(const char *interface, bool on)
{
	/* router advertisements are dhcpcd's, or nobody's */
	sysctl_write(interface, "accept_ra", "0");
	sysctl_write(interface, "disable_ipv6", on ? "0" : "1");
}

struct flush {
	struct nl_sock *sk;
	int ifindex;
};

static void flush_one(struct nl_object *object, void *arg)
{
	struct rtnl_addr *address = (struct rtnl_addr *)object;
	struct flush *flush = arg;

	if (rtnl_addr_get_ifindex(address) == flush->ifindex &&
	    rtnl_addr_get_family(address) == AF_INET)
		rtnl_addr_delete(flush->sk, address, 0);
}

void address_ipv4_flush(const char *interface)
{
	struct flush flush = {nl_socket_alloc(), if_nametoindex(interface)};
	struct nl_cache *cache = NULL;

	if (!nl_connect(flush.sk, NETLINK_ROUTE) && !rtnl_addr_alloc_cache(flush.sk, &cache)) {
		nl_cache_foreach(cache, flush_one, &flush);
		nl_cache_free(cache);
	}
	nl_socket_free(flush.sk);
}

static struct rtnl_route *route_make(unsigned ifindex, struct nl_addr *gateway)
{
	struct rtnl_route *route = rtnl_route_alloc();
	struct rtnl_nexthop *hop = rtnl_route_nh_alloc();
	struct nl_addr *any = NULL;

	rtnl_route_set_family(route, AF_INET6);
	rtnl_route_set_protocol(route, RTPROT_STATIC);
	rtnl_route_set_priority(route, 1024);
	if (!nl_addr_parse("::/0", AF_INET6, &any))
		rtnl_route_set_dst(route, any);
	nl_addr_put(any);
	rtnl_route_nh_set_ifindex(hop, ifindex);
	rtnl_route_nh_set_gateway(hop, gateway);
	rtnl_route_add_nexthop(route, hop);
	return route;
}

int address_route6_set(const char *interface, const char *gateway, bool add)
{
	struct nl_sock *sk = nl_socket_alloc();
	struct nl_addr *address = NULL;
	struct rtnl_route *route;
	int err = -EIO;

	if (!nl_addr_parse(gateway, AF_INET6, &address) && !nl_connect(sk, NETLINK_ROUTE)) {
		route = route_make(if_nametoindex(interface), address);
		err = add ? rtnl_route_add(sk, route, NLM_F_REPLACE)
			  : rtnl_route_delete(sk, route, 0);
		rtnl_route_put(route);
	}
	nl_addr_put(address);
	nl_socket_free(sk);
	return err ? -EAGAIN : 0;
}

bool address_is_of(const char *interface, const char *address)
{
	struct ifaddrs *all, *at;
	char text[INET6_ADDRSTRLEN];
	bool found = false;

	if (getifaddrs(&all))
		return false;
	for (at = all; at && !found; at = at->ifa_next) {
		int family = at->ifa_addr ? at->ifa_addr->sa_family : 0;

		if (strcmp(at->ifa_name, interface) || (family != AF_INET && family != AF_INET6))
			continue;
		inet_ntop(family,
			  family == AF_INET
				  ? (void *)&((struct sockaddr_in *)at->ifa_addr)->sin_addr
				  : (void *)&((struct sockaddr_in6 *)at->ifa_addr)->sin6_addr,
			  text, sizeof(text));
		found = !strcmp(text, address);
	}
	freeifaddrs(all);
	return found;
}
