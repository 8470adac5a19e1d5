// SPDX-License-Identifier: GPL-2.0-or-later
#include "ixf.h"

#include <libfyaml.h>
#include <stdlib.h>
#include <string.h>

#include "foreign.h"
#include "member.h"
#include "services/netdev/prefix.h"

enum { LIMIT_MOST = 10000000 };

/* The LAN that is taken; ids are texts as they stand, "" where the export has none. */
struct lan {
	struct fy_node *at; /* of ixp_list[].vlan[], or NULL */
	char ixp[PATH], id[PATH], name[PATH];
};

typedef void each_fn(void *arg, struct fy_node *item);

static void each(struct fy_node *list, each_fn *fn, void *arg)
{
	struct fy_node *item;
	void *iterator = NULL;

	while (list && fy_node_is_sequence(list) &&
	       (item = fy_node_sequence_iterate(list, &iterator)))
		fn(arg, item);
}

/* ---- which LAN ---- */

struct choice {
	struct lan *lan;
	unsigned vlan;
	struct fy_node *ixp;
};

static void vlan_look(void *arg, struct fy_node *at)
{
	struct choice *c = arg;
	char id[PATH];

	text_at(at, "id", id);
	if (c->lan->at || (c->vlan && strtoul(id, NULL, 10) != c->vlan))
		return;
	c->lan->at = at;
	memcpy(c->lan->id, id, sizeof(id));
	text_at(at, "name", c->lan->name);
	text_at(c->ixp, "ixp_id", c->lan->ixp);
}

static void ixp_look(void *arg, struct fy_node *at)
{
	struct choice *c = arg;

	c->ixp = at;
	each(child(at, "vlan"), vlan_look, c);
}

static void lan_choose(struct fy_node *at, unsigned vlan, struct lan *lan)
{
	struct choice c = {lan, vlan, NULL};

	memset(lan, 0, sizeof(*lan));
	each(child(at, "ixp_list"), ixp_look, &c);
}

/* What does not say where it is may be there. */
static bool is_in(const struct lan *lan, struct fy_node *connection, struct fy_node *vlan)
{
	char ixp[PATH], id[PATH];

	text_at(connection, "ixp_id", ixp);
	text_at(vlan, "vlan_id", id);
	return (!*ixp || !*lan->ixp || !strcmp(ixp, lan->ixp)) &&
	       (!*id || !*lan->id || !strcmp(id, lan->id));
}

/* ---- the route server itself ---- */

static bool is_server(struct fy_node *member)
{
	char type[PATH];

	return !strcasecmp(text_at(member, "member_type", type), "routeserver");
}

struct servers {
	const struct lan *lan;
	struct fy_node *connection;
	struct member all; /* its addresses alone */
};

static void server_vlan(void *arg, struct fy_node *vlan)
{
	struct servers *s = arg;
	char text[PATH];

	if (!is_in(s->lan, s->connection, vlan))
		return;
	address_add(&s->all, text_at(vlan, "ipv4.address", text));
	address_add(&s->all, text_at(vlan, "ipv6.address", text));
}

static void server_connection(void *arg, struct fy_node *connection)
{
	struct servers *s = arg;

	s->connection = connection;
	each(child(connection, "vlan_list"), server_vlan, s);
}

static void server_look(void *arg, struct fy_node *member)
{
	if (is_server(member))
		each(child(member, "connection_list"), server_connection, arg);
}

/* ---- the LAN's networks ---- */

struct networks {
	const struct lan *lan;
	struct fy_node *connection;
	struct prefix of[2];
	bool there[2], wanting; /* wanting: an address that is in none of them */
};

static const char *const families[2] = {"ipv4", "ipv6"};

static void network_load(struct networks *n, unsigned f)
{
	struct fy_node *at = child(n->lan->at, families[f]);
	char prefix[PATH], length[PATH], both[2 * PATH + 2];

	text_at(at, "prefix", prefix);
	text_at(at, "mask_length", length);
	snprintf(both, sizeof(both), "%s/%s", prefix, length);
	n->there[f] = *prefix && *length && prefix_parse(both, &n->of[f]);
}

static void address_look(void *arg, struct fy_node *vlan)
{
	struct networks *n = arg;
	char text[PATH], whole[PATH + 5];
	struct prefix own;

	for (unsigned f = 0; f < 2 && is_in(n->lan, n->connection, vlan); f++) {
		struct fy_node *at = child(vlan, families[f]);

		snprintf(whole, sizeof(whole), "%s/%d", text_at(at, "address", text), f ? 128 : 32);
		if (!prefix_parse(whole, &own))
			continue;
		if (!n->there[f] || !prefix_overlap(&own, &n->of[f]))
			n->wanting = true;
	}
}

static void connection_look(void *arg, struct fy_node *connection)
{
	struct networks *n = arg;

	n->connection = connection;
	each(child(connection, "vlan_list"), address_look, n);
}

static void member_look(void *arg, struct fy_node *member)
{
	each(child(member, "connection_list"), connection_look, arg);
}

/* One that lacks a member's address is somebody's placeholder: to be filled in. */
static void networks_write(struct fy_node *at, const struct lan *lan, FILE *file)
{
	struct networks n = {.lan = lan};
	char text[2][PREFIX_TEXT];
	unsigned count = 0;

	for (unsigned f = 0; f < 2; f++)
		network_load(&n, f);
	each(child(at, "member_list"), member_look, &n);
	for (unsigned f = 0; f < 2; f++)
		if (n.there[f])
			prefix_print(&n.of[f], text[count++]);
	if (count && !n.wanting)
		fprintf(file, "  peering-lan: [\"%s\"%s%s%s]\n", text[0], count > 1 ? ", \"" : "",
			count > 1 ? text[1] : "", count > 1 ? "\"" : "");
	else
		fprintf(file, "  peering-lan: [] # fill in%s%s%s%s\n",
			count ? ": not all members are in " : "", count ? text[0] : "",
			count > 1 ? ", " : "", count > 1 ? text[1] : "");
}

void ixf_lan(struct fy_node *at, unsigned vlan, FILE *file)
{
	struct servers servers = {0};
	struct lan lan;

	lan_choose(at, vlan, &lan);
	servers.lan = &lan;
	each(child(at, "member_list"), server_look, &servers);
	fprintf(file, "  address: [");
	for (unsigned i = 0; i < servers.all.addresses; i++)
		fprintf(file, "%s\"%s\"", i ? ", " : "", servers.all.address[i]);
	fprintf(file, "]%s\n",
		servers.all.addresses == 0  ? " # fill in: of the route server"
		: servers.all.addresses > 2 ? " # of all route servers: take yours"
					    : "");
	networks_write(at, &lan, file);
}

/* ---- members ---- */

struct walk {
	const struct lan *lan;
	struct counted *counted;
	FILE *file;
	struct fy_node *connection;
	char asn[PATH], name[PATH];
	unsigned elsewhere; /* connections in other LANs */
};

static bool is_false(const char *text)
{
	return !strcasecmp(text, "false") || !strcasecmp(text, "no") || !strcmp(text, "0");
}

/* A limit that cannot be is none: ours counts, and is said. */
static void limit_take(const struct walk *walk, struct member *m, struct fy_node *at, unsigned f)
{
	char text[PATH];
	unsigned long long number;

	if (!child(at, "max_prefix"))
		return;
	text_at(at, "max_prefix", text);
	number = strtoull(text, NULL, 10);
	if (*text && strspn(text, "0123456789") == strlen(text) && number && number <= LIMIT_MOST)
		memcpy(m->limit[f], text, sizeof(text));
	else
		fprintf(walk->file,
			"    # AS %s, max_prefix of IPv%u: found '%s': the policy's counts\n",
			walk->asn, f ? 6 : 4, *text ? text : "null");
}

static void family(const struct walk *walk, struct member *m, struct fy_node *at, unsigned f)
{
	char text[PATH];

	/* who does not say that he is a client of the route server may be one */
	if (!at || is_false(text_at(at, "routeserver", text)))
		return;
	address_add(m, text_at(at, "address", text));
	set_add(m, text_at(at, "as_macro", text));
	limit_take(walk, m, at, f);
}

static void vlan_take(void *arg, struct fy_node *vlan)
{
	struct walk *walk = arg;
	struct member m = {0};

	if (!is_in(walk->lan, walk->connection, vlan)) {
		walk->elsewhere++;
		return;
	}
	family(walk, &m, child(vlan, "ipv4"), 0);
	family(walk, &m, child(vlan, "ipv6"), 1);
	if (!m.addresses)
		return;
	memcpy(m.asn, walk->asn, sizeof(m.asn));
	memcpy(m.description, walk->name, sizeof(m.description));
	m.number = number_of(walk->counted, walk->asn);
	member_write(&m, walk->file);
}

static void connection_take(void *arg, struct fy_node *connection)
{
	struct walk *walk = arg;

	walk->connection = connection;
	each(child(connection, "vlan_list"), vlan_take, walk);
}

static void member_take(void *arg, struct fy_node *member)
{
	struct walk *walk = arg;

	if (is_server(member))
		return;
	text_at(member, "asnum", walk->asn);
	title_at(member, "name", walk->name, DESCRIPTION);
	each(child(member, "connection_list"), connection_take, walk);
}

void ixf_members(struct fy_node *at, unsigned vlan, struct counted *counted, FILE *file)
{
	struct walk walk = {.counted = counted, .file = file};
	struct lan lan;

	lan_choose(at, vlan, &lan);
	if (vlan && !lan.at) {
		fprintf(file, "# there is no vlan %u in this export: no client is taken\n", vlan);
		return;
	}
	walk.lan = &lan;
	each(child(at, "member_list"), member_take, &walk);
	if (walk.elsewhere)
		fprintf(file,
			"# left out: %u connections in other LANs than %s (vlan %s of IXP %s); "
			"'import --vlan ID' takes another one\n",
			walk.elsewhere, *lan.name ? lan.name : "the first", lan.id, lan.ixp);
}
