// SPDX-License-Identifier: GPL-2.0-or-later
#include "import.h"

#include <ctype.h>
#include <errno.h>
#include <libfyaml.h>
#include <stdlib.h>
#include <string.h>

#include "core/api/file.h"

enum { FILES = 8, ADDRESSES = 4, DEPTH = 8, PATH = 200 };

struct import {
	struct fy_document *at[FILES];
	unsigned count;
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

/* ---- looking into a document ---- */

static struct fy_node *child(struct fy_node *at, const char *name)
{
	return at && fy_node_is_mapping(at) ? fy_node_mapping_lookup_by_string(at, name, FY_NT)
					    : NULL;
}

/* path: "filtering.next_hop.policy" */
static struct fy_node *find(struct fy_node *at, const char *path)
{
	char name[64];

	while (at && *path) {
		size_t length = strcspn(path, ".");

		snprintf(name, sizeof(name), "%.*s", (int)length, path);
		at = child(at, name);
		path += length + (path[length] == '.');
	}
	return at;
}

/* The text of a scalar, without what would end a line or a quotation; "" where there is none. */
static const char *text_of(struct fy_node *at, char to[PATH])
{
	const char *text;
	size_t length = 0, kept = 0;

	*to = '\0';
	if (!at || !fy_node_is_scalar(at))
		return to;
	text = fy_node_get_scalar(at, &length);
	for (size_t i = 0; i < length && kept < PATH - 1; i++)
		if (text[i] >= ' ' && text[i] <= '~' && text[i] != '"' && text[i] != '\\')
			to[kept++] = text[i];
	to[kept] = '\0';
	return to;
}

static const char *text_at(struct fy_node *at, const char *path, char to[PATH])
{
	return text_of(find(at, path), to);
}

static bool is_true(const char *text)
{
	return !strcasecmp(text, "true") || !strcasecmp(text, "yes");
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

/* ---- members ---- */

struct member {
	char asn[PATH], description[PATH], sets[4 * PATH], limit[2][PATH];
	char address[ADDRESSES][PATH];
	unsigned addresses, number;
	bool passive, gtsm, receive, receive_said;
};

/* Not every text is a name of an as-set: "RIPE::AS-X" has its source before it. */
static void set_add(struct member *m, const char *text)
{
	const char *colons = strstr(text, "::");
	size_t length = strlen(m->sets);

	if (colons)
		text = colons + 2;
	if (*text && length + strlen(text) + 4 < sizeof(m->sets))
		snprintf(m->sets + length, sizeof(m->sets) - length, "%s%s", length ? ", " : "",
			 text);
}

static void address_add(struct member *m, const char *text)
{
	if (*text && m->addresses < ADDRESSES)
		snprintf(m->address[m->addresses++], PATH, "%s", text);
}

static void member_write(const struct member *m, FILE *file)
{
	fprintf(file, "    - {name: as%s-%u, asn: %s, address: [", m->asn, m->number, m->asn);
	for (unsigned i = 0; i < m->addresses; i++)
		fprintf(file, "%s\"%s\"", i ? ", " : "", m->address[i]);
	fprintf(file, "]");
	if (*m->description)
		fprintf(file, ", description: \"%.64s\"", m->description);
	if (*m->sets)
		fprintf(file, ", as-set: [%s]", m->sets);
	if (*m->limit[0] || *m->limit[1])
		fprintf(file, ", max-prefix: {%s%s%s%s%s}", *m->limit[0] ? "ipv4: " : "",
			m->limit[0], *m->limit[0] && *m->limit[1] ? ", " : "",
			*m->limit[1] ? "ipv6: " : "", m->limit[1]);
	if (m->passive)
		fprintf(file, ", passive: true");
	if (m->gtsm)
		fprintf(file, ", gtsm: true");
	if (m->receive_said && !m->receive)
		fprintf(file, ", blackhole: {receive: false}");
	fprintf(file, "}\n");
}

/* Which of its AS's sessions this is, for its name. */
struct counted {
	struct entry {
		char asn[16];
		unsigned count;
	} * at;
	unsigned count;
};

static unsigned number_of(struct counted *c, const char *asn)
{
	for (unsigned i = 0; i < c->count; i++)
		if (!strcmp(c->at[i].asn, asn))
			return ++c->at[i].count;
	c->at = realloc(c->at, (c->count + 1) * sizeof(*c->at));
	if (!c->at)
		abort();
	snprintf(c->at[c->count].asn, sizeof(c->at->asn), "%.15s", asn);
	c->at[c->count++].count = 1;
	return 1;
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

/* ---- a member export ---- */

static void family(struct member *m, struct fy_node *at, unsigned f)
{
	char text[PATH];

	/* who does not say that he is a client of the route server may be one */
	if (!at || !strcasecmp(text_at(at, "routeserver", text), "false"))
		return;
	address_add(m, text_at(at, "address", text));
	set_add(m, text_at(at, "as_macro", text));
	text_at(at, "max_prefix", m->limit[f]);
}

static void connection(struct fy_node *vlans, const char *asn, const char *name,
		       struct counted *counted, FILE *file)
{
	struct fy_node *vlan;
	void *iterator = NULL;

	while (vlans && fy_node_is_sequence(vlans) &&
	       (vlan = fy_node_sequence_iterate(vlans, &iterator))) {
		struct member m = {0};

		family(&m, child(vlan, "ipv4"), 0);
		family(&m, child(vlan, "ipv6"), 1);
		if (!m.addresses)
			continue;
		snprintf(m.asn, sizeof(m.asn), "%s", asn);
		snprintf(m.description, sizeof(m.description), "%s", name);
		m.number = number_of(counted, asn);
		member_write(&m, file);
	}
}

static void ixf_member(struct fy_node *at, struct counted *counted, FILE *file)
{
	struct fy_node *list = child(at, "connection_list"), *item;
	void *iterator = NULL;
	char asn[PATH], name[PATH];

	text_at(at, "asnum", asn);
	text_at(at, "name", name);
	while (list && fy_node_is_sequence(list) &&
	       (item = fy_node_sequence_iterate(list, &iterator)))
		connection(child(item, "vlan_list"), asn, name, counted, file);
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
	iterator = NULL;
	while (list && fy_node_is_sequence(list) &&
	       (item = fy_node_sequence_iterate(list, &iterator)))
		ixf_member(item, &counted, file);
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

	fprintf(file, "route-server:\n  address: [] # fill in: of the route server\n"
		      "  peering-lan: [] # fill in\n");
	general(cfg, file);
	members(import, file);
	if (is_true(text_at(cfg, "filtering.rpki_bgp_origin_validation.enabled", text)))
		fprintf(file, "# fill in: policy/rpki/cache, the RTR server\n");
	if (cfg)
		leftovers(cfg, "cfg: ", "", 0, is_ruled, file);
	clients_leftovers(import, file);
}
