// SPDX-License-Identifier: GPL-2.0-or-later
#include "causes.h"

#include <inttypes.h>
#include <string.h>

/* The first CAUSES are those of RS:1101:x. */
static const struct {
	unsigned kind, code;
	const char *words;
} causes[] = {
	{CAUSES_IN, CAUSE_LONG, "the prefix is too long"},
	{CAUSES_IN, CAUSE_SHORT, "the prefix is too short"},
	{CAUSES_IN, CAUSE_BOGON, "the prefix is not for the public Internet"},
	{CAUSES_IN, CAUSE_BOGON_AS,
	 "the path has an AS number that is not for the public Internet"},
	{CAUSES_IN, CAUSE_PATH_LONG, "the path is too long"},
	{CAUSES_IN, CAUSE_PATH_EMPTY, "the path is empty"},
	{CAUSES_IN, CAUSE_FIRST_AS, "the path does not begin with the client's AS"},
	{CAUSES_IN, CAUSE_NEXT_HOP, "the next hop is not the client's"},
	{CAUSES_IN, CAUSE_IRR_PREFIX, "the prefix is not registered for the client's as-set"},
	{CAUSES_IN, CAUSE_IRR_ORIGIN, "the origin AS is not in the client's as-set"},
	{CAUSES_IN, CAUSE_RPKI, "the origin is RPKI Invalid"},
	{CAUSES_IN, CAUSE_TRANSIT, "the path leads through a transit-free network"},
	{CAUSES_IN, CAUSE_AS_SET, "the path has an AS_SET"},
	{CAUSES_IN, CAUSE_NEVER_VIA, "the path has a network never to be reached by route servers"},
	{CAUSES_IN, CAUSE_BLACKHOLE, "the blackhole is not for a prefix of the client"},
	{CAUSES_IN, CAUSE_LAN, "the prefix is of the peering LAN"},
	{CAUSES_IN, CAUSE_ASPA, "the path is ASPA Invalid"},
	{CAUSES_IN, CAUSE_DENIED, "the prefix is one that the exchange denies"},
	{CAUSES_OUT, CAUSE_OPT_OUT, "the client takes no blackholes"},
	{CAUSES_OUT, CAUSE_NOT_TO, "its sender says: not to this client"},
	{CAUSES_OUT, CAUSE_NOT_NAMED, "its sender says: to nobody but those it names"},
	{CAUSES_OUT, CAUSE_NEXT_HOP_6,
	 "its next hop is IPv6, and the client takes no such (RFC 8950)"},
};

static const char *words_of(unsigned kind, unsigned code)
{
	for (size_t i = 0; i < sizeof(causes) / sizeof(*causes); i++)
		if (causes[i].kind == kind && causes[i].code == code)
			return causes[i].words;
	return "for a cause of another version";
}

unsigned cause_code(unsigned index)
{
	return causes[index].code;
}

const char *cause_words(unsigned index)
{
	return causes[index].words;
}

void causes_count(const char *large, uint32_t asn, uint32_t count[CAUSES])
{
	for (const char *at = strchr(large, '('); at; at = strchr(at + 1, '(')) {
		unsigned long by, what, code;

		if (sscanf(at, "(%lu, %lu, %lu)", &by, &what, &code) != 3 || by != asn ||
		    what != CAUSES_IN)
			continue;
		for (unsigned i = 0; i < CAUSES; i++)
			count[i] += causes[i].code == code;
	}
}

void causes_print(const char *large, uint32_t asn, unsigned kind, char *to, size_t size)
{
	size_t length = 0;

	*to = '\0';
	for (const char *at = strchr(large, '('); at; at = strchr(at + 1, '(')) {
		unsigned long by, what, code;

		if (sscanf(at, "(%lu, %lu, %lu)", &by, &what, &code) != 3 || by != asn ||
		    what != kind)
			continue;
		length += snprintf(to + length, size - length, "%s%s [%lu:%lu:%lu]",
				   length ? "; " : "", words_of(kind, code), by, what, code);
		if (length >= size)
			return;
	}
}
