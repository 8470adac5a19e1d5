// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/api/model.h"
#include "hash.h"
#include "irr.h"
#include "newer.h"
#include "tables.h"

/* ---- lists ---- */

static void numbers(const struct fer_model *at, FILE *file)
{
	fprintf(file, "[");
	for (const char *comma = ""; at; at = fer_model_next(at), comma = ", ")
		fprintf(file, "%s%s", comma, fer_model_text(at, NULL));
	fprintf(file, "]");
}

/* The condition that a route asks for a blackhole: "64500:666" as BIRD writes it. */
static void asks_blackhole(const struct rs_policy *policy, FILE *file)
{
	const struct fer_model *at = policy->blackhole;
	const char * or = "";

	for (; at; at = fer_model_next(at), or = " || ") {
		const char *text = fer_model_text(at, NULL);
		unsigned long a, b, c;

		if (!strcmp(text, "rfc7999"))
			fprintf(file, "%s(65535, 666) ~ bgp_community", or);
		else if (sscanf(text, "%lu:%lu:%lu", &a, &b, &c) == 3)
			fprintf(file, "%s(%lu, %lu, %lu) ~ bgp_large_community", or, a, b, c);
		else if (sscanf(text, "%lu:%lu", &a, &b) == 2)
			fprintf(file, "%s(%lu, %lu) ~ bgp_community", or, a, b);
	}
}

/* ---- checks: conditions of what is refused ---- */

struct writer {
	const struct rs_config *config;
	const struct rs_policy *p;
	unsigned family;
	FILE *file;
	bool why; /* all that fail, instead of the first */
};

static void refuse(const struct writer *w, unsigned cause)
{
	if (w->why)
		fprintf(w->file, " then bgp_large_community.add((%" PRIu32 ", %d, %u));\n",
			w->config->asn, CAUSES_IN, cause);
	else
		fprintf(w->file, " then return false;\n");
}

static void check(const struct writer *w, enum cause cause, const char *condition)
{
	fprintf(w->file, "\tif %s", condition);
	refuse(w, cause);
}

/* One's own AS is never a reason to refuse it. */
#define OTHERS "delete(bgp_path, f_as)"

/* Who should not be in the path of somebody else: one set for each reason. */
static void check_others(const struct writer *w)
{
	if (w->p->bogons)
		check(w, CAUSE_BOGON_AS, OTHERS " ~ fs_bogon_as");
	if (w->p->transit_free && !w->p->transit_free_asn)
		check(w, CAUSE_TRANSIT, OTHERS " ~ fs_transit_free");
	if (w->p->transit_free && w->p->transit_free_asn) {
		fprintf(w->file, "\tif " OTHERS " ~ ");
		numbers(w->p->transit_free_asn, w->file);
		refuse(w, CAUSE_TRANSIT);
	}
	if (w->p->never_via) {
		fprintf(w->file, "\tif " OTHERS " ~ ");
		numbers(w->p->never_via, w->file);
		refuse(w, CAUSE_NEVER_VIA);
	}
}

/* Most paths have none of them. One set each: BIRD does not join ranges that overlap. */
static void any_other(const struct writer *w)
{
	const char * or = "";

	fprintf(w->file, "\tif ");
	if (w->p->bogons)
		fprintf(w->file, "bgp_path ~ fs_bogon_as"), or = " || ";
	if (w->p->transit_free && !w->p->transit_free_asn)
		fprintf(w->file, "%sbgp_path ~ fs_transit_free", or), or = " || ";
	if (w->p->transit_free && w->p->transit_free_asn) {
		fprintf(w->file, "%sbgp_path ~ ", or);
		numbers(w->p->transit_free_asn, w->file);
		or = " || ";
	}
	if (w->p->never_via) {
		fprintf(w->file, "%sbgp_path ~ ", or);
		numbers(w->p->never_via, w->file);
	}
	fprintf(w->file, " then {\n");
}

static void check_path(const struct writer *w)
{
	check(w, CAUSE_NEXT_HOP, "!(bgp_next_hop ~ f_hops)");
	/* of an empty one, the first is 0 */
	if (w->why)
		check(w, CAUSE_PATH_EMPTY, "bgp_path.len = 0");
	check(w, CAUSE_FIRST_AS,
	      w->why ? "bgp_path.len > 0 && bgp_path.first != f_as" : "bgp_path.first != f_as");
	fprintf(w->file, "\tif bgp_path.len > %u", w->p->path_length);
	refuse(w, CAUSE_PATH_LONG);
	/* the last AS behind a set is no origin (RFC 9774) */
	check(w, CAUSE_AS_SET, "bgp_path.last != bgp_path.last_nonaggregated");
	if (!w->p->bogons && !w->p->transit_free && !w->p->never_via)
		return;
	any_other(w);
	check_others(w);
	fprintf(w->file, "\t}\n");
}

/* "net ~ [10.0.0.0/8+]" of the entries of that family; false where there is none. */
static bool within(const struct writer *w, const struct fer_model *at, const char *before)
{
	const char *comma = before;

	for (; at; at = fer_model_next(at)) {
		const char *text = fer_model_text(at, NULL);
		char network[PREFIX_TEXT];
		struct prefix prefix;

		if ((strchr(text, ':') != NULL) != (w->family == 1) || !prefix_parse(text, &prefix))
			continue;
		prefix_network(&prefix);
		prefix_print(&prefix, network);
		fprintf(w->file, "%s%s%s+", comma, comma == before ? "net ~ [" : "", network);
		comma = ", ";
	}
	if (comma == before)
		return false;
	fprintf(w->file, "]");
	return true;
}

static void check_prefix(const struct writer *w)
{
	bool six = w->family == 1;

	for (int i = 0; i < 2; i++)
		if (within(w, w->p->deny[i], "\tif "))
			refuse(w, CAUSE_DENIED);

	check(w, CAUSE_LAN, six ? "net ~ fs_lan6" : "net ~ fs_lan4");
	if (w->p->bogons)
		check(w, CAUSE_BOGON,
		      six ? "net ~ fs_bogon6 || !(net ~ [2000::/3+])" : "net ~ fs_bogon4");
	fprintf(w->file, "\tif net.len < %u", w->p->shortest[six]);
	refuse(w, CAUSE_SHORT);
	fprintf(w->file, "\tif net.len > %u%s", w->p->longest[six],
		w->p->blackhole ? " && !f_bh" : "");
	refuse(w, CAUSE_LONG);
}

static void check_origin(const struct writer *w)
{
	if (!w->p->irr_origin)
		return;
	fprintf(w->file, "\tif !(bgp_path.last ~ f_org)");
	for (int i = 0; i < 2; i++) {
		if (!w->p->also_origin[i])
			continue;
		fprintf(w->file, " && !(bgp_path.last ~ ");
		numbers(w->p->also_origin[i], w->file);
		fprintf(w->file, ")");
	}
	refuse(w, CAUSE_IRR_ORIGIN);
}

/* In BIRD && binds no closer than ||, and "!a ~ b" is "(!a) ~ b". */
static void check_registered_prefix(const struct writer *w, const char *roa)
{
	if (!w->p->irr_prefix)
		return;
	fprintf(w->file, "\tif %s!(net ~ f_pfx)", w->p->blackhole ? "!f_bh && " : "");
	if (w->p->roa_objects)
		fprintf(w->file, " && roa_check(%s, net, bgp_path.last) != ROA_VALID", roa);
	for (int i = 0; i < 2; i++)
		if (within(w, w->p->also_prefix[i], " && !("))
			fprintf(w->file, ")");
	refuse(w, CAUSE_IRR_PREFIX);
}

/* A blackhole is first of all for its sender to ask for; its length counts after that. */
static void check_registered(const struct writer *w)
{
	const char *roa = w->family ? "fs_roa6" : "fs_roa4";

	check_origin(w);
	check_registered_prefix(w, roa);
	if (w->p->blackhole && w->p->irr_prefix) {
		fprintf(w->file, "\tif f_bh && !(net ~ f_bhp)");
		for (int i = 0; i < 2; i++)
			if (within(w, w->p->also_prefix[i], " && !("))
				fprintf(w->file, ")");
		refuse(w, CAUSE_BLACKHOLE);
	} else if (w->p->blackhole) {
		fprintf(w->file, "\tif f_bh && roa_check(%s, net, bgp_path.last) != ROA_VALID",
			roa);
		refuse(w, CAUSE_BLACKHOLE);
	}
	if (!w->p->rpki)
		return;
	fprintf(w->file, "\tif %sroa_check(%s, net, bgp_path.last) = ROA_INVALID",
		w->p->blackhole && !w->p->blackhole_rpki ? "!f_bh && " : "", roa);
	refuse(w, CAUSE_RPKI);
}

static void arguments_in(const struct rs_policy *p, FILE *file)
{
	fprintf(file, "(int f_as; ip set f_hops");
	if (p->irr_origin)
		fprintf(file, "; int set f_org");
	if (p->irr_prefix)
		fprintf(file, "; prefix set f_pfx");
	if (p->irr_prefix && p->blackhole)
		fprintf(file, "; prefix set f_bhp");
	fprintf(file, ")\n{\n");
}

static void mark(const struct writer *w, const char *condition, unsigned number)
{
	fprintf(w->file, "\tif %s then bgp_large_community.add((%" PRIu32 ", %d, %u));\n",
		condition, w->config->asn, MARKS, number);
}

/*
 * What somebody has to look at on the way to each client is marked once, here: the way out of all
 * other routes is one look for a community in our name. Nobody else's word for it counts.
 */
static void marks(const struct writer *w)
{
	uint32_t asn = w->config->asn;

	fprintf(w->file,
		"\tif bgp_large_community ~ [(%" PRIu32
		", %d, *)] then bgp_large_community.delete([(%" PRIu32 ", %d, *)]);\n",
		asn, MARKS, asn, MARKS);
	mark(w, "bgp_community ~ fs_ours || bgp_ext_community ~ fs_ours_ext", MARK_CONTROL);
	if (!w->family && w->p->extended_next_hop)
		mark(w, "!bgp_next_hop.is_v4", MARK_NEXT_HOP_6);
	if (w->p->blackhole)
		mark(w, "f_bh", MARK_BLACKHOLE);
}

/* The global address, which was checked: with it comes a link-local one (RFC 2545), which no
 * filter sees, and which may be anybody's. */
static void strip_link_local(const struct writer *w)
{
	if (w->family || w->p->extended_next_hop)
		fprintf(w->file, "\tif !bgp_next_hop.is_v4 then bgp_next_hop = bgp_next_hop;\n");
}

static void body_in(const struct writer *w)
{
	arguments_in(w->p, w->file);
	if (w->p->blackhole) {
		fprintf(w->file, "\tbool f_bh = ");
		asks_blackhole(w->p, w->file);
		fprintf(w->file, ";\n");
	}
	if (w->why)
		fprintf(w->file, "\tbgp_large_community.delete([(%" PRIu32 ", %d, *)]);\n",
			w->config->asn, CAUSES_IN);
	if (!w->why && newer_strips(w->config))
		fprintf(w->file, "\tfs_known();\n");
	check_path(w);
	check_prefix(w);
	check_registered(w);
	if (w->p->aspa && newer_has_aspa(w->config))
		check(w, CAUSE_ASPA, "aspa_check_upstream(fs_aspa) = ASPA_INVALID");
	if (!w->why) {
		strip_link_local(w);
		marks(w);
	}
	if (!w->why && w->p->graceful_shutdown)
		fprintf(w->file, "\tif (65535, 0) ~ bgp_community then bgp_local_pref = 0;\n");
	fprintf(w->file, "\treturn true;\n}\n");
}

/* ---- towards a client ---- */

static void refuse_out(const struct writer *w, unsigned cause)
{
	if (w->why)
		fprintf(w->file, " then bgp_large_community.add((%" PRIu32 ", %d, %u));\n",
			w->config->asn, CAUSES_OUT, cause);
	else
		fprintf(w->file, " then return false;\n");
}

static void blackhole_out(const struct writer *w)
{
	const char *hop = w->p->blackhole_hop[w->family];

	fprintf(w->file, "\tif f_bh then {\n");
	if (hop)
		fprintf(w->file, "\t\tbgp_next_hop = %s;\n", hop);
	/* RFC 7999 section 3.2: the standard community, and no further than there */
	fprintf(w->file, "\t\tbgp_community.add((65535, 666));\n"
			 "\t\tbgp_community.add((65535, 65281));\n\t}\n");
}

static void control_out(const struct writer *w)
{
	fprintf(w->file, "\tif fs_not_to(f_to)");
	refuse_out(w, CAUSE_NOT_TO);
	fprintf(w->file, "\tif fs_not_named(f_to)");
	refuse_out(w, CAUSE_NOT_NAMED);
	if (!w->why)
		fprintf(w->file, "\tfs_prepend(f_to);\n");
}

static void next_hop_out(const struct writer *w)
{
	if (w->family || w->p->extended_next_hop)
		return;
	if (w->why)
		fprintf(w->file, "\tif !bgp_next_hop.is_v4");
	else
		fprintf(w->file, "\tif (%" PRIu32 ", %d, %d) ~ bgp_large_community", w->config->asn,
			MARKS, MARK_NEXT_HOP_6);
	refuse_out(w, CAUSE_NEXT_HOP_6);
}

static void body_out(const struct writer *w)
{
	bool takes = w->p->blackhole && w->p->blackhole_receive;

	fprintf(w->file,
		"(int f_to)\n{\n\tbool f_bh = (%" PRIu32 ", %d, %d) ~ bgp_large_community;\n",
		w->config->asn, MARKS, MARK_BLACKHOLE);
	if (w->why)
		fprintf(w->file, "\tbgp_large_community.delete([(%" PRIu32 ", %d, *)]);\n",
			w->config->asn, CAUSES_OUT);
	if (!takes) {
		fprintf(w->file, "\tif f_bh");
		refuse_out(w, CAUSE_OPT_OUT);
	}
	next_hop_out(w);
	if (w->p->control)
		control_out(w);
	if (!w->why)
		fprintf(w->file, "\tfs_scrub();\n");
	if (!w->why && takes)
		blackhole_out(w);
	fprintf(w->file, "\treturn true;\n}\n");
}

/* ---- functions with names ---- */

enum kind { IN, WHY_IN, OUT, WHY_OUT };

/* The text behind its name, new. */
static char *body_of(const struct rs_config *config, const struct rs_client *client,
		     unsigned family, enum kind kind)
{
	char *text = NULL;
	size_t size;
	struct writer w = {.config = config,
			   .p = &client->policy,
			   .family = family,
			   .file = open_memstream(&text, &size),
			   .why = kind == WHY_IN || kind == WHY_OUT};

	if (!w.file)
		abort();
	if (kind == IN || kind == WHY_IN)
		body_in(&w);
	else
		body_out(&w);
	fclose(w.file);
	return text;
}

static void names_make(const struct rs_config *config, struct rs_client *client)
{
	for (unsigned family = 0; family < 2; family++)
		for (enum kind kind = IN; kind <= WHY_OUT; kind++) {
			char *text = body_of(config, client, family, kind);

			snprintf(client->function[family][kind], sizeof(**client->function),
				 "fs_%016" PRIx64, hash_add(HASH_START, text, strlen(text)));
			free(text);
		}
}

void policy_name(const struct rs_config *config, struct rs_client *client)
{
	const struct rs_client *other = client;

	/* most have the policy of the one before */
	while (other-- != config->client)
		if (!memcmp(&other->policy, &client->policy, sizeof(client->policy))) {
			memcpy(client->function, other->function, sizeof(client->function));
			return;
		}
	names_make(config, client);
}

static bool known(struct policy_names *names, const char *name)
{
	for (size_t i = names->count; i; i--)
		if (!strcmp(names->name[i - 1], name))
			return true;
	if (names->count == names->room) {
		names->room = names->room ? names->room * 2 : 16;
		names->name = realloc(names->name, names->room * sizeof(*names->name));
		if (!names->name)
			abort();
	}
	snprintf(names->name[names->count++], sizeof(*names->name), "%s", name);
	return false;
}

static void function(const struct rs_config *config, const struct rs_client *client,
		     unsigned family, enum kind kind, struct policy_names *names, FILE *file)
{
	const char *name = client->function[family][kind];
	char *text;

	if (known(names, name))
		return;
	text = body_of(config, client, family, kind);
	fprintf(file, "function %s%s", name, text);
	free(text);
}

void policy_functions(const struct rs_config *config, const struct rs_client *client,
		      unsigned family, struct policy_names *names, FILE *file)
{
	for (enum kind kind = IN; kind <= WHY_OUT; kind++)
		function(config, client, family, kind, names, file);
}

void policy_names_clear(struct policy_names *names)
{
	free(names->name);
	memset(names, 0, sizeof(*names));
}

/* ---- calls ---- */

static void hop(const char **comma, const char *address, FILE *file)
{
	fprintf(file, "%s%s", *comma, address);
	*comma = ", ";
}

/* IPv4 routes may have IPv6 next hops (RFC 8950); which ones, their session says. */
static void hops(const struct rs_config *config, const struct rs_client *client,
		 const struct rs_session *session, FILE *file)
{
	const char *comma = "";

	fprintf(file, "[");
	if (client->policy.hop == RS_HOP_STRICT)
		hop(&comma, session->address, file);
	for (unsigned i = 0; i < config->clients; i++) {
		const struct rs_client *other = &config->client[i];
		bool same = client->policy.hop == RS_HOP_SAME_AS ? other->asn == client->asn
								 : other == client;

		for (unsigned s = 0;
		     client->policy.hop != RS_HOP_STRICT && same && s < other->sessions; s++)
			hop(&comma, other->session[s].address, file);
	}
	for (unsigned i = 0; i < client->policy.listeds; i++)
		hop(&comma, client->policy.listed[i], file);
	fprintf(file, "]");
}

static void call_in(const struct rs_config *config, const struct rs_client *client,
		    const struct rs_session *session, unsigned family, enum kind kind, FILE *file)
{
	const struct rs_policy *p = &client->policy;

	fprintf(file, "%s(%" PRIu32 ", ", client->function[family][kind], client->asn);
	hops(config, client, session, file);
	if (p->irr_origin)
		fprintf(file, ", %s_a", client->set->name);
	if (p->irr_prefix)
		fprintf(file, ", %s_%s%s", client->set->name, family ? "6" : "4",
			p->more_specifics ? "m" : "");
	if (p->irr_prefix && p->blackhole)
		fprintf(file, ", %s_%sb", client->set->name, family ? "6" : "4");
	fprintf(file, ")");
}

static void call_out(const struct rs_client *client, unsigned family, enum kind kind, FILE *file)
{
	fprintf(file, "%s(%" PRIu32 ")", client->function[family][kind], client->asn);
}

void policy_call_in(const struct rs_config *config, const struct rs_client *client,
		    const struct rs_session *session, unsigned family, FILE *file)
{
	call_in(config, client, session, family, IN, file);
}

void policy_call_out(const struct rs_client *client, unsigned family, FILE *file)
{
	/* for every route and every client: none of ours (marks()), and it passes */
	fprintf(file, "!(bgp_large_community ~ fs_ours_large) || ");
	call_out(client, family, OUT, file);
}

void policy_call_why_in(const struct rs_config *config, const struct rs_client *client,
			const struct rs_session *session, unsigned family, FILE *file)
{
	call_in(config, client, session, family, WHY_IN, file);
}

void policy_call_why_out(const struct rs_client *client, unsigned family, FILE *file)
{
	call_out(client, family, WHY_OUT, file);
}
