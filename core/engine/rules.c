// SPDX-License-Identifier: GPL-2.0-or-later
#include "rules.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

struct rule_set *rule_set_new(void)
{
	return mem_zalloc(sizeof(struct rule_set));
}

static void match_clear(struct rule_match *match)
{
	free(match->vlan.at);
	free(match->inner_vlan.at);
	free(match->ether_type.at);
	free(match->protocol.at);
	free(match->source_port.at);
	free(match->destination_port.at);
	free(match->dscp.at);
	free(match->length.at);
	free(match->source.at);
	free(match->destination.at);
}

void rule_set_free(struct rule_set *set)
{
	if (!set)
		return;
	for (unsigned i = 0; i < set->count; i++)
		match_clear(&set->rule[i].match);
	for (unsigned i = 0; i < set->loans; i++) {
		free(set->loan[i].tcp.at);
		free(set->loan[i].udp.at);
	}
	free(set->rule);
	free(set);
}

struct rule *rule_set_add(struct rule_set *set, const char *name)
{
	struct rule *rule;

	if (set->count == FILTERS_MAX)
		return NULL;
	set->rule = mem_grow(set->rule, set->count, sizeof(*set->rule));
	rule = &set->rule[set->count++];
	memset(rule, 0, sizeof(*rule));
	strncpy(rule->name, name, sizeof(rule->name) - 1);
	return rule;
}

bool rules_change_frames(const struct rule_set *set)
{
	for (unsigned i = 0; i < set->count; i++)
		if (set->rule[i].mirror || set->rule[i].verdict == VERDICT_RESET ||
		    set->rule[i].to_port)
			return true;
	return false;
}

bool rules_have_guests(const struct rule_set *set)
{
	for (unsigned i = 0; i < set->count; i++)
		if (set->rule[i].to_port)
			return true;
	return set->loans;
}

void rule_ranges_add(struct rule_ranges *ranges, uint32_t low, uint32_t high)
{
	ranges->at = mem_grow(ranges->at, ranges->count, sizeof(*ranges->at));
	ranges->at[ranges->count++] = (struct rule_range){low, high};
}

void rule_prefixes_add(struct rule_prefixes *prefixes, const struct rule_prefix *prefix)
{
	prefixes->at = mem_grow(prefixes->at, prefixes->count, sizeof(*prefixes->at));
	prefixes->at[prefixes->count++] = *prefix;
}

static void prefix_mask(struct rule_prefix *prefix)
{
	for (unsigned bit = prefix->length; bit < 128; bit++)
		prefix->address[bit / 8] &= ~(0x80 >> bit % 8);
}

int rule_prefix_parse(const char *text, struct rule_prefix *prefix)
{
	struct rule_prefix p = {.family = strchr(text, ':') ? 6 : 4};
	const char *slash = strchr(text, '/');
	long length = p.family == 6 ? 128 : 32;
	size_t n = slash ? (size_t)(slash - text) : strlen(text);
	char address[INET6_ADDRSTRLEN];
	char *end;

	if (n >= sizeof(address))
		return -EINVAL;
	memcpy(address, text, n);
	address[n] = '\0';
	if (inet_pton(p.family == 6 ? AF_INET6 : AF_INET, address, p.address) != 1)
		return -EINVAL;
	if (slash) {
		long given = strtol(slash + 1, &end, 10);

		if (end == slash + 1 || *end || given < 0 || given > length)
			return -EINVAL;
		length = given;
	}
	p.length = length;
	prefix_mask(&p);
	*prefix = p;
	return 0;
}
