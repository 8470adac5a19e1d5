// SPDX-License-Identifier: GPL-2.0-or-later
#include "import.h"

#include <ctype.h>
#include <errno.h>
#include <libfyaml.h>
#include <stdlib.h>
#include <string.h>

#include "core/api/file.h"
#include "foreign.h"
#include "ixf.h"
#include "member.h"

enum { FILES = 8, DEPTH = 8 };

struct import {
	struct fy_document *at[FILES];
	unsigned count;
	unsigned vlan; /* of a member export; 0: the first one */
};

struct import *import_new(void)
{
	struct import *import = calloc(1, sizeof(*import));

	if (!import)
		abort();
	return import;
}

void import_free(struct import *import)
{
	for (unsigned i = 0; import && i < import->count; i++)
		fy_document_destroy(import->at[i]);
	free(import);
}

static struct fy_node *root_with(const struct import *import, const char *key)
{
	for (unsigned i = 0; i < import->count; i++) {
		struct fy_node *at = child(fy_document_root(import->at[i]), key);

		if (at)
			return at;
	}
	return NULL;
}

/* ---- files ---- */

static bool is_known(struct fy_node *root)
{
	static const char *const keys[] = {"cfg", "clients", "member_list"};

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (child(root, keys[i]))
			return true;
	return false;
}

int import_read(struct import *import, const char *path, char *why, size_t size)
{
	const struct fy_parse_cfg cfg = {.flags = FYPCF_QUIET | FYPCF_COLLECT_DIAG};
	struct fy_document *document;
	FILE *file = fer_file_open(path);

	if (!file) {
		snprintf(why, size, "cannot be read: %s", strerror(errno));
		return -ENOENT;
	}
	document = import->count < FILES ? fy_document_build_from_fp(&cfg, file) : NULL;
	fclose(file);
	if (!document || !is_known(fy_document_root(document))) {
		fy_document_destroy(document);
		snprintf(why, size,
			 "allowed are arouteserver's general.yml and clients.yml, and an IX-F "
			 "member export (JSON)");
		return -EINVAL;
	}
	import->at[import->count++] = document;
	return 0;
}

/* ---- general.yml ---- */

enum how { AS_IS, TRUTH, MITIGATE, HOP, NUMBERS, KNOWN };

static const struct rule {
	const char *from; /* below cfg */
	enum how how;
	const char *to; /* a line in policy, or NULL: said elsewhere */
} rules[] = {
	{"rs_as", KNOWN, NULL},
	{"router_id", KNOWN, NULL},
	{"passive", KNOWN, NULL},
	{"gtsm", KNOWN, NULL},
	{"filtering.next_hop.policy", HOP, "next-hop"},
	{"filtering.ipv4_pref_len", KNOWN, NULL},
	{"filtering.ipv6_pref_len", KNOWN, NULL},
	{"filtering.max_as_path_len", AS_IS, "path-length"},
	{"filtering.reject_invalid_as_in_as_path", TRUTH, "bogons"},
	{"filtering.never_via_route_servers.asns", NUMBERS, "never-via-route-servers"},
	{"filtering.transit_free.asns", NUMBERS, "transit-free-asn"},
	{"filtering.transit_free.action", KNOWN, NULL},
	{"filtering.irrdb.enforce_origin_in_as_set", KNOWN, NULL},
	{"filtering.irrdb.enforce_prefix_in_as_set", KNOWN, NULL},
	{"filtering.irrdb.allow_longer_prefixes", KNOWN, NULL},
	{"filtering.rpki_bgp_origin_validation.enabled", KNOWN, NULL},
	{"filtering.rpki_bgp_origin_validation.reject_invalid", KNOWN, NULL},
	{"filtering.max_prefix.action", KNOWN, NULL},
	{"filtering.max_prefix.restart_after", KNOWN, NULL},
	{"filtering.max_prefix.general_limit_ipv4", KNOWN, NULL},
	{"filtering.max_prefix.general_limit_ipv6", KNOWN, NULL},
	{"blackhole_filtering.rewrite_next_hop_ipv4", KNOWN, NULL},
	{"blackhole_filtering.rewrite_next_hop_ipv6", KNOWN, NULL},
	{"blackhole_filtering.policy_ipv4", KNOWN, NULL},
	{"blackhole_filtering.policy_ipv6", KNOWN, NULL},
	{"blackhole_filtering.announce_to_client", KNOWN, NULL},
	{"filtering.roles.enabled", TRUTH, "roles"},
	{"graceful_shutdown.enabled", TRUTH, "graceful-shutdown"},
	{"path_hiding", MITIGATE, "path-hiding"},
	{"add_path", TRUTH, "add-path"},
};

static void numbers(struct fy_node *at, const char *name, FILE *file)
{
	struct fy_node *item;
	void *iterator = NULL;
	const char *comma = "";
	char text[PATH];

	if (!at || !fy_node_is_sequence(at))
		return;
	fprintf(file, "    %s: [", name);
	while ((item = fy_node_sequence_iterate(at, &iterator))) {
		fprintf(file, "%s%s", comma, text_of(item, text));
		comma = ", ";
	}
	fprintf(file, "]\n");
}

static void lengths(struct fy_node *cfg, FILE *file)
{
	char a[2][2][PATH];
	static const char *const path[] = {"filtering.ipv4_pref_len", "filtering.ipv6_pref_len"};
	const char *comma = "";

	for (unsigned f = 0; f < 2; f++) {
		text_at(find(cfg, path[f]), "min", a[f][0]);
		text_at(find(cfg, path[f]), "max", a[f][1]);
	}
	if (!*a[0][1] && !*a[1][1])
		return;
	fprintf(file, "    prefix-length: {");
	for (unsigned f = 0; f < 2; f++)
		if (*a[f][0] && *a[f][1]) {
			fprintf(file, "%sipv%c: %s-%s", comma, f ? '6' : '4', a[f][0], a[f][1]);
			comma = ", ";
		}
	fprintf(file, "}\n");
}

static void rule_write(const struct rule *rule, struct fy_node *at, FILE *file)
{
	char text[PATH];

	text_of(at, text);
	if (rule->how == NUMBERS)
		numbers(at, rule->to, file);
	if (!*text)
		return;
	if (rule->how == AS_IS)
		fprintf(file, "    %s: %s\n", rule->to, text);
	else if (rule->how == TRUTH)
		fprintf(file, "    %s: %s\n", rule->to, is_true(text) ? "true" : "false");
	else if (rule->how == MITIGATE)
		fprintf(file, "    %s: %s\n", rule->to, is_true(text) ? "mitigate" : "none");
	else if (rule->how == HOP)
		fprintf(file, "    %s: %s\n", rule->to,
			!strcmp(text, "authorized_addresses") ? "listed" : text);
}

/* arouteserver enforces both unless it is told not to. */
static void irr(struct fy_node *cfg, FILE *file)
{
	char origin[PATH], prefix[PATH], longer[PATH];
	bool by_origin, by_prefix;

	text_at(cfg, "filtering.irrdb.enforce_origin_in_as_set", origin);
	text_at(cfg, "filtering.irrdb.enforce_prefix_in_as_set", prefix);
	text_at(cfg, "filtering.irrdb.allow_longer_prefixes", longer);
	by_origin = !*origin || is_true(origin);
	by_prefix = !*prefix || is_true(prefix);
	if (!by_origin && !by_prefix)
		return;
	fprintf(file, "    irr: {source: file, file: irr.json, enforce: [%s%s%s]%s}\n",
		by_origin ? "origin" : "", by_origin && by_prefix ? ", " : "",
		by_prefix ? "prefix" : "", is_true(longer) ? ", more-specifics: true" : "");
}

static void limits(struct fy_node *cfg, FILE *file)
{
	char four[PATH], six[PATH], action[PATH], wait[PATH];
	const char *what;

	text_at(cfg, "filtering.max_prefix.general_limit_ipv4", four);
	text_at(cfg, "filtering.max_prefix.general_limit_ipv6", six);
	text_at(cfg, "filtering.max_prefix.action", action);
	text_at(cfg, "filtering.max_prefix.restart_after", wait);
	what = !strcmp(action, "warning") ? "warn" : *action ? action : "restart";
	fprintf(file, "    max-prefix: {ipv4: %s, ipv6: %s, action: %s%s%s}\n",
		*four ? four : "170000", *six ? six : "12000", what, *wait ? ", wait: " : "", wait);
}

static void blackhole(struct fy_node *cfg, FILE *file)
{
	char four[PATH], six[PATH], receive[PATH];

	if (!find(cfg, "blackhole_filtering"))
		return;
	text_at(cfg, "blackhole_filtering.rewrite_next_hop_ipv4", four);
	text_at(cfg, "blackhole_filtering.rewrite_next_hop_ipv6", six);
	text_at(cfg, "blackhole_filtering.announce_to_client", receive);
	fprintf(file, "    blackhole: {communities: [rfc7999]%s%s%s%s%s%s}\n",
		*four ? ", ipv4: " : "", four, *six ? ", ipv6: \"" : "", six, *six ? "\"" : "",
		*receive && !is_true(receive) ? ", receive: false" : "");
}

static void general(struct fy_node *cfg, FILE *file)
{
	char asn[PATH], id[PATH];

	fprintf(file, "  asn: %s\n", *text_at(cfg, "rs_as", asn) ? asn : "# fill in");
	fprintf(file, "  router-id: %s\n", *text_at(cfg, "router_id", id) ? id : "# fill in");
	if (!cfg)
		return;
	fprintf(file, "  policy:\n");
	lengths(cfg, file);
	for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++)
		rule_write(&rules[i], find(cfg, rules[i].from), file);
	irr(cfg, file);
	limits(cfg, file);
	blackhole(cfg, file);
}

/* ---- clients.yml ---- */

static void each_set(struct member *m, struct fy_node *at)
{
	struct fy_node *item;
	void *iterator = NULL;
	char text[PATH];

	if (!at || !fy_node_is_sequence(at))
		return;
	while ((item = fy_node_sequence_iterate(at, &iterator)))
		set_add(m, text_of(item, text));
}

static bool flag(struct fy_node *client, struct fy_node *cfg, const char *name)
{
	char own[PATH], all[PATH];

	text_at(client, name, own);
	text_at(cfg, name, all);
	return is_true(*own ? own : all);
}

static void client(const struct import *import, struct fy_node *at, struct counted *counted,
		   FILE *file)
{
	struct fy_node *ip = child(at, "ip"), *item, *cfg = root_with(import, "cfg");
	struct member m = {0};
	char text[PATH], as[PATH + 2];
	void *iterator = NULL;

	text_at(at, "asn", m.asn);
	m.number = number_of(counted, m.asn);
	text_at(at, "description", m.description);
	if (ip && fy_node_is_scalar(ip))
		address_add(&m, text_of(ip, text));
	while (ip && fy_node_is_sequence(ip) && (item = fy_node_sequence_iterate(ip, &iterator)))
		address_add(&m, text_of(item, text));
	each_set(&m, find(at, "cfg.filtering.irrdb.as_sets"));
	snprintf(as, sizeof(as), "AS%s", m.asn);
	if (!*m.sets)
		each_set(&m, child(child(root_with(import, "asns"), as), "as_sets"));
	text_at(at, "cfg.filtering.max_prefix.limit_ipv4", m.limit[0]);
	text_at(at, "cfg.filtering.max_prefix.limit_ipv6", m.limit[1]);
	m.passive = flag(at, cfg, "passive");
	m.gtsm = flag(at, cfg, "gtsm");
	m.receive_said = *text_at(at, "cfg.blackhole_filtering.announce_to_client", text);
	m.receive = is_true(text);
	member_write(&m, file);
}

/* The member export among the files, or NULL. */
static struct fy_node *export_of(const struct import *import)
{
	for (unsigned i = 0; i < import->count; i++)
		if (child(fy_document_root(import->at[i]), "member_list"))
			return fy_document_root(import->at[i]);
	return NULL;
}

void import_vlan(struct import *import, unsigned vlan)
{
	import->vlan = vlan;
}

static void members(const struct import *import, FILE *file)
{
	struct fy_node *clients = root_with(import, "clients"), *item;
	struct fy_node *list = root_with(import, "member_list");
	struct counted counted = {0};
	void *iterator = NULL;

	if (!clients && !list)
		return;
	fprintf(file, "  client:\n");
	while (clients && fy_node_is_sequence(clients) &&
	       (item = fy_node_sequence_iterate(clients, &iterator)))
		client(import, item, &counted, file);
	if (list)
		ixf_members(export_of(import), import->vlan, &counted, file);
	free(counted.at);
}

/* ---- what is left ---- */

static bool is_ruled(const char *path)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++) {
		size_t length = strlen(rules[i].from);

		if (!strncmp(path, rules[i].from, length) && (!path[length] || path[length] == '.'))
			return true;
	}
	return false;
}

static bool is_carried(const char *path)
{
	static const char *const known[] = {"asn",
					    "ip",
					    "description",
					    "passive",
					    "gtsm",
					    "cfg.filtering.irrdb.as_sets",
					    "cfg.filtering.max_prefix.limit_ipv4",
					    "cfg.filtering.max_prefix.limit_ipv6",
					    "cfg.blackhole_filtering.announce_to_client"};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (!strcmp(path, known[i]))
			return true;
	return false;
}

/* Every leaf below that nobody has taken. */
static void leftovers(struct fy_node *at, const char *whose, const char *path, unsigned depth,
		      bool (*taken)(const char *path), FILE *file)
{
	struct fy_node_pair *pair;
	void *iterator = NULL;

	if (*path && taken(path))
		return;
	if (!at || !fy_node_is_mapping(at) || depth == DEPTH) {
		fprintf(file, "# not carried over: %s%s\n", whose, path);
		return;
	}
	while ((pair = fy_node_mapping_iterate(at, &iterator))) {
		char name[PATH], below[2 * PATH];

		text_of(fy_node_pair_key(pair), name);
		snprintf(below, sizeof(below), "%.190s%s%s", path, *path ? "." : "", name);
		leftovers(fy_node_pair_value(pair), whose, below, depth + 1, taken, file);
	}
}

static void clients_leftovers(const struct import *import, FILE *file)
{
	struct fy_node *clients = root_with(import, "clients"), *item;
	void *iterator = NULL;
	char asn[PATH], whose[PATH + 32];

	while (clients && fy_node_is_sequence(clients) &&
	       (item = fy_node_sequence_iterate(clients, &iterator))) {
		snprintf(whose, sizeof(whose), "client of AS %s: ", text_at(item, "asn", asn));
		leftovers(item, whose, "", 0, is_carried, file);
	}
}

void import_write(const struct import *import, FILE *file)
{
	struct fy_node *cfg = root_with(import, "cfg");
	char text[PATH];

	fprintf(file, "route-server:\n");
	ixf_lan(export_of(import), import->vlan, file);
	general(cfg, file);
	members(import, file);
	if (is_true(text_at(cfg, "filtering.rpki_bgp_origin_validation.enabled", text)))
		fprintf(file, "# fill in: policy/rpki/cache, the RTR server\n");
	if (cfg)
		leftovers(cfg, "cfg: ", "", 0, is_ruled, file);
	clients_leftovers(import, file);
}
