// SPDX-License-Identifier: GPL-2.0-or-later
#include "import.h"

#include <ctype.h>
#include <errno.h>
#include <libfyaml.h>
#include <stdlib.h>
#include <string.h>

#include "foreign.h"
#include "general.h"
#include "ixf.h"
#include "member.h"

enum { FILES = 8, DEPTH = 8, NODES = 100000, FILE_MAX = 5 << 20 /* octets */ };

struct import {
	struct fy_document *at[FILES];
	char *text[FILES]; /* which the documents point into */
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
	for (unsigned i = 0; import && i < FILES; i++)
		free(import->text[i]);
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

/* Nothing of it is believed before it was read to its end. */
static char *text_read(const char *path, char *why, size_t size)
{
	FILE *file = strcmp(path, "-") ? fopen(path, "re") : stdin;
	char *text = file ? malloc(FILE_MAX + 1) : NULL;
	size_t length = text ? fread(text, 1, FILE_MAX + 1, file) : 0;

	if (!text || ferror(file))
		snprintf(why, size, "cannot be read: %s", strerror(errno));
	else if (length > FILE_MAX)
		snprintf(why, size, "is larger than %d MiB", FILE_MAX >> 20);
	else
		text[length] = '\0';
	if (text && (ferror(file) || length > FILE_MAX)) {
		free(text);
		text = NULL;
	}
	if (file && file != stdin)
		fclose(file);
	return text;
}

/* NULL with `why`: where it is no YAML, the place. */
static struct fy_document *parse(const char *text, char *why, size_t size)
{
	struct fy_diag_cfg diag;
	struct fy_parse_cfg cfg = {.flags = FYPCF_QUIET | FYPCF_COLLECT_DIAG};
	struct fy_document *document;
	struct fy_diag_error *error;
	void *iterator = NULL;

	fy_diag_cfg_default(&diag);
	diag.fp = NULL;
	cfg.diag = fy_diag_create(&diag);
	fy_diag_set_collect_errors(cfg.diag, true);
	errno = 0;
	document = fy_document_build_from_string(&cfg, text, FY_NT);
	error = document ? NULL : fy_diag_errors_iterate(cfg.diag, &iterator);
	if (!document && errno == ENOMEM)
		snprintf(why, size, "takes more memory than there is for it");
	else if (error)
		snprintf(why, size, "line %d: not YAML or JSON: %s", error->line, error->msg);
	else
		snprintf(why, size,
			 "allowed are arouteserver's general.yml and clients.yml, and an IX-F "
			 "member export (JSON)");
	fy_diag_destroy(cfg.diag);
	return document;
}

int import_read(struct import *import, const char *path, char *why, size_t size)
{
	struct fy_document *document;
	char **text;

	if (import->count == FILES) {
		snprintf(why, size, "allowed are %d files", FILES);
		return -EINVAL;
	}
	text = &import->text[import->count];
	free(*text);
	*text = text_read(path, why, size);
	if (!*text)
		return -ENOENT;
	document = parse(*text, why, size);
	if (!document)
		return -EINVAL;
	if (is_known(fy_document_root(document))) {
		import->at[import->count++] = document;
		return 0;
	}
	fy_document_destroy(document);
	return -EINVAL;
}

static void general(struct fy_node *cfg, FILE *file)
{
	char asn[PATH], id[PATH];

	fprintf(file, "  asn: %s\n", *text_at(cfg, "rs_as", asn) ? asn : "# fill in");
	fprintf(file, "  router-id: %s\n", *text_at(cfg, "router_id", id) ? id : "# fill in");
	if (!cfg)
		return;
	fprintf(file, "  policy:\n");
	general_write(cfg, file);
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
	title_at(at, "description", m.description, DESCRIPTION);
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
	general_of_client(cfg, child(at, "cfg"), &m);
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
	counted_clear(&counted);
}

/* ---- what is left ---- */

static bool is_carried(const char *path)
{
	static const char *const known[] = {"asn", "ip", "description", "passive", "gtsm"};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (!strcmp(path, known[i]))
			return true;
	return !strncmp(path, "cfg.", 4) && general_takes_of_client(path + 4);
}

/* Dozens of names, of which none has an equal here: one line, in which the others do not drown. */
static bool is_group(const char *path)
{
	return !strcmp(path, "communities") || !strcmp(path, "custom_communities");
}

/* Through what somebody else wrote: aliases may lead to each other, so that the nodes are counted.
 */
struct walk {
	const char *whose;
	bool (*taken)(const char *path);
	FILE *file;
	unsigned left; /* nodes */
};

static void leftovers(struct walk *walk, struct fy_node *at, const char *path, unsigned depth)
{
	struct fy_node_pair *pair;
	void *iterator = NULL;

	at = target(at);
	if (!walk->left || (*path && walk->taken(path)))
		return;
	walk->left--;
	if (is_group(path)) {
		fprintf(walk->file,
			"# not carried over: %s%s: the communities of this route server are in "
			"doc/route-server.md\n",
			walk->whose, path);
		return;
	}
	if (!at || !fy_node_is_mapping(at) || depth == DEPTH) {
		fprintf(walk->file, "# not carried over: %s%s\n", walk->whose, path);
		return;
	}
	while ((pair = fy_node_mapping_iterate(at, &iterator))) {
		char name[PATH], below[2 * PATH];

		text_of(fy_node_pair_key(pair), name);
		snprintf(below, sizeof(below), "%.190s%s%s", path, *path ? "." : "", name);
		/* what it brings in is as if it stood here */
		leftovers(walk, fy_node_pair_value(pair), strcmp(name, "<<") ? below : path,
			  depth + 1);
	}
}

static void clients_leftovers(const struct import *import, FILE *file)
{
	struct fy_node *clients = root_with(import, "clients"), *item;
	void *iterator = NULL;
	char asn[PATH], whose[PATH + 32];
	struct walk walk = {whose, is_carried, file, NODES};

	while (clients && fy_node_is_sequence(clients) &&
	       (item = fy_node_sequence_iterate(clients, &iterator))) {
		snprintf(whose, sizeof(whose), "client of AS %s: ", text_at(item, "asn", asn));
		leftovers(&walk, item, "", 0);
	}
}

void import_write(const struct import *import, FILE *file)
{
	struct fy_node *cfg = root_with(import, "cfg");
	struct walk walk = {"cfg: ", general_takes, file, NODES};
	char text[PATH];

	fprintf(file, "route-server:\n");
	ixf_lan(export_of(import), import->vlan, file);
	general(cfg, file);
	members(import, file);
	if (is_true(text_at(cfg, "filtering.rpki_bgp_origin_validation.enabled", text)))
		fprintf(file, "# fill in: policy/rpki/cache, the RTR server\n");
	if (cfg)
		leftovers(&walk, cfg, "", 0);
	clients_leftovers(import, file);
}
