// SPDX-License-Identifier: GPL-2.0-or-later
#include "filters.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/api/model.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/config/model.h"
#include "core/config/problem.h"
#include "core/engine/rules.h"
#include "loans.h"
#include "match_check.h"
#include "sessions.h"

struct name_value {
	const char *name;
	uint32_t value;
};

/* IEEE 802 numbers, IANA protocol numbers, RFC 2474, 2597 and 3246 code points */
static const struct name_value ether_types[] = {
	{"ipv4", 0x0800}, {"arp", 0x0806}, {"ipv6", 0x86dd}, {"slow", 0x8809},	{"eapol", 0x888e},
	{"lldp", 0x88cc}, {"ptp", 0x88f7}, {"mpls", 0x8847}, {"pppoe", 0x8864}, {NULL, 0},
};
static const struct name_value protocols[] = {
	{"icmp", 1},  {"igmp", 2},   {"tcp", 6},    {"udp", 17},       {"dccp", 33},
	{"gre", 47},  {"esp", 50},   {"ah", 51},    {"icmpv6", 58},    {"ospf", 89},
	{"pim", 103}, {"vrrp", 112}, {"sctp", 132}, {"udp-lite", 136}, {NULL, 0},
};
static const struct name_value dscps[] = {
	{"cs0", 0},   {"cs1", 8},   {"cs2", 16},  {"cs3", 24},	{"cs4", 32},  {"cs5", 40},
	{"cs6", 48},  {"cs7", 56},  {"af11", 10}, {"af12", 12}, {"af13", 14}, {"af21", 18},
	{"af22", 20}, {"af23", 22}, {"af31", 26}, {"af32", 28}, {"af33", 30}, {"af41", 34},
	{"af42", 36}, {"af43", 38}, {"ef", 46},	  {NULL, 0},
};
static const struct name_value no_names[] = {{NULL, 0}};
static const struct name_value vlan_names[] = {{"none", VLAN_NONE}, {NULL, 0}};
static const struct name_value tcp_flags[] = {
	{"fin", 1},  {"syn", 2},  {"rst", 4},	{"psh", 8}, {"ack", 16},
	{"urg", 32}, {"ece", 64}, {"cwr", 128}, {NULL, 0},
};

static const struct name_value *name_find(const struct name_value *names, const char *text)
{
	for (; names->name; names++)
		if (!strcmp(names->name, text))
			return names;
	return NULL;
}

unsigned filter_dscp(const char *text)
{
	const struct name_value *name = name_find(dscps, text);

	return name ? name->value : strtoul(text, NULL, 10);
}

/* Which values a field takes; `allowed` is for the message. */
struct field {
	const char *name;
	const struct name_value *names;
	uint32_t low, high;
	const char *allowed;
};

static const struct field vlan_field = {
	"vlan", vlan_names, 0, 4095, "a VLAN identifier 0..4095, a range such as 100-199, or none"};
static const struct field inner_vlan_field = {
	"inner-vlan", vlan_names, 0, 4095,
	"a VLAN identifier 0..4095, a range such as 100-199, or none"};
static const struct field ether_type_field = {"ether-type", ether_types, 0x600, 0xffff,
					      "a name or 0x0600..0xffff"};
static const struct field protocol_field = {"protocol", protocols, 0, 255, "a name or 0..255"};
static const struct field source_port_field = {"source-port", no_names, 0, 65535,
					       "a port 0..65535 or a range such as 8000-8099"};
static const struct field destination_port_field = {"destination-port", no_names, 0, 65535,
						    "a port 0..65535 or a range such as 8000-8099"};
static const struct field dscp_field = {"dscp", dscps, 0, 63, "a name or 0..63"};
static const struct field length_field = {"length", no_names, 0, LENGTH_VALUES - 2,
					  "0..16382 octets or a range such as 1500-9000"};

/* 0x800 is hexadecimal; a leading zero is no octal number: nobody means port 43 by 053. */
static uint64_t number_parse(const char *text, char **end)
{
	return strtoull(text, end, text[0] == '0' && (text[1] | 32) == 'x' ? 16 : 10);
}

static int range_parse(const struct field *field, const char *text, struct rule_range *range)
{
	const struct name_value *name = name_find(field->names, text);
	uint64_t low, high;
	char *end;

	if (name) {
		*range = (struct rule_range){name->value, name->value};
		return 0;
	}
	low = high = number_parse(text, &end);
	if (end != text && *end == '-')
		high = number_parse(end + 1, &end);
	if (end == text || *end || low > high || low < field->low || high > field->high)
		return -EINVAL;
	*range = (struct rule_range){low, high};
	return 0;
}

static void ranges_load(const struct fer_model *match, const struct field *field,
			struct rule_ranges *ranges, struct fer_problems *problems)
{
	const struct fer_model *value = fer_model_find(match, field->name);

	for (; value; value = fer_model_next(value)) {
		struct rule_range range;

		if (range_parse(field, fer_model_text(value, NULL), &range))
			fer_problem(problems, value, "found '%s', allowed is %s",
				    fer_model_text(value, NULL), field->allowed);
		else
			rule_ranges_add(ranges, range.low, range.high);
	}
}

void filter_ports(const struct fer_model *at, const char *name, struct rule_ranges *ranges,
		  struct fer_problems *problems)
{
	const struct field field = {name, no_names, 1, 65535,
				    "a port 1..65535 or a range such as 61000-61999"};

	ranges_load(at, &field, ranges, problems);
}

static void prefixes_load(const struct fer_model *match, const char *name,
			  struct rule_prefixes *prefixes, struct fer_problems *problems)
{
	const struct fer_model *value = fer_model_find(match, name);

	for (; value; value = fer_model_next(value)) {
		struct rule_prefix prefix;

		if (rule_prefix_parse(fer_model_text(value, NULL), &prefix))
			fer_problem(problems, value,
				    "found '%s', allowed is an IPv4 or IPv6 address or prefix, "
				    "such as 192.0.2.0/24 or 2001:db8::/32",
				    fer_model_text(value, NULL));
		else
			rule_prefixes_add(prefixes, &prefix);
	}
}

static void flags_load(const struct fer_model *match, struct rule_match *to,
		       struct fer_problems *problems)
{
	const struct fer_model *value = fer_model_find(match, "tcp-flags");
	const struct fer_model *first = value;

	for (; value; value = fer_model_next(value)) {
		const char *text = fer_model_text(value, NULL);
		const struct name_value *flag = name_find(tcp_flags, text + (*text == '!'));

		if (*text == '!')
			to->tcp_clear |= flag->value;
		else
			to->tcp_set |= flag->value;
	}
	if (to->tcp_set & to->tcp_clear)
		fer_problem(problems, first, "a flag cannot be both set and clear");
}

static void match_load(const struct fer_model *match, struct rule_match *m,
		       struct fer_problems *problems)
{
	unsigned before = problems->list->count;

	ranges_load(match, &vlan_field, &m->vlan, problems);
	ranges_load(match, &inner_vlan_field, &m->inner_vlan, problems);
	ranges_load(match, &ether_type_field, &m->ether_type, problems);
	ranges_load(match, &protocol_field, &m->protocol, problems);
	ranges_load(match, &source_port_field, &m->source_port, problems);
	ranges_load(match, &destination_port_field, &m->destination_port, problems);
	ranges_load(match, &dscp_field, &m->dscp, problems);
	ranges_load(match, &length_field, &m->length, problems);
	prefixes_load(match, "source", &m->source, problems);
	prefixes_load(match, "destination", &m->destination, problems);
	flags_load(match, m, problems);
	if (problems->list->count == before)
		match_check(match, m, problems);
	m->reverse = fer_model_flag(match, "reverse");
}

static enum image_verdict verdict_load(const struct fer_model *filter, const struct rule_match *m,
				       struct fer_problems *problems)
{
	const char *action = fer_model_text(filter, "action");

	if (!action)
		return VERDICT_NONE;
	if (!strcmp(action, "drop"))
		return VERDICT_DROP;
	if (!strcmp(action, "divert"))
		return VERDICT_DIVERT;
	if (strcmp(action, "reset"))
		return VERDICT_PASS;
	if (m->protocol.count != 1 || m->protocol.at->low != 6 || m->protocol.at->high != 6)
		fer_problem(problems, fer_model_find(filter, "action"),
			    "'reset' is for TCP alone: the match needs 'protocol: tcp'");
	return VERDICT_RESET;
}

/* A local service that answers needs ports, and one direction. */
static void to_port_check(const struct fer_model *at, const struct rule *rule,
			  struct fer_problems *problems)
{
	const struct rule_ranges *protocol = &rule->match.protocol;

	if (rule->verdict != VERDICT_DIVERT)
		fer_problem(problems, at, "'to-port' needs 'action: divert'");
	for (unsigned i = 0; i < protocol->count || !i; i++)
		if (!protocol->count || protocol->at[i].low != protocol->at[i].high ||
		    (protocol->at[i].low != 6 && protocol->at[i].low != 17)) {
			fer_problem(
				problems, at,
				"'to-port' is for TCP and UDP: the match needs 'protocol: tcp', "
				"udp, or both");
			break;
		}
	if (rule->match.reverse)
		fer_problem(problems, at,
			    "'reverse' would divert answers, too: leave it out with 'to-port'");
}

static void answer_check(const struct fer_model *at, const struct rule *rule,
			 const struct rule_set *set, struct fer_problems *problems)
{
	const struct rule_prefixes *to = &rule->match.destination;
	unsigned count = 0;

	for (unsigned i = 0; i < set->count; i++)
		count += set->rule[i].answer_arp ? set->rule[i].match.destination.count : 0;
	if (!rule->to_port)
		fer_problem(problems, at, "'answer-arp' needs 'to-port'");
	for (unsigned i = 0; i < to->count || !i; i++)
		if (!to->count || to->at[i].family != 4 || to->at[i].length != 32) {
			fer_problem(problems, at,
				    "'answer-arp' needs single IPv4 addresses in "
				    "'match/destination'");
			return;
		}
	for (unsigned i = 0; i < set->loans * to->count; i++) {
		const struct rule_loan *loan = &set->loan[i / to->count];

		if (loan->family == 4 && !memcmp(loan->address, to->at[i % to->count].address, 4))
			fer_problem(problems, at,
				    "ARP is never answered for the owner of a loan, as %s is",
				    loan->name);
	}
	if (count > ANSWERS_MAX)
		fer_problem(problems, at, "more than %d addresses to answer ARP for", ANSWERS_MAX);
}

static void service_load(const struct fer_model *filter, struct rule *rule,
			 const struct rule_set *set, struct fer_problems *problems)
{
	const struct fer_model *to_port = fer_model_find(filter, "to-port");

	rule->to_port = fer_model_number(filter, "to-port", 0);
	rule->answer_arp = fer_model_flag(filter, "answer-arp");
	if (to_port)
		to_port_check(to_port, rule, problems);
	if (rule->answer_arp)
		answer_check(fer_model_find(filter, "answer-arp"), rule, set, problems);
}

static uint8_t from_load(const char *from)
{
	if (!strcmp(from, "optical"))
		return 1 << PORT_OPTICAL;
	if (!strcmp(from, "electrical"))
		return 1 << PORT_ELECTRICAL;
	return 1 << PORT_OPTICAL | 1 << PORT_ELECTRICAL;
}

static void filter_load(const struct fer_model *filter, struct rule_set *set,
			struct fer_problems *problems)
{
	struct rule *rule = rule_set_add(set, fer_model_text(filter, "name"));

	if (!rule) {
		fer_problem(problems, filter, "more than %d filters", FILTERS_MAX);
		return;
	}
	rule->from = from_load(fer_model_text(filter, "from"));
	match_load(fer_model_find(filter, "match"), &rule->match, problems);
	rule->copy = fer_model_flag(filter, "copy");
	rule->sample = fer_model_number(filter, "sample", 1);
	rule->fail_open = strcmp(fer_model_text(filter, "on-failure"), "keep") != 0;
	rule->mirror = sessions_named(fer_model_find(filter, "mirror"), set, problems);
	rule->capture = captures_named(fer_model_find(filter, "capture"), set, problems);
	rule->verdict = verdict_load(filter, &rule->match, problems);
	service_load(filter, rule, set, problems);
}

struct rule_set *filters_load(const struct fer_config *config, struct fer_problems *problems)
{
	const struct fer_model *limit = fer_config_find(config, "host-link/rate-limit");
	const struct fer_model *filter = fer_config_find(config, "filter");
	const char *reserved =
		fer_model_text(fer_config_find(config, "wire"), "reserved-multicast");
	struct rule_set *set = rule_set_new();
	unsigned before = problems->list->count;

	set->host_kbits = fer_model_number(limit, "kbits", 0);
	set->host_packets = fer_model_number(limit, "packets", 0);
	sessions_load(config, set, problems);
	captures_load(config, set);
	loans_load(config, set, problems);
	set->drop_reserved = reserved && !strcmp(reserved, "drop");
	for (; filter; filter = fer_model_next(filter))
		if (fer_model_flag(filter, "enabled"))
			filter_load(filter, set, problems);
	set->flows = rules_have_guests(set)
			     ? fer_model_number(fer_config_find(config, "wire"), "flow-table", 0)
			     : 0;
	if (problems->list->count == before)
		return set;
	rule_set_free(set);
	return NULL;
}

/* ---- in words ---- */

static void words_add(struct text *text, const struct fer_model *match, const char *name,
		      const char *label)
{
	const struct fer_model *value = fer_model_find(match, name);

	for (bool first = true; value; value = fer_model_next(value), first = false) {
		if (first)
			text_add(text, "%s%s ", text->length ? "; " : "", label);
		text_add(text, "%s%s", first ? "" : ",", fer_model_text(value, NULL));
	}
}

char *filter_match_words(const struct fer_model *filter)
{
	static const char *const fields[][2] = {
		{"vlan", "vlan"},	  {"inner-vlan", "inner-vlan"},	 {"ether-type", "type"},
		{"source", "from"},	  {"destination", "to"},	 {"protocol", "protocol"},
		{"source-port", "sport"}, {"destination-port", "dport"}, {"tcp-flags", "flags"},
		{"dscp", "dscp"},	  {"length", "length"},
	};
	const struct fer_model *match = fer_model_find(filter, "match");
	struct text text = {0};

	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
		words_add(&text, match, fields[i][0], fields[i][1]);
	if (fer_model_flag(match, "reverse"))
		text_add(&text, "%sreverse", text.length ? "; " : "");
	if (!text.length)
		text_add(&text, "any");
	return text_take(&text);
}

char *filter_copies_words(const struct fer_model *filter)
{
	const struct fer_model *mirror = fer_model_find(filter, "mirror");
	const struct fer_model *capture = fer_model_find(filter, "capture");
	uint64_t sample = fer_model_number(filter, "sample", 1);
	struct text text = {0};

	if (fer_model_flag(filter, "copy"))
		text_add(&text, "host");
	for (; mirror; mirror = fer_model_next(mirror))
		text_add(&text, "%smirror %s", text.length ? ", " : "",
			 fer_model_text(mirror, NULL));
	for (; capture; capture = fer_model_next(capture))
		text_add(&text, "%scapture %s", text.length ? ", " : "",
			 fer_model_text(capture, NULL));
	if (text.length && sample > 1)
		text_add(&text, " 1/%llu", (unsigned long long)sample);
	return text_take(&text);
}
