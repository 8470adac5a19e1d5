// SPDX-License-Identifier: GPL-2.0-or-later
#include "subnets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "check.h"
#include "core/api/model.h"
#include "load.h"
#include "names.h"
#include "services/netdev/prefix.h"

enum { TAG = 32 };

static const struct fer_model *first_of(const struct lan_config *lan)
{
	return fer_model_find(lan->at, "dhcp/subnet");
}

bool range_parse(const char *text, struct in_addr *first, struct in_addr *last)
{
	const char *dash = text ? strchr(text, '-') : NULL;
	char address[INET_ADDRSTRLEN];

	if (!dash || dash - text >= INET_ADDRSTRLEN)
		return false;
	snprintf(address, sizeof(address), "%.*s", (int)(dash - text), text);
	return inet_pton(AF_INET, address, first) == 1 && inet_pton(AF_INET, dash + 1, last) == 1 &&
	       ntohl(first->s_addr) <= ntohl(last->s_addr);
}

static bool subnet_parse(const struct fer_model *at, struct prefix *prefix)
{
	return prefix_parse(fer_model_text(at, "prefix"), prefix) && prefix->family == AF_INET &&
	       prefix->length > 0 && prefix->length < 31;
}

static bool has(const struct prefix *prefix, struct in_addr address)
{
	struct prefix host = {.family = AF_INET, .length = 32};

	memcpy(host.octets, &address, 4);
	return prefix_overlap(prefix, &host);
}

const struct fer_model *subnet_of(const struct lan_config *lan, struct in_addr address)
{
	const struct fer_model *at = first_of(lan);
	struct prefix prefix;

	for (; at; at = fer_model_next(at))
		if (subnet_parse(at, &prefix) && has(&prefix, address))
			return at;
	return NULL;
}

/* ---- checks ---- */

static int refuse(const struct fer_model *at, const char *leaf, const char *what,
		  struct fer_problems *problems)
{
	fer_problem(problems, fer_model_find(at, leaf), "found '%s', %s", fer_model_text(at, leaf),
		    what);
	return -EINVAL;
}

static int overlap_check(const struct lan_config *lan, const struct fer_model *at,
			 const struct prefix *prefix, struct fer_problems *problems)
{
	const struct fer_model *other = first_of(lan);
	struct prefix one = {.family = AF_INET, .length = lan->own.length};

	memcpy(one.octets, &lan->own.address, 4);
	if (lan->own.known && prefix_overlap(&one, prefix))
		return refuse(at, "prefix",
			      "that is the module's own network: lan/dhcp/range says it", problems);
	for (; other && other != at; other = fer_model_next(other))
		if (subnet_parse(other, &one) && prefix_overlap(&one, prefix))
			return refuse(at, "prefix", "that overlaps another subnet", problems);
	return 0;
}

static int subnet_check(const struct lan_config *lan, const struct fer_model *at,
			struct fer_problems *problems)
{
	const char *router = fer_model_text(at, "router");
	struct in_addr first, last, address;
	struct prefix prefix;

	if (!subnet_parse(at, &prefix))
		return refuse(at, "prefix", "allowed is an IPv4 network of /1 to /30", problems);
	if (lan->mode != DNSMASQ_SERVER) {
		fer_problem(problems, at, "a subnet needs lan/dhcp/mode server");
		return -EINVAL;
	}
	if (!range_parse(fer_model_text(at, "range"), &first, &last))
		return refuse(at, "range", "allowed are two IPv4 addresses, the lower one first",
			      problems);
	if (!has(&prefix, first) || !has(&prefix, last))
		return refuse(at, "range", "which is not in the subnet", problems);
	if (router && (inet_pton(AF_INET, router, &address) != 1 || !has(&prefix, address)))
		return refuse(at, "router", "allowed is an address of the subnet", problems);
	if (router && ntohl(address.s_addr) >= ntohl(first.s_addr) &&
	    ntohl(address.s_addr) <= ntohl(last.s_addr))
		return refuse(at, "range", "which holds the router's address", problems);
	return overlap_check(lan, at, &prefix, problems);
}

int subnets_check(const struct lan_config *lan, struct fer_problems *problems)
{
	const struct fer_model *at = first_of(lan);
	int err = 0;

	for (; at; at = fer_model_next(at)) {
		if (subnet_check(lan, at, problems))
			err = -EINVAL;
		if (check_options_at(fer_model_find(at, "option"), problems))
			err = -EINVAL;
	}
	return err;
}

/* ---- for dnsmasq ---- */

/* "net-198-51-100-0-24" */
static void tag_of(const struct fer_model *at, char tag[TAG])
{
	snprintf(tag, TAG, "net-%s", fer_model_text(at, "prefix"));
	for (char *c = tag; *c; c++)
		if (*c == '.' || *c == '/')
			*c = '-';
}

void subnets_ranges(const struct lan_config *lan, FILE *file)
{
	const struct fer_model *at = first_of(lan);

	for (; at; at = fer_model_next(at)) {
		const char *range = fer_model_text(at, "range");
		const char *time = fer_model_text(at, "lease-time");
		struct in_addr mask;
		struct prefix prefix;
		char tag[TAG];

		if (!subnet_parse(at, &prefix))
			continue;
		tag_of(at, tag);
		mask.s_addr = htonl(~0u << (32 - prefix.length));
		fprintf(file, "dhcp-range=set:%s,%.*s,%s,%s,%s\n", tag, (int)strcspn(range, "-"),
			range, strchr(range, '-') + 1, inet_ntoa(mask),
			time ? time : lan->dnsmasq.lease_time);
	}
}

/* Routes that all clients are told have a default route with them, which is another one here. */
static void routes(const struct lan_config *lan, const struct fer_model *at, const char *tag,
		   FILE *file)
{
	const struct fer_model *option = fer_model_find(lan->at, "dhcp/option");

	for (; option; option = fer_model_next(option)) {
		const char *code = fer_model_text(option, "code");

		if (!strcmp(code, "121") || !strcmp(code, "249"))
			names_option(option, tag, fer_model_text(at, "router"), file);
	}
}

/* One with a tag counts more than that of all, the last of several most; without a value it is
 * none. */
void subnets_options(const struct lan_config *lan, FILE *file)
{
	const struct fer_model *at = first_of(lan), *option;

	for (; at; at = fer_model_next(at)) {
		const char *router = fer_model_text(at, "router");
		char tag[TAG];

		tag_of(at, tag);
		fprintf(file, "tag:%s,3%s%s\n", tag, router ? "," : "", router ? router : "");
		routes(lan, at, tag, file);
		option = fer_model_find(at, "option");
		for (; option; option = fer_model_next(option))
			names_option(option, tag, router, file);
	}
}
