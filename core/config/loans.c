// SPDX-License-Identifier: GPL-2.0-or-later
#include "loans.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "core/api/model.h"
#include "core/config/model.h"
#include "core/config/problem.h"
#include "core/engine/rules.h"
#include "filters.h"

enum { WINDOW_MIN = 16 }; /* ports: below, sessions that linger are soon all there are */

static bool address_load(const struct fer_model *at, const char *name, unsigned *family,
			 uint8_t address[16], struct fer_problems *problems)
{
	const struct fer_model *leaf = fer_model_find(at, name);
	const char *text = fer_model_text(leaf, NULL);

	*family = strchr(text, ':') ? 6 : 4;
	if (inet_pton(*family == 4 ? AF_INET : AF_INET6, text, address) == 1 && address[0] &&
	    address[0] != 127 && (*family == 6 ? address[0] != 0xff : address[0] < 224))
		return true;
	fer_problem(problems, leaf, "found '%s', allowed is the IPv4 or IPv6 address of one device",
		    text);
	return false;
}

static void gateway_load(const struct fer_model *at, struct rule_loan *loan,
			 struct fer_problems *problems)
{
	unsigned family;

	if (fer_model_find(at, "gateway") &&
	    address_load(at, "gateway", &family, loan->gateway, problems) && family != loan->family)
		fer_problem(problems, fer_model_find(at, "gateway"),
			    "found '%s', allowed is an address of the loan's own family",
			    fer_model_text(at, "gateway"));
}

static void window_load(const struct fer_model *at, struct rule_loan *loan,
			struct fer_problems *problems)
{
	const struct fer_model *leaf = fer_model_find(at, "source-ports");
	struct rule_ranges window = {0};

	if (!leaf)
		return;
	filter_ports(at, "source-ports", &window, problems);
	if (window.count && window.at->high - window.at->low + 1 < WINDOW_MIN)
		fer_problem(problems, leaf, "found '%s', allowed is a range of %d ports or more",
			    fer_model_text(leaf, NULL), WINDOW_MIN);
	if (window.count) {
		loan->first_port = window.at->low;
		loan->last_port = window.at->high;
	}
	free(window.at);
}

static bool overlap(const struct rule_range *a, uint32_t low, uint32_t high)
{
	return a->low <= high && low <= a->high;
}

/* A port is lent once. */
static void once_check(const struct fer_model *at, const char *name,
		       const struct rule_ranges *ranges, const struct rule_loan *loan,
		       struct fer_problems *problems)
{
	const struct fer_model *value = fer_model_find(at, name);

	for (unsigned i = 0; value && i < ranges->count; i++, value = fer_model_next(value)) {
		for (unsigned k = 0; k < i; k++)
			if (overlap(&ranges->at[k], ranges->at[i].low, ranges->at[i].high))
				fer_problem(problems, value,
					    "'%s' overlaps with '%u-%u' of the same loan: a port "
					    "is lent once",
					    fer_model_text(value, NULL), ranges->at[k].low,
					    ranges->at[k].high);
		if (loan->first_port && overlap(&ranges->at[i], loan->first_port, loan->last_port))
			fer_problem(problems, value,
				    "'%s' overlaps with source-ports %u-%u: a port is lent once",
				    fer_model_text(value, NULL), loan->first_port, loan->last_port);
	}
}

/* The same address may be written in several ways. */
static void unique_check(const struct fer_model *at, const struct rule_set *set,
			 struct fer_problems *problems)
{
	const struct rule_loan *last = &set->loan[set->loans - 1];

	for (const struct rule_loan *loan = set->loan; loan < last; loan++)
		if (loan->family == last->family && !memcmp(loan->address, last->address, 16))
			fer_problem(problems, fer_model_find(at, "address"),
				    "'%s' is lent already, as '%s': one entry an address",
				    last->name, loan->name);
}

static void loan_load(const struct fer_model *at, struct rule_set *set,
		      struct fer_problems *problems)
{
	struct rule_loan *loan = &set->loan[set->loans++];
	unsigned family = 4;

	memset(loan, 0, sizeof(*loan));
	strncpy(loan->name, fer_model_text(at, "address"), sizeof(loan->name) - 1);
	address_load(at, "address", &family, loan->address, problems);
	loan->family = family;
	loan->owner =
		strcmp(fer_model_text(at, "owner"), "optical") ? PORT_ELECTRICAL : PORT_OPTICAL;
	loan->force = fer_model_flag(at, "force");
	filter_ports(at, "tcp", &loan->tcp, problems);
	filter_ports(at, "udp", &loan->udp, problems);
	window_load(at, loan, problems);
	gateway_load(at, loan, problems);
	once_check(at, "tcp", &loan->tcp, loan, problems);
	once_check(at, "udp", &loan->udp, loan, problems);
	unique_check(at, set, problems);
	if (!loan->tcp.count && !loan->udp.count && !loan->first_port)
		fer_problem(problems, at, "lends nothing: it needs tcp, udp or source-ports");
}

void loans_load(const struct fer_config *config, struct rule_set *set,
		struct fer_problems *problems)
{
	const struct fer_model *at = fer_config_find(config, "loan");

	for (; at && set->loans < LOANS_MAX; at = fer_model_next(at))
		if (fer_model_flag(at, "enabled"))
			loan_load(at, set, problems);
}
