// SPDX-License-Identifier: GPL-2.0-or-later
#include "peeringdb.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <yajl/yajl_parse.h>

#include "config.h"
#include "core/api/file.h"
#include "core/api/model.h"

enum {
	FILE_MOST = 64 << 20,  /* octets: of all networks with all that is known of them */
	LIMIT_MOST = 10000000, /* as max-prefix */
	NETWORK_DEPTH = 3,     /* {"data": [{...}]} */
};

enum field { NONE, ASN, PREFIXES4, PREFIXES6 };

struct reader {
	struct rs_config *config;
	unsigned depth; /* of maps and lists */
	enum field field;
	long long asn, prefixes[2];
	unsigned found; /* networks */
};

/* Members say so themselves: what they have and a margin above. */
static uint32_t limit_of(const struct rs_config *config, long long prefixes)
{
	const struct fer_model *at = fer_model_find(config->at, "policy/max-prefix/peeringdb");
	uint64_t percent = fer_model_number(at, "margin-percent", 15);
	uint64_t limit =
		prefixes + prefixes * percent / 100 + fer_model_number(at, "margin-routes", 100);

	return limit > LIMIT_MOST ? LIMIT_MOST : limit;
}

static void network_take(const struct reader *r)
{
	static const char *const own[] = {"max-prefix/ipv4", "max-prefix/ipv6"};

	for (unsigned i = 0; i < r->config->clients; i++) {
		struct rs_client *client = &r->config->client[i];

		for (unsigned f = 0; f < 2 && client->asn == r->asn; f++)
			if (r->prefixes[f] > 0 && r->prefixes[f] <= LIMIT_MOST &&
			    !fer_model_find(client->at, own[f]))
				client->policy.limit[f] = limit_of(r->config, r->prefixes[f]);
	}
}

static int begin(void *arg)
{
	struct reader *r = arg;

	if (++r->depth == NETWORK_DEPTH)
		r->asn = r->prefixes[0] = r->prefixes[1] = 0;
	return 1;
}

static int end_map(void *arg)
{
	struct reader *r = arg;

	if (r->depth-- == NETWORK_DEPTH && r->asn) {
		r->found++;
		network_take(r);
	}
	return 1;
}

static int end_list(void *arg)
{
	((struct reader *)arg)->depth--;
	return 1;
}

static int key(void *arg, const unsigned char *text, size_t length)
{
	static const char *const names[] = {
		[ASN] = "asn", [PREFIXES4] = "info_prefixes4", [PREFIXES6] = "info_prefixes6"};
	struct reader *r = arg;

	r->field = NONE;
	for (enum field i = ASN; r->depth == NETWORK_DEPTH && i <= PREFIXES6; i++)
		if (strlen(names[i]) == length && !memcmp(names[i], text, length))
			r->field = i;
	return 1;
}

static int number(void *arg, long long value)
{
	struct reader *r = arg;

	if (r->depth == NETWORK_DEPTH && r->field == ASN)
		r->asn = value;
	else if (r->depth == NETWORK_DEPTH && r->field != NONE)
		r->prefixes[r->field - PREFIXES4] = value;
	r->field = NONE;
	return 1;
}

static bool parse(yajl_handle json, FILE *file)
{
	unsigned char part[65536];
	size_t length, all = 0;

	while ((length = fread(part, 1, sizeof(part), file)) && all <= FILE_MOST) {
		all += length;
		if (yajl_parse(json, part, length) != yajl_status_ok)
			return false;
	}
	return all && all <= FILE_MOST && !ferror(file) &&
	       yajl_complete_parse(json) == yajl_status_ok;
}

static int refuse(const struct rs_config *config, const char *path, const char *why,
		  struct fer_problems *problems)
{
	fer_problem(problems, fer_model_find(config->at, "policy/max-prefix/peeringdb/file"),
		    "file '%s': %s", path, why);
	return -EINVAL;
}

int peeringdb_load(struct rs_config *config, const char *folder, struct fer_problems *problems)
{
	static const yajl_callbacks callbacks = {
		.yajl_integer = number,
		.yajl_start_map = begin,
		.yajl_map_key = key,
		.yajl_end_map = end_map,
		.yajl_start_array = begin,
		.yajl_end_array = end_list,
	};
	const char *name = fer_model_text(config->at, "policy/max-prefix/peeringdb/file");
	struct reader reader = {.config = config};
	yajl_handle json;
	char path[512];
	bool good;
	FILE *file;

	if (!name)
		return 0;
	rs_path(folder, name, path);
	fer_file_used(path);
	file = fer_file_open(path);
	if (!file)
		return refuse(config, path, strerror(errno), problems);
	json = yajl_alloc(&callbacks, NULL, &reader);
	good = json && parse(json, file);
	if (json)
		yajl_free(json);
	fclose(file);
	if (!good)
		return refuse(config, path, "that is no whole JSON", problems);
	if (rs_estimate(config) > config->memory)
		return refuse(config, path,
			      "what clients say there takes more memory than BIRD may have: "
			      "lower a client's with max-prefix, or raise route-server/memory",
			      problems);
	if (!reader.found)
		return refuse(config, path,
			      "no network in it: allowed is what "
			      "https://www.peeringdb.com/api/net?fields=asn,info_prefixes4,"
			      "info_prefixes6 answers",
			      problems);
	return 0;
}
