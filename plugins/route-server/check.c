// SPDX-License-Identifier: GPL-2.0-or-later
#include "check.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static void check_own(struct checker *c)
{
	const struct fer_model *at = fer_model_find(c->config->at, "address");
	const struct fer_model *second = at ? fer_model_next(at) : NULL;

	check_addresses(c, c->config->at, "address");
	if (!is_address(c->config->router_id, AF_INET))
		REFUSE(c, fer_model_find(c->config->at, "router-id"),
		       "found '%s', allowed is an IPv4 address", c->config->router_id);
	if (second &&
	    !strchr(fer_model_text(at, NULL), ':') == !strchr(fer_model_text(second, NULL), ':'))
		REFUSE(c, second, "the route server has one address of each family");
	for (at = fer_model_find(c->config->at, "peering-lan"); at; at = fer_model_next(at)) {
		struct prefix prefix;

		if (!prefix_parse(fer_model_text(at, NULL), &prefix))
			REFUSE(c, at, "found '%s', allowed is a prefix such as 192.0.2.0/24",
			       fer_model_text(at, NULL));
	}
	for (at = fer_model_find(c->config->at, "policy/rpki/cache"); at; at = fer_model_next(at))
		check_addresses(c, at, "address");
}

static bool in_lan(const struct rs_config *config, const struct rs_session *session)
{
	const struct fer_model *at = fer_model_find(config->at, "peering-lan");
	struct prefix lan, host = {session->family, {0}, session->family == AF_INET ? 32 : 128};

	inet_pton(session->family, session->address, host.octets);
	for (; at; at = fer_model_next(at))
		if (prefix_parse(fer_model_text(at, NULL), &lan) && prefix_overlap(&lan, &host))
			return true;
	return false;
}

static void check_session(struct checker *c, const struct rs_client *client,
			  const struct rs_session *session)
{
	if (!*session->address)
		REFUSE(c, client->at, "client '%s': allowed is an IPv4 or IPv6 address",
		       client->name);
	else if (!in_lan(c->config, session))
		REFUSE(c, client->at, "client '%s': address %s is outside of peering-lan",
		       client->name, session->address);
	else if (!c->config->address[session->family == AF_INET6])
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

/* Who would say that a blackhole is for its sender to ask for? */
static void check_blackhole(struct checker *c, const struct rs_client *client)
{
	const struct rs_policy *p = &client->policy;

	for (unsigned f = 0; f < 2; f++)
		if (p->blackhole_hop[f] && !is_address(p->blackhole_hop[f], f ? AF_INET6 : AF_INET))
			REFUSE(c, client->at, "client '%s': blackhole: '%s' is no %s address",
			       client->name, p->blackhole_hop[f], f ? "IPv6" : "IPv4");
	if (p->blackhole && !p->irr_prefix && !p->rpki)
		REFUSE(c, client->at,
		       "client '%s': blackholes are for prefixes that are the sender's: that "
		       "needs irr/enforce: [prefix] or rpki",
		       client->name);
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
	if (client->asn == c->config->asn)
		REFUSE(c, client->at, "client '%s': AS %" PRIu32 " is the route server's own",
		       client->name, client->asn);
	for (unsigned i = 0; i < client->sessions; i++)
		check_session(c, client, &client->session[i]);
	check_addresses(c, client->at, "next-hop-address");
	check_lengths(c, client);
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
	for (unsigned i = 0; i < config->clients; i++)
		check_client(&c, &config->client[i]);
	check_unique(&c);
	return check_memory(config, problems) ? -EINVAL : c.err;
}
