// SPDX-License-Identifier: GPL-2.0-or-later
#include "tables.h"

#include <inttypes.h>
#include <string.h>

#include "communities.h"
#include "config.h"
#include "core/api/model.h"

/* IANA special-purpose registries (RFC 6890, RFC 5737, RFC 6598, RFC 3068, RFC 2544), multicast
 * and what is reserved; and the default route. */
static const char bogons[] =
	"define fs_bogon4 = [0.0.0.0/0, 0.0.0.0/8+, 10.0.0.0/8+, 100.64.0.0/10+, 127.0.0.0/8+,\n"
	"\t169.254.0.0/16+, 172.16.0.0/12+, 192.0.0.0/24+, 192.0.2.0/24+, 192.88.99.0/24+,\n"
	"\t192.168.0.0/16+, 198.18.0.0/15+, 198.51.100.0/24+, 203.0.113.0/24+, 224.0.0.0/3+];\n"
	"define fs_bogon6 = [::/0, 2001::/32+, 2001:2::/48+, 2001:10::/28+, 2001:20::/28+,\n"
	"\t2001:db8::/32+, 2002::/16+, 3ffe::/16+, 3fff::/20+];\n";

/* RFC 7607, 6793, 5398, 6996, 7300, IANA; also what is reserved up to 131071 */
static const char bogon_asns[] = "0, 23456, 64496..131071, 4200000000..4294967295";

/* Networks that pay nobody to be reached; each of them peers privately with the others */
static const char transit_free_asns[] =
	"174, 701, 1299, 2914, 3257, 3320, 3356, 5511, 6453, 6461, 6762, 6830, 7018, 12956";

/*
 * One action and the peer or 0 that it is about, in the three kinds of communities: 16-bit where
 * both numbers fit, two-octet or four-octet AS specific (RFC 4360, RFC 5668), large (RFC 8092).
 * In BIRD && binds no closer than ||. first: of the standard and extended ones; large: the second
 * part of the large one.
 */
static void condition(uint32_t asn, uint32_t first, unsigned large, const char *peer, FILE *file)
{
	fprintf(file, "(%" PRIu32 ", %u, %s) ~ bgp_large_community", asn, large, peer);
	if (first < 65536)
		fprintf(file,
			" || (rt, %" PRIu32 ", %s) ~ bgp_ext_community"
			" || (%s < 65536 && (%" PRIu32 ", %s) ~ bgp_community)",
			first, peer, peer, first, peer);
	else
		fprintf(file, " || (%s < 65536 && (rt, %" PRIu32 ", %s) ~ bgp_ext_community)", peer,
			first, peer);
}

/* To nobody: 0:RS, rt:0:RS, RS:0:0. */
static void nobody(uint32_t asn, FILE *file)
{
	fprintf(file,
		"(%" PRIu32 ", 0, 0) ~ bgp_large_community || (rt, 0, %" PRIu32
		") ~ bgp_ext_community",
		asn, asn);
	if (asn < 65536)
		fprintf(file, " || (0, %" PRIu32 ") ~ bgp_community", asn);
}

static void prepend(const struct rs_config *config, unsigned times, FILE *file)
{
	uint32_t asn = config->asn;
	char all[16], means[16];

	fprintf(file, "\tif ");
	condition(asn, 65500 + times, 100 + times, "f_to", file);
	/* to all: 6550x:RS, rt:6550x:RS, RS:10x:0 */
	snprintf(all, sizeof(all), "%" PRIu32, asn);
	fprintf(file,
		" || (%" PRIu32
		", %u, 0) ~ bgp_large_community || (rt, %u, %s) ~ bgp_ext_community",
		asn, 100 + times, 65500 + times, all);
	if (asn < 65536)
		fprintf(file, " || (%u, %s) ~ bgp_community", 65500 + times, all);
	snprintf(means, sizeof(means), "prepend-%u", times);
	communities_conditions(config, means, file);
	fprintf(file, " then {\n");
	for (unsigned i = 0; i < times; i++)
		fprintf(file, "\t\tbgp_path.prepend(bgp_path.first);\n");
	fprintf(file, "\t\treturn true;\n\t}\n");
}

static void control(const struct rs_config *config, FILE *file)
{
	uint32_t asn = config->asn;

	fprintf(file, "function fs_not_to(int f_to)\n{\n\treturn ");
	condition(asn, 0, 0, "f_to", file);
	communities_conditions(config, "not-to", file);
	fprintf(file, ";\n}\nfunction fs_not_named(int f_to)\n{\n\tif !(");
	nobody(asn, file);
	communities_conditions(config, "nobody", file);
	fprintf(file, ") then return false;\n\treturn !(");
	condition(asn, asn, 1, "f_to", file);
	communities_conditions(config, "to", file);
	fprintf(file, ");\n}\nfunction fs_prepend(int f_to)\n{\n");
	for (unsigned times = 3; times; times--)
		prepend(config, times, file);
	fprintf(file, "\treturn true;\n}\n");
}

/* Only where there is one: a list that is made empty is a changed route, and costs as such. */
static void scrub_one(const char *list, const char *which, FILE *file)
{
	fprintf(file, "\tif %s ~ %s then %s.delete(%s);\n", list, which, list, which);
}

/* What was meant for us goes no further (RFC 7454 section 11); well-known ones do. */
static void ours(const struct rs_config *config, FILE *file)
{
	uint32_t asn = config->asn;
	char own[32] = "";

	if (asn < 65536)
		snprintf(own, sizeof(own), ", (%" PRIu32 ", *)", asn);
	fprintf(file, "define fs_ours = [(0, *), (65501..65503, *)%s", own);
	communities_ours(config, 2, file);
	fprintf(file, "];\ndefine fs_ours_large = [(%" PRIu32 ", *, *)", asn);
	communities_ours(config, 3, file);
	fprintf(file,
		"];\ndefine fs_ours_ext = [(rt, 0, *), (rt, %" PRIu32
		", *), (rt, 65501, *), (rt, 65502, *), (rt, 65503, *)];\n",
		asn);
	fprintf(file, "function fs_scrub()\n{\n");
	scrub_one("bgp_large_community", "fs_ours_large", file);
	scrub_one("bgp_community", "fs_ours", file);
	scrub_one("bgp_ext_community", "fs_ours_ext", file);
	fprintf(file, "\treturn true;\n}\n");
}

/* Whoever announces it would draw the sessions of all to himself (RFC 7454 section 6.1.5). */
static void lan(const struct rs_config *config, unsigned family, FILE *file)
{
	const struct fer_model *at = fer_model_find(config->at, "peering-lan");
	const char *comma = "";

	fprintf(file, "define fs_lan%c = [", family ? '6' : '4');
	for (; at; at = fer_model_next(at)) {
		const char *text = fer_model_text(at, NULL);
		char network[PREFIX_TEXT];
		struct prefix prefix;

		if ((strchr(text, ':') != NULL) != family || !prefix_parse(text, &prefix))
			continue;
		prefix_network(&prefix);
		prefix_print(&prefix, network);
		fprintf(file, "%s%s+", comma, network);
		comma = ", ";
	}
	fprintf(file, "%s];\n", *comma ? "" : family ? "::/128" : "255.255.255.255/32");
}

void tables_write(const struct rs_config *config, FILE *file)
{
	fputs(bogons, file);
	fprintf(file, "define fs_bogon_as = [%s];\ndefine fs_transit_free = [%s];\n", bogon_asns,
		transit_free_asns);
	lan(config, 0, file);
	lan(config, 1, file);
	control(config, file);
	ours(config, file);
}
