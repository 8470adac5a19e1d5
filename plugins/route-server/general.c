// SPDX-License-Identifier: GPL-2.0-or-later
#include "general.h"

#include <libfyaml.h>
#include <stdlib.h>
#include <string.h>

#include "foreign.h"
#include "member.h"

/* ---- parts that cfg and a client have alike ---- */

/* "174, 701", a folded scalar of that, or a list. How many there are. */
static unsigned numbers(struct fy_node *at, FILE *file)
{
	struct fy_node *item;
	void *iterator = NULL;
	unsigned count = 0;
	char text[LONG];

	if (at && fy_node_is_sequence(at)) {
		while ((item = fy_node_sequence_iterate(at, &iterator)))
			if (*long_text_of(item, text, sizeof(text)))
				fprintf(file, "%s%s", count++ ? ", " : "", text);
		return count;
	}
	long_text_of(at, text, sizeof(text));
	for (char *save = NULL, *one = strtok_r(text, ", \t", &save); one;
	     one = strtok_r(NULL, ", \t", &save))
		fprintf(file, "%s%s", count++ ? ", " : "", one);
	return count;
}

/* "NAME: [1, 2]" behind `before`, where there are any. */
static void numbers_line(struct fy_node *at, const char *before, const char *name,
			 const char *after, FILE *file)
{
	char *list = NULL;
	size_t size;
	FILE *text = open_memstream(&list, &size);
	unsigned count;

	if (!text)
		abort();
	count = numbers(at, text);
	fclose(text);
	if (count)
		fprintf(file, "%s%s: [%s]%s", before, name, list, after);
	free(list);
}

/* {ipv4: 8-24, ipv6: 12-48}, as far as both ends are there */
static void lengths(struct fy_node *at, const char *before, const char *after, FILE *file)
{
	static const char *const path[] = {"filtering.ipv4_pref_len", "filtering.ipv6_pref_len"};
	char low[2][PATH], high[2][PATH];
	bool has[2];

	for (unsigned f = 0; f < 2; f++) {
		text_at(find(at, path[f]), "min", low[f]);
		text_at(find(at, path[f]), "max", high[f]);
		has[f] = *low[f] && *high[f];
	}
	if (!has[0] && !has[1])
		return;
	fprintf(file, "%sprefix-length: {", before);
	if (has[0])
		fprintf(file, "ipv4: %s-%s", low[0], high[0]);
	if (has[1])
		fprintf(file, "%sipv6: %s-%s", has[0] ? ", " : "", low[1], high[1]);
	fprintf(file, "}%s", after);
}

static const char *hop_of(const char *policy)
{
	return !strcmp(policy, "authorized_addresses") ? "listed" : policy;
}

/* ours: "warn"; NULL: it is none of arouteserver's. */
static const char *action_of(const char *action)
{
	static const char *const pairs[][2] = {{"shutdown", "shutdown"},
					       {"restart", "restart"},
					       {"block", "block"},
					       {"warning", "warn"}};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++)
		if (!strcmp(action, pairs[i][0]))
			return pairs[i][1];
	return NULL;
}

/* The value, or what arouteserver takes for it. */
static bool flag_at(struct fy_node *at, const char *path, bool without)
{
	char text[PATH];

	text_at(at, path, text);
	return *text ? is_true(text) : without;
}

static void enforced(bool by_origin, bool by_prefix, FILE *file)
{
	fprintf(file, "enforce: [%s%s%s]", by_origin ? "origin" : "",
		by_origin && by_prefix ? ", " : "", by_prefix ? "prefix" : "");
}

static bool is_bounded(struct fy_node *list)
{
	static const char *const bounds[] = {"exact", "ge", "le"};
	struct fy_node *item;
	void *iterator = NULL;

	while (list && fy_node_is_sequence(list) &&
	       (item = fy_node_sequence_iterate(list, &iterator)))
		for (size_t i = 0; i < sizeof(bounds) / sizeof(*bounds); i++)
			if (child(item, bounds[i]))
				return true;
	return false;
}

/* One of arouteserver's prefix lists. Without bounds of its own an entry is all parts of it, there
 * and here. */
static void prefixes_line(struct fy_node *list, const char *before, const char *name,
			  const char *after, FILE *file)
{
	struct fy_node *item;
	void *iterator = NULL;
	unsigned count = 0;

	while (list && fy_node_is_sequence(list) &&
	       (item = fy_node_sequence_iterate(list, &iterator))) {
		char prefix[PATH], length[PATH];

		text_at(item, "prefix", prefix);
		text_at(item, "length", length);
		if (!*prefix || !*length)
			continue;
		if (!count)
			fprintf(file, "%s%s: [", before, name);
		fprintf(file, "%s\"%s/%s\"", count++ ? ", " : "", prefix, length);
	}
	if (count)
		fprintf(file, "]%s", after);
}

#define ORIGIN "filtering.irrdb.enforce_origin_in_as_set"
#define PREFIX "filtering.irrdb.enforce_prefix_in_as_set"
#define LIMITS "filtering.max_prefix."
#define ROAS   "filtering.irrdb.use_rpki_roas_as_route_objects.enabled"
#define DENIED "filtering.global_black_list_pref"

/* ---- general.yml ---- */

/* arouteserver enforces both unless it is told not to. */
static void irr(struct fy_node *cfg, FILE *file)
{
	bool by_origin = flag_at(cfg, ORIGIN, true), by_prefix = flag_at(cfg, PREFIX, true);

	if (!by_origin && !by_prefix)
		return;
	fprintf(file, "    irr: {source: file, file: irr.json, ");
	enforced(by_origin, by_prefix, file);
	fprintf(file, "%s%s}\n",
		flag_at(cfg, "filtering.irrdb.allow_longer_prefixes", false)
			? ", more-specifics: true"
			: "",
		by_origin && flag_at(cfg, ROAS, false) ? ", roa-as-route-object: true" : "");
}

/* Without an action arouteserver enforces no limit. */
static void limits(struct fy_node *cfg, FILE *file)
{
	char four[PATH], six[PATH], action[PATH], wait[PATH];
	const char *what;

	text_at(cfg, LIMITS "general_limit_ipv4", four);
	text_at(cfg, LIMITS "general_limit_ipv6", six);
	text_at(cfg, LIMITS "action", action);
	text_at(cfg, LIMITS "restart_after", wait);
	what = action_of(action);
	if (!what) {
		fprintf(file, "    max-prefix: {action: warn%s%s%s%s}\n", *four ? ", ipv4: " : "",
			four, *six ? ", ipv6: " : "", six);
		fprintf(file,
			"# max-prefix: no action%s%s: nothing is enforced there, so that here "
			"more is taken and said; the limits count for the memory\n",
			*action ? " that is known here: " : "", action);
		return;
	}
	fprintf(file, "    max-prefix: {ipv4: %s, ipv6: %s, action: %s%s%s}\n",
		*four ? four : "170000", *six ? six : "12000", what, *wait ? ", wait: " : "", wait);
}

/* Off unless one of the policies says what to do. */
static void blackhole(struct fy_node *cfg, FILE *file)
{
	char policy[2][PATH], four[PATH], six[PATH];
	bool receive = flag_at(cfg, "blackhole_filtering.announce_to_client", true);

	text_at(cfg, "blackhole_filtering.policy_ipv4", policy[0]);
	text_at(cfg, "blackhole_filtering.policy_ipv6", policy[1]);
	text_at(cfg, "blackhole_filtering.rewrite_next_hop_ipv4", four);
	text_at(cfg, "blackhole_filtering.rewrite_next_hop_ipv6", six);
	if (!*policy[0] && !*policy[1])
		return;
	fprintf(file, "    blackhole: {communities: [rfc7999]%s%s%s%s%s%s}\n",
		*four ? ", ipv4: " : "", four, *six ? ", ipv6: \"" : "", six, *six ? "\"" : "",
		receive ? "" : ", receive: false");
	for (unsigned f = 0; f < 2; f++)
		if (!*policy[f])
			fprintf(file,
				"# blackhole: policy_ipv%c is not set: off there, and on here, "
				"where both families have one policy\n",
				f ? '6' : '4');
}

static void transit_free(struct fy_node *cfg, FILE *file)
{
	struct fy_node *asns = find(cfg, "filtering.transit_free.asns");
	char action[PATH];

	text_at(cfg, "filtering.transit_free.action", action);
	if (!asns || strcmp(*action ? action : "reject", "reject")) {
		fprintf(file, "    transit-free: false\n");
		if (asns)
			fprintf(file, "# transit-free: action %s: taken there, and here\n", action);
		return;
	}
	numbers_line(asns, "    ", "transit-free-asn", "\n", file);
}

static void flag_line(struct fy_node *cfg, const char *path, const char *name, FILE *file)
{
	fprintf(file, "    %s: %s\n", name, flag_at(cfg, path, false) ? "true" : "false");
}

void general_write(struct fy_node *cfg, FILE *file)
{
	char text[PATH];

	lengths(cfg, "    ", "\n", file);
	text_at(cfg, "filtering.next_hop.policy", text);
	fprintf(file, "    next-hop: %s\n", *text ? hop_of(text) : "strict");
	if (*text_at(cfg, "filtering.max_as_path_len", text))
		fprintf(file, "    path-length: %s\n", text);
	if (!flag_at(cfg, "filtering.reject_invalid_as_in_as_path", true))
		fprintf(file, "# reject_invalid_as_in_as_path: False: 'bogons' is prefixes as well "
			      "as AS numbers, and stays on\n");
	numbers_line(find(cfg, "filtering.never_via_route_servers.asns"), "    ",
		     "never-via-route-servers", "\n", file);
	transit_free(cfg, file);
	prefixes_line(find(cfg, DENIED), "    ", "deny-prefix", "\n", file);
	if (is_bounded(find(cfg, DENIED)))
		fprintf(file, "# global_black_list_pref: exact, ge, le: all parts of a prefix are "
			      "denied here\n");
	flag_line(cfg, "filtering.roles.enabled", "roles", file);
	flag_line(cfg, "graceful_shutdown.enabled", "graceful-shutdown", file);
	flag_line(cfg, "add_path", "add-path", file);
	fprintf(file, "    path-hiding: %s\n",
		flag_at(cfg, "path_hiding", true) ? "mitigate" : "none");
	irr(cfg, file);
	limits(cfg, file);
	blackhole(cfg, file);
}

/* ---- a client's own ---- */

/* What is in `irr` of a client: comma by comma. */
static void client_irr(struct fy_node *cfg, struct fy_node *own, FILE *file)
{
	bool by_origin = flag_at(own, ORIGIN, flag_at(cfg, ORIGIN, true));
	bool by_prefix = flag_at(own, PREFIX, flag_at(cfg, PREFIX, true));
	bool says = find(own, ORIGIN) || find(own, PREFIX);
	struct fy_node *prefixes = find(own, "filtering.irrdb.white_list_pref");
	struct fy_node *origins = find(own, "filtering.irrdb.white_list_asn");

	if (!says && !prefixes && !origins)
		return;
	fprintf(file, ", irr: {");
	if (says)
		enforced(by_origin, by_prefix, file);
	prefixes_line(prefixes, says ? ", " : "", "accept-prefix", "", file);
	numbers_line(origins, says || prefixes ? ", " : "", "accept-origin", "", file);
	fprintf(file, "}");
}

static void client_hop(struct fy_node *own, FILE *file)
{
	char text[PATH];

	text_at(own, "filtering.next_hop.policy", text);
	if (!*text)
		return;
	fprintf(file, ", next-hop: %s", hop_of(text));
	numbers_line(find(own, "filtering.next_hop.authorized_addresses_list"), ", ",
		     "next-hop-address", "", file);
}

void general_of_client(struct fy_node *cfg, struct fy_node *own, struct member *member)
{
	static const char *const flags[][2] = {{"add_path", "add-path"},
					       {"filtering.roles.enabled", "roles"},
					       {"graceful_shutdown.enabled", "graceful-shutdown"}};
	char action[PATH];
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	if (!file)
		abort();
	client_irr(cfg, own, file);
	client_hop(own, file);
	prefixes_line(find(own, "filtering.black_list_pref"), ", ", "deny-prefix", "", file);
	lengths(own, ", ", "", file);
	for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++)
		if (find(own, flags[i][0]))
			fprintf(file, ", %s: %s", flags[i][1],
				flag_at(own, flags[i][0], false) ? "true" : "false");
	fclose(file);
	/* half of it would be no YAML */
	if (size < sizeof(member->more))
		memcpy(member->more, text, size + 1);
	free(text);
	text_at(own, LIMITS "action", action);
	snprintf(member->action, sizeof(member->action), "%s",
		 action_of(action) ? action_of(action) : "");
}

/* ---- what is used ---- */

static bool is_among(const char *const *list, size_t count, const char *path)
{
	for (size_t i = 0; i < count; i++) {
		size_t length = strlen(list[i]);

		if (!strncmp(path, list[i], length) && (!path[length] || path[length] == '.'))
			return true;
	}
	return false;
}

static const char *const alike[] = {
	"filtering.next_hop.policy",
	"filtering.ipv4_pref_len",
	"filtering.ipv6_pref_len",
	ORIGIN,
	PREFIX,
	LIMITS "action",
	"filtering.roles.enabled",
	"graceful_shutdown.enabled",
	"add_path",
};

static const char *const of_cfg[] = {
	"rs_as",
	"router_id",
	"passive",
	"gtsm",
	"path_hiding",
	"filtering.max_as_path_len",
	"filtering.reject_invalid_as_in_as_path",
	"filtering.never_via_route_servers.asns",
	"filtering.transit_free",
	"filtering.irrdb.allow_longer_prefixes",
	ROAS,
	DENIED,
	"filtering.rpki_bgp_origin_validation.enabled",
	"filtering.rpki_bgp_origin_validation.reject_invalid",
	LIMITS "restart_after",
	LIMITS "general_limit_ipv4",
	LIMITS "general_limit_ipv6",
	"blackhole_filtering.rewrite_next_hop_ipv4",
	"blackhole_filtering.rewrite_next_hop_ipv6",
	"blackhole_filtering.policy_ipv4",
	"blackhole_filtering.policy_ipv6",
	"blackhole_filtering.announce_to_client",
};

static const char *const of_client[] = {
	"filtering.irrdb.as_sets",
	"filtering.irrdb.white_list_pref",
	"filtering.irrdb.white_list_asn",
	"filtering.black_list_pref",
	LIMITS "limit_ipv4",
	LIMITS "limit_ipv6",
	"filtering.next_hop.authorized_addresses_list",
	"blackhole_filtering.announce_to_client",
};

bool general_takes(const char *path)
{
	return is_among(alike, sizeof(alike) / sizeof(*alike), path) ||
	       is_among(of_cfg, sizeof(of_cfg) / sizeof(*of_cfg), path);
}

bool general_takes_of_client(const char *path)
{
	return is_among(alike, sizeof(alike) / sizeof(*alike), path) ||
	       is_among(of_client, sizeof(of_client) / sizeof(*of_client), path);
}
