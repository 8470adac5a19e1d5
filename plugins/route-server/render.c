// SPDX-License-Identifier: GPL-2.0-or-later
#include "render.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "irr.h"
#include "newer.h"
#include "policy.h"
#include "tables.h"

enum {
	/* s. A client that does not come back holds the others up no longer than this */
	RECOVERY = 90,
	LONGEST = 172800, /* s, that BIRD keeps what it heard */
};

static void preamble(const struct rs_config *config, FILE *file)
{
	fprintf(file,
		"log stderr all;\nrouter id %s;\n"
		"timeformat base iso long;\ntimeformat protocol iso long;\n"
		"timeformat route iso long;\ntimeformat log iso long;\n"
		"graceful restart wait %d;\n"
		"ipv4 table master4 sorted;\nipv6 table master6 sorted;\n"
		"protocol device { }\n",
		config->router_id, RECOVERY);
}

/* BIRD's own: not said, so that nobody's session is asked for anything. */
enum { HOLD_TIME = 240 };

static void rpki(const struct rs_config *config, FILE *file)
{
	bool aspa = config->aspa && newer_has_aspa(config);

	if (!config->caches)
		return;
	fprintf(file, "roa4 table fs_roa4;\nroa6 table fs_roa6;\n%s",
		aspa ? "aspa table fs_aspa;\n" : "");
	for (unsigned i = 0; i < config->caches; i++)
		fprintf(file,
			"protocol rpki r_%u {\n\troa4 { table fs_roa4; };\n"
			"\troa6 { table fs_roa6; };\n%s\tremote %s port %u;\n"
			/* ours, and not what the cache would like: a list that is gone lets all in
			 */
			"\trefresh keep 300;\n\tretry keep 10;\n\texpire keep %u;\n"
			"\tdebug { events };\n}\n", /* for loads.c */
			i + 1, aspa ? "\taspa { table fs_aspa; };\n" : "", config->cache[i].address,
			config->cache[i].port, config->hold);
	if (config->kept_port)
		fprintf(file,
			"protocol rpki r_kept {\n%s\troa4 { table fs_roa4; };\n"
			"\troa6 { table fs_roa6; };\n\tremote %s port %u;\n"
			"\trefresh keep 300;\n\tretry keep 10;\n\texpire keep %u;\n}\n",
			config->kept_on ? "" : "\tdisabled;\n", config->kept_address,
			config->kept_port, LONGEST);
}

/* ---- sets ---- */

/* A set of BIRD's cannot be empty; this is in no table. */
static const char *const nothing[] = {"255.255.255.255/32",
				      "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128"};

/* kind: "" as registered, "m" with more specifics, "b" down to single addresses. */
static void prefixes(const struct irr_set *set, unsigned family, const char *kind, unsigned longest,
		     FILE *file)
{
	fprintf(file, "define %s_%s%s = [", set->name, family ? "6" : "4", kind);
	if (!set->prefixes[family])
		fprintf(file, "%s", nothing[family]);
	for (size_t i = 0; i < set->prefixes[family]; i++) {
		const struct prefix *prefix = &set->prefix[family][i];
		char text[PREFIX_TEXT];

		prefix_print(prefix, text);
		fprintf(file, "%s%s", i ? "," : "", text);
		if (*kind && prefix->length < longest)
			fprintf(file, "{%u,%u}", prefix->length, longest);
	}
	fprintf(file, "];\n");
}

static void origins(const struct irr_set *set, FILE *file)
{
	fprintf(file, "define %s_a = [%s", set->name, set->asns ? "" : "0");
	for (size_t i = 0; i < set->asns; i++)
		fprintf(file, "%s%" PRIu32, i ? "," : "", set->asn[i]);
	fprintf(file, "];\n");
}

struct needs {
	bool origin, exact, more, blackhole;
};

static struct needs needs_of(const struct rs_config *config, const struct irr_set *set)
{
	struct needs needs = {0};

	for (unsigned i = 0; i < config->clients; i++) {
		const struct rs_policy *p = &config->client[i].policy;

		if (config->client[i].set != set)
			continue;
		needs.origin |= p->irr_origin;
		needs.exact |= p->irr_prefix && !p->more_specifics;
		needs.more |= p->irr_prefix && p->more_specifics;
		needs.blackhole |= p->irr_prefix && p->blackhole;
	}
	return needs;
}

static void sets(const struct rs_config *config, FILE *file)
{
	static const unsigned most[] = {32, 128};
	const struct irr_set *set;

	for (size_t i = 0; (set = irr_set_at(config->irr, i)); i++) {
		struct needs needs = needs_of(config, set);

		if (needs.origin)
			origins(set, file);
		for (unsigned f = 0; f < 2; f++) {
			if (needs.exact)
				prefixes(set, f, "", 0, file);
			if (needs.more)
				prefixes(set, f, "m", most[f], file);
			if (needs.blackhole)
				prefixes(set, f, "b", most[f], file);
		}
	}
}

/* ---- sessions ---- */

static void limit(const struct rs_policy *p, unsigned family, FILE *file)
{
	/* one that ended is brought back by us, later each time: BIRD knows no backoff */
	static const char *const actions[] = {[RS_LIMIT_RESTART] = "disable",
					      [RS_LIMIT_SHUTDOWN] = "disable",
					      [RS_LIMIT_BLOCK] = "block",
					      [RS_LIMIT_WARN] = "warn"};

	fprintf(file, "\t\treceive limit %" PRIu32 " action %s;\n", p->limit[family],
		actions[p->limit_action]);
}

static void channel(const struct rs_config *config, const struct rs_client *client,
		    const struct rs_session *session, unsigned family, FILE *file)
{
	const struct rs_policy *p = &client->policy;

	fprintf(file, "\tipv%c {\n\t\ttable master%c;\n", family ? '6' : '4', family ? '6' : '4');
	if (p->mitigate)
		fprintf(file, "\t\tsecondary on;\n");
	if (client->keep[family])
		fprintf(file, "\t\timport table on;\n");
	if (config->reject_cause)
		fprintf(file, "\t\timport keep filtered on;\n");
	if (p->add_path)
		fprintf(file, "\t\tadd paths tx;\n");
	if (!family && session->family == AF_INET6)
		fprintf(file, "\t\textended next hop on;\n");
	limit(p, family, file);
	fprintf(file, "\t\timport where ");
	policy_call_in(config, client, session, family, file);
	fprintf(file, ";\n\t\texport where ");
	policy_call_out(client, family, file);
	fprintf(file, ";\n\t};\n");
}

static void session(const struct rs_config *config, const struct rs_client *client,
		    const struct rs_session *session, FILE *file)
{
	fprintf(file, "protocol bgp %s {\n", session->name);
	if (client->description)
		fprintf(file, "\tdescription \"%s\";\n", client->description);
	fprintf(file,
		"\tlocal %s port %u as %" PRIu32 ";\n\tneighbor %s as %" PRIu32 ";\n"
		"\trs client;\n\tinterpret communities off;\n\tgraceful restart on;\n"
		/* sooner than RECOVERY: who is back by then keeps his routes at all others */
		"\tconnect retry time 15;\n\terror wait time 10, 120;\n",
		config->address[session->family == AF_INET6], config->port, config->asn,
		session->address, client->asn);
	if (newer_bounds_restart(config))
		fprintf(file, "\tmin graceful restart time 0;\n\tmax graceful restart time %u;\n",
			config->stale_most);
	if (config->hold_time != HOLD_TIME)
		fprintf(file, "\thold time %u;\n", config->hold_time);
	if (client->policy.roles)
		fprintf(file, "\tlocal role rs_server;\n");
	if (client->password)
		fprintf(file, "\tpassword \"%s\";\n", client->password);
	if (client->passive)
		fprintf(file, "\tpassive on;\n");
	if (client->gtsm)
		fprintf(file, "\tttl security on;\n");
	if (client->shutdown || session->down)
		fprintf(file, "\tdisabled;\n");
	for (unsigned f = 0; f < 2; f++)
		if (rs_carries(client, session, f))
			channel(config, client, session, f, file);
	fprintf(file, "}\n");
}

/* Functions and sets are named by what is in them. */
uint64_t render_hash(const struct rs_config *config, const struct rs_client *client,
		     const struct rs_session *at)
{
	char *text = NULL;
	size_t size;
	uint64_t hash;
	FILE *file = open_memstream(&text, &size);

	if (!file)
		abort();
	session(config, client, at, file);
	fclose(file);
	hash = hash_add(HASH_START, text, size);
	explicit_bzero(text, size); /* passwords */
	free(text);
	return hash;
}

static void functions(const struct rs_config *config, FILE *file)
{
	struct policy_names names = {0};

	for (unsigned i = 0; i < config->clients; i++)
		for (unsigned f = 0; f < 2; f++)
			policy_functions(config, &config->client[i], f, &names, file);
	policy_names_clear(&names);
}

char *render(const struct rs_config *config)
{
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	if (!file)
		abort();
	preamble(config, file);
	rpki(config, file);
	newer_write(config, file);
	tables_write(config, file);
	sets(config, file);
	functions(config, file);
	for (unsigned i = 0; i < config->clients; i++)
		for (unsigned s = 0; s < config->client[i].sessions; s++)
			session(config, &config->client[i], &config->client[i].session[s], file);
	fclose(file);
	return text;
}
