// SPDX-License-Identifier: GPL-2.0-or-later
#include "check.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "communities.h"
#include "config.h"
#include "core/api/model.h"

struct checker {
	const struct rs_config *config;
	struct fer_problems *problems;
	int err;
};

#define REFUSE(checker, at, ...)                                                                   \
	do {                                                                                       \
		fer_problem((checker)->problems, at, __VA_ARGS__);                                 \
		(checker)->err = -EINVAL;                                                          \
	} while (0)

static bool is_address(const char *text, int family)
{
	unsigned char octets[16];

	return inet_pton(family, text, octets) == 1;
}

static void check_addresses(struct checker *c, const struct fer_model *at, const char *path)
{
	for (at = fer_model_find(at, path); at; at = fer_model_next(at)) {
		const char *text = fer_model_text(at, NULL);

		if (!is_address(text, AF_INET) && !is_address(text, AF_INET6))
			REFUSE(c, at, "found '%s', allowed is an IPv4 or IPv6 address", text);
	}
}

/* ---- where everybody is ---- */

/* The peering LAN that an address is in; false where there is none. */
static bool lan_of(const struct rs_config *config, const char *address, struct prefix *lan)
{
	const struct fer_model *at = fer_model_find(config->at, "peering-lan");
	bool six = strchr(address, ':');
	struct prefix host = {six ? AF_INET6 : AF_INET, {0}, six ? 128 : 32};

	if (inet_pton(host.family, address, host.octets) != 1)
		return false;
	for (; at; at = fer_model_next(at))
		if (prefix_parse(fer_model_text(at, NULL), lan) && prefix_overlap(lan, &host))
			return true;
	return false;
}

/* Of IPv4 the first and the last address of a network are nobody's (RFC 1122 3.2.1.3). */
static bool is_nobodys(const char *address, const struct prefix *lan)
{
	struct in_addr host;
	uint32_t mask;

	if (lan->family != AF_INET || lan->length > 30 || inet_pton(AF_INET, address, &host) != 1)
		return false;
	mask = lan->length ? ~0u >> lan->length : ~0u;
	return !(ntohl(host.s_addr) & mask) || (ntohl(host.s_addr) & mask) == mask;
}

static void check_lans(struct checker *c)
{
	const struct fer_model *at = fer_model_find(c->config->at, "peering-lan");
	struct prefix prefix;

	for (; at; at = fer_model_next(at))
		if (!prefix_parse(fer_model_text(at, NULL), &prefix))
			REFUSE(c, at, "found '%s', allowed is a prefix such as 192.0.2.0/24",
			       fer_model_text(at, NULL));
		else if (prefix.length < 8)
			REFUSE(c, at, "found '%s': a peering LAN is one network, /8 at the most",
			       fer_model_text(at, NULL));
	for (at = fer_model_find(c->config->at, "address"); at; at = fer_model_next(at))
		if (!lan_of(c->config, fer_model_text(at, NULL), &prefix))
			REFUSE(c, at, "%s is outside of peering-lan: no client would reach it",
			       fer_model_text(at, NULL));
}

static void check_router_id(struct checker *c)
{
	const struct fer_model *at = fer_model_find(c->config->at, "router-id");
	const char *id = c->config->router_id;
	struct in_addr address;

	if (inet_pton(AF_INET, id, &address) != 1)
		REFUSE(c, at, "found '%s', allowed is an IPv4 address", id);
	else if (!address.s_addr)
		REFUSE(c, at, "0.0.0.0 is no identifier (RFC 6286)");
	for (unsigned i = 0; i < c->config->clients; i++)
		for (unsigned s = 0; s < c->config->client[i].sessions; s++)
			if (!strcmp(c->config->client[i].session[s].address, id))
				REFUSE(c, at,
				       "%s is the address of client '%s', whose router may have it "
				       "as its own identifier",
				       id, c->config->client[i].name);
}

/* AS_TRANS (RFC 6793 section 9) stands for others. */
static void check_asn(struct checker *c, const struct fer_model *at, uint32_t asn)
{
	if (asn == 23456)
		REFUSE(c, fer_model_find(at, "asn"),
		       "23456 is nobody's: it stands for AS numbers that do not fit into 16 bits");
}

static void check_own(struct checker *c)
{
	const struct fer_model *at = fer_model_find(c->config->at, "address");
	const struct fer_model *second = at ? fer_model_next(at) : NULL;

	check_addresses(c, c->config->at, "address");
	check_router_id(c);
	check_asn(c, c->config->at, c->config->asn);
	if (second &&
	    !strchr(fer_model_text(at, NULL), ':') == !strchr(fer_model_text(second, NULL), ':'))
		REFUSE(c, second, "the route server has one address of each family");
	check_lans(c);
	for (at = fer_model_find(c->config->at, "policy/rpki/cache"); at; at = fer_model_next(at))
		check_addresses(c, at, "address");
}

static void check_session(struct checker *c, const struct rs_client *client,
			  const struct rs_session *session)
{
	const char *own = c->config->address[session->family == AF_INET6];
	struct prefix lan;

	if (!*session->address)
		REFUSE(c, client->at, "client '%s': allowed is an IPv4 or IPv6 address",
		       client->name);
	else if (!lan_of(c->config, session->address, &lan))
		REFUSE(c, client->at, "client '%s': address %s is outside of peering-lan",
		       client->name, session->address);
	else if (is_nobodys(session->address, &lan))
		REFUSE(c, client->at,
		       "client '%s': %s is the first or the last address of peering-lan, and "
		       "nobody's",
		       client->name, session->address);
	else if (!own)
		REFUSE(c, client->at,
		       "client '%s': the route server has no %s address to speak to %s",
		       client->name, session->family == AF_INET ? "IPv4" : "IPv6",
		       session->address);
}

static void check_lengths(struct checker *c, const struct rs_client *client)
{
	static const unsigned most[] = {32, 128};

	for (unsigned f = 0; f < 2; f++) {
		const struct rs_policy *p = &client->policy;

		if (p->shortest[f] > p->longest[f] || p->longest[f] > most[f])
			REFUSE(c, client->at,
			       "client '%s': prefix-length %u-%u, allowed is FROM-TO up to %u",
			       client->name, p->shortest[f], p->longest[f], most[f]);
	}
}

/* "64500:666", "64500:1:666" (RFC 1997, RFC 8092), by what each number has room for. */
static bool fits_community(const char *text)
{
	unsigned long long a = 0, b = 0, c = 0;
	int count = sscanf(text, "%llu:%llu:%llu", &a, &b, &c);

	if (count == 2)
		return a <= UINT16_MAX && b <= UINT16_MAX;
	return count == 3 ? a <= UINT32_MAX && b <= UINT32_MAX && c <= UINT32_MAX : count < 1;
}

/* Who would say that a blackhole is for its sender to ask for? */
static void check_blackhole(struct checker *c, const struct rs_client *client)
{
	const struct rs_policy *p = &client->policy;

	for (unsigned f = 0; f < 2; f++)
		if (p->blackhole_hop[f] && !is_address(p->blackhole_hop[f], f ? AF_INET6 : AF_INET))
			REFUSE(c, client->at, "client '%s': blackhole: '%s' is no %s address",
			       client->name, p->blackhole_hop[f], f ? "IPv6" : "IPv4");
	for (const struct fer_model *at = p->blackhole; at; at = fer_model_next(at))
		if (!fits_community(fer_model_text(at, NULL)))
			REFUSE(c, at,
			       "found '%s', allowed are rfc7999, two numbers up to 65535, and "
			       "three up to 4294967295",
			       fer_model_text(at, NULL));
	if (p->blackhole && !p->irr_prefix && !p->rpki)
		REFUSE(c, client->at,
		       "client '%s': blackholes are for prefixes that are the sender's: that "
		       "needs irr/enforce: [prefix] or rpki",
		       client->name);
}

static void check_aspa(struct checker *c)
{
	const struct fer_model *at = fer_model_find(c->config->at, "policy/aspa");

	if (at && !strcmp(fer_model_text(at, "reject"), "invalid") && !c->config->caches)
		REFUSE(c, fer_model_find(at, "reject"),
		       "ASPA is what RPKI caches know: that needs policy/rpki/cache");
}

static void check_irr(struct checker *c, const struct rs_client *client)
{
	const struct rs_policy *p = &client->policy;

	if ((p->irr_origin || p->irr_prefix) &&
	    !strcmp(fer_model_text(c->config->at, "policy/irr/source"), "none"))
		REFUSE(c, client->at,
		       "client '%s': irr/enforce needs policy/irr/source: where would it be "
		       "registered?",
		       client->name);
	/* who may be the origin of a Valid route would be anybody else */
	if (p->roa_objects && !p->irr_origin)
		REFUSE(c, client->at,
		       "client '%s': irr/roa-as-route-object needs `origin` in irr/enforce",
		       client->name);
}

static void check_prefixes(struct checker *c, const struct fer_model *at)
{
	struct prefix prefix;

	for (; at; at = fer_model_next(at))
		if (!prefix_parse(fer_model_text(at, NULL), &prefix))
			REFUSE(c, at, "found '%s', allowed is a prefix such as 192.0.2.0/24",
			       fer_model_text(at, NULL));
}

/* Whether a client takes IPv6 next hops of IPv4 routes is one word for all its sessions. */
static void check_extended(struct checker *c, const struct rs_client *client)
{
	for (unsigned i = 0; i < client->sessions; i++)
		if (client->policy.extended_next_hop && client->session[i].family == AF_INET) {
			REFUSE(c, client->at,
			       "client '%s': extended-next-hop carries IPv4 over its IPv6 session: "
			       "%s is another client, or none",
			       client->name, client->session[i].address);
			return;
		}
}

static void check_client(struct checker *c, const struct rs_client *client)
{
	check_extended(c, client);
	check_prefixes(c, fer_model_find(client->at, "deny-prefix"));
	check_prefixes(c, fer_model_find(client->at, "irr/accept-prefix"));
	if (client->asn == c->config->asn)
		REFUSE(c, client->at, "client '%s': AS %" PRIu32 " is the route server's own",
		       client->name, client->asn);
	for (unsigned i = 0; i < client->sessions; i++)
		check_session(c, client, &client->session[i]);
	check_addresses(c, client->at, "next-hop-address");
	check_lengths(c, client);
	check_asn(c, client->at, client->asn);
	check_blackhole(c, client);
	check_irr(c, client);
}

/* ---- each address and each name once ---- */

struct entry {
	const char *text;
	const struct rs_client *client;
};

static int by_text(const void *a, const void *b)
{
	return strcmp(((const struct entry *)a)->text, ((const struct entry *)b)->text);
}

static void check_once(struct checker *c, struct entry *entry, size_t count, const char *what)
{
	qsort(entry, count, sizeof(*entry), by_text);
	for (size_t i = 1; i < count; i++)
		if (*entry[i].text && !strcmp(entry[i - 1].text, entry[i].text))
			REFUSE(c, entry[i].client->at, "client '%s': %s %s is that of '%s', too",
			       entry[i].client->name, what, entry[i].text,
			       entry[i - 1].client->name);
}

static void check_unique(struct checker *c)
{
	size_t count = 0, room = 2 + (size_t)c->config->clients * RS_ADDRESSES;
	struct entry *address = calloc(room, sizeof(*address));
	struct entry *name = calloc(room, sizeof(*name));

	if (!address || !name)
		abort();
	for (unsigned i = 0; i < c->config->clients; i++) {
		const struct rs_client *client = &c->config->client[i];

		for (unsigned s = 0; s < client->sessions; s++) {
			address[count] = (struct entry){client->session[s].address, client};
			name[count++] = (struct entry){client->session[s].name, client};
		}
	}
	check_once(c, address, count, "address");
	check_once(c, name, count, "the name for BIRD,");
	for (size_t i = 0; i < count; i++)
		for (unsigned f = 0; f < 2; f++)
			if (c->config->address[f] &&
			    !strcmp(c->config->address[f], address[i].text))
				REFUSE(c, address[i].client->at,
				       "client '%s': address %s is the route server's own",
				       address[i].client->name, address[i].text);
	free(address);
	free(name);
}

int check_memory(const struct rs_config *config, struct fer_problems *problems)
{
	uint64_t estimate = rs_estimate(config);

	if (estimate <= config->memory)
		return 0;
	fer_problem(problems, fer_model_find(config->at, "memory"),
		    "clients may send as much as takes %" PRIu64 " MB, and BIRD may have %" PRIu64
		    ": lower max-prefix, or give it more memory",
		    estimate >> 20, config->memory >> 20);
	return -EINVAL;
}

static void check_source(struct checker *c)
{
	const struct fer_model *irr = fer_model_find(c->config->at, "policy/irr");

	if (!strcmp(fer_model_text(irr, "source"), "file") && !fer_model_find(irr, "file"))
		REFUSE(c, irr, "irr/source: file needs irr/file");
}

int check_all(const struct rs_config *config, struct fer_problems *problems)
{
	struct checker c = {config, problems, 0};

	check_own(&c);
	check_source(&c);
	check_prefixes(&c, fer_model_find(config->at, "policy/deny-prefix"));
	check_prefixes(&c, fer_model_find(config->at, "policy/irr/accept-prefix"));
	if (communities_check(config, problems))
		c.err = -EINVAL;
	check_aspa(&c);
	for (unsigned i = 0; i < config->clients; i++)
		check_client(&c, &config->client[i]);
	check_unique(&c);
	return check_memory(config, problems) ? -EINVAL : c.err;
}
