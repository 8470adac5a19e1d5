// SPDX-License-Identifier: GPL-2.0-or-later
#include "irr.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_parse.h>

#include "config.h"
#include "core/api/file.h"
#include "core/api/model.h"
#include "hash.h"

enum {
	DEPTH_SETS = 1,
	DEPTH_SET = 2,
	NAME = 200,
	ASN_OCTETS = 79, /* of an entry in a set of BIRD's */
	PREFIX_OCTETS = 171,
};

/* As it stands in the file. */
struct source {
	char *name;
	bool found;
	struct irr_set set;
	size_t room_asn, room[2];
};

/* Those of a client, together. Two of them may be one set. */
struct bundle {
	char *key;
	const struct irr_set *set;
};

enum list { LIST_NONE, LIST_ASN, LIST_PREFIX };

struct irr {
	struct source *source;
	size_t sources;
	struct bundle *bundle;
	size_t bundles;
	struct irr_set **set;
	size_t sets;
	/* while it is read */
	unsigned depth;
	struct source *at;
	enum list list;
	char *why;
	size_t why_size;
};

struct irr *irr_new(void)
{
	struct irr *irr = calloc(1, sizeof(*irr));

	if (!irr)
		abort();
	return irr;
}

static void set_clear(struct irr_set *set)
{
	free(set->asn);
	free(set->prefix[0]);
	free(set->prefix[1]);
}

void irr_free(struct irr *irr)
{
	if (!irr)
		return;
	for (size_t i = 0; i < irr->sources; i++) {
		free(irr->source[i].name);
		set_clear(&irr->source[i].set);
	}
	for (size_t i = 0; i < irr->bundles; i++)
		free(irr->bundle[i].key);
	for (size_t i = 0; i < irr->sets; i++) {
		set_clear(irr->set[i]);
		free(irr->set[i]);
	}
	free(irr->set);
	free(irr->source);
	free(irr->bundle);
	free(irr);
}

/* Room for one more; `room` doubles. */
static void *grow(void *at, size_t count, size_t *room, size_t each)
{
	if (count < *room)
		return at;
	*room = *room ? *room * 2 : 16;
	at = realloc(at, *room * each);
	if (!at)
		abort();
	return at;
}

/* ---- what is wanted ---- */

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct source *)a)->name, ((const struct source *)b)->name);
}

static struct source *source_find(const struct irr *irr, const char *name)
{
	const struct source key = {.name = (char *)name};

	return irr->sources
		       ? bsearch(&key, irr->source, irr->sources, sizeof(*irr->source), by_name)
		       : NULL;
}

static void want(struct irr *irr, const char *name)
{
	if (source_find(irr, name))
		return;
	irr->source = realloc(irr->source, (irr->sources + 1) * sizeof(*irr->source));
	if (!irr->source)
		abort();
	irr->source[irr->sources++] = (struct source){.name = strdup(name)};
	qsort(irr->source, irr->sources, sizeof(*irr->source), by_name);
}

/* The as-sets of a client, one by one; its own AS where it names none. */
const char *irr_name_at(const struct rs_client *client, unsigned index, char own[16])
{
	const struct fer_model *at = fer_model_find(client->at, "as-set");

	snprintf(own, 16, "AS%" PRIu32, client->asn);
	if (!at)
		return index ? NULL : own;
	while (at && index--)
		at = fer_model_next(at);
	return at ? fer_model_text(at, NULL) : NULL;
}

void irr_want(struct irr *irr, const struct rs_client *client)
{
	const char *name;
	char own[16];

	for (unsigned i = 0; (name = irr_name_at(client, i, own)); i++)
		want(irr, name);
}

/* ---- the file ---- */

static int refuse(struct irr *irr, const char *what)
{
	snprintf(irr->why, irr->why_size, "%s", what);
	return 0;
}

static int open_map(void *arg)
{
	struct irr *irr = arg;

	return ++irr->depth <= DEPTH_SET ? 1 : refuse(irr, "a set holds lists, and nothing deeper");
}

static int close_map(void *arg)
{
	struct irr *irr = arg;

	irr->depth--;
	irr->at = NULL;
	return 1;
}

static int key(void *arg, const unsigned char *text, size_t length)
{
	struct irr *irr = arg;
	char name[NAME + 1];

	if (irr->depth == DEPTH_SETS) {
		snprintf(name, sizeof(name), "%.*s", (int)(length < NAME ? length : NAME), text);
		irr->at = source_find(irr, name);
		if (irr->at)
			irr->at->found = true;
		return 1;
	}
	irr->list = length == 3 && !memcmp(text, "asn", 3)	? LIST_ASN
		    : length == 6 && !memcmp(text, "prefix", 6) ? LIST_PREFIX
								: LIST_NONE;
	return irr->list ? 1 : refuse(irr, "a set has the lists 'asn' and 'prefix' only");
}

static int number(void *arg, long long value)
{
	struct irr *irr = arg;
	struct irr_set *set = irr->at ? &irr->at->set : NULL;

	if (irr->depth != DEPTH_SET || irr->list != LIST_ASN || value < 1 || value > UINT32_MAX)
		return refuse(irr, "a number stands in 'asn', and is 1 to 4294967295");
	if (!set)
		return 1;
	set->asn = grow(set->asn, set->asns, &irr->at->room_asn, sizeof(*set->asn));
	set->asn[set->asns++] = value;
	return 1;
}

static int text(void *arg, const unsigned char *at, size_t length)
{
	struct irr *irr = arg;
	struct irr_set *set = irr->at ? &irr->at->set : NULL;
	struct prefix prefix;
	char copy[64];
	unsigned f;

	snprintf(copy, sizeof(copy), "%.*s", (int)(length < 63 ? length : 63), at);
	if (irr->depth != DEPTH_SET || irr->list != LIST_PREFIX || !prefix_parse(copy, &prefix)) {
		snprintf(irr->why, irr->why_size, "found '%s', allowed is a prefix in 'prefix'",
			 copy);
		return 0;
	}
	if (!prefix.length)
		return refuse(irr, "a prefix of length 0 would register everything");
	if (!set)
		return 1;
	prefix_network(&prefix);
	f = prefix.family == AF_INET6;
	set->prefix[f] =
		grow(set->prefix[f], set->prefixes[f], &irr->at->room[f], sizeof(**set->prefix));
	set->prefix[f][set->prefixes[f]++] = prefix;
	return 1;
}

static int nothing(void *arg)
{
	return refuse(arg, "null is no AS number and no prefix");
}

static int boolean(void *arg, int value)
{
	(void)value;
	return refuse(arg, "true and false are no AS numbers and no prefixes");
}

static int fraction(void *arg, double value)
{
	(void)value;
	return refuse(arg, "an AS number has no fraction, and a prefix stands in quotes");
}

static const yajl_callbacks callbacks = {
	.yajl_null = nothing,
	.yajl_boolean = boolean,
	.yajl_double = fraction,
	.yajl_integer = number,
	.yajl_string = text,
	.yajl_start_map = open_map,
	.yajl_map_key = key,
	.yajl_end_map = close_map,
};

/* What the parser says, in one line, where it was not we who refused it. */
static void explain(struct irr *irr, yajl_handle parser, unsigned line)
{
	unsigned char *said = yajl_get_error(parser, 0, NULL, 0);
	char what[120];

	snprintf(what, sizeof(what), "%.*s", (int)strcspn((char *)said, "\n"), said);
	yajl_free_error(parser, said);
	if (*irr->why)
		snprintf(what, sizeof(what), "%s", irr->why);
	snprintf(irr->why, irr->why_size, "line %u: %s", line, what);
}

static int parse(struct irr *irr, FILE *file)
{
	yajl_handle parser = yajl_alloc(&callbacks, NULL, irr);
	unsigned line = 1;
	unsigned char data[16384];
	yajl_status status = yajl_status_ok;
	size_t got;

	while (status == yajl_status_ok && (got = fread(data, 1, sizeof(data), file))) {
		status = yajl_parse(parser, data, got);
		if (status != yajl_status_ok)
			got = yajl_get_bytes_consumed(parser);
		for (size_t i = 0; i < got; i++)
			line += data[i] == '\n';
	}
	if (status == yajl_status_ok)
		status = yajl_complete_parse(parser);
	if (status != yajl_status_ok)
		explain(irr, parser, line);
	yajl_free(parser);
	return status == yajl_status_ok ? 0 : -EINVAL;
}

int irr_read(struct irr *irr, const char *path, char *why, size_t size)
{
	FILE *file = fer_file_open(path);
	int err;

	irr->why = why;
	irr->why_size = size;
	*why = '\0';
	if (!file) {
		err = -errno;
		snprintf(why, size, "cannot be read: %s", strerror(-err));
		return err;
	}
	err = parse(irr, file);
	fclose(file);
	return err;
}

/* ---- what a client may announce ---- */

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static int by_prefix(const void *a, const void *b)
{
	const struct prefix *x = a, *y = b;
	int order = memcmp(x->octets, y->octets, sizeof(x->octets));

	return order ? order : (int)x->length - (int)y->length;
}

static size_t unique(void *at, size_t count, size_t each, int (*order)(const void *, const void *))
{
	char *items = at;
	size_t kept = 0;

	if (!count)
		return 0;
	qsort(at, count, each, order);
	for (size_t i = 1; i < count; i++)
		if (order(items + kept * each, items + i * each) && ++kept != i)
			memcpy(items + kept * each, items + i * each, each);
	return kept + 1;
}

static void *join(void *at, size_t *count, const void *more, size_t mores, size_t each)
{
	if (!mores)
		return at;
	at = realloc(at, (*count + mores) * each);
	if (!at)
		abort();
	memcpy((char *)at + *count * each, more, mores * each);
	*count += mores;
	return at;
}

/* Named by what is in it: BIRD sees a change where there is one, and nowhere else. */
static void set_finish(struct irr_set *set)
{
	uint64_t hash = HASH_START;

	set->asns = unique(set->asn, set->asns, sizeof(*set->asn), by_number);
	hash = hash_add(hash, set->asn, set->asns * sizeof(*set->asn));
	for (unsigned f = 0; f < 2; f++) {
		set->prefixes[f] =
			unique(set->prefix[f], set->prefixes[f], sizeof(**set->prefix), by_prefix);
		for (size_t i = 0; i < set->prefixes[f]; i++) {
			hash = hash_add(hash, set->prefix[f][i].octets, 16);
			hash = hash_add(hash, &set->prefix[f][i].length, sizeof(unsigned));
		}
	}
	snprintf(set->name, sizeof(set->name), "fs_%016" PRIx64, hash);
}

static void set_join(struct irr_set *to, const struct irr_set *from)
{
	to->asn = join(to->asn, &to->asns, from->asn, from->asns, sizeof(*to->asn));
	for (unsigned f = 0; f < 2; f++)
		to->prefix[f] = join(to->prefix[f], &to->prefixes[f], from->prefix[f],
				     from->prefixes[f], sizeof(**to->prefix));
}

static char *key_of(const struct rs_client *client)
{
	const char *name;
	char own[16], *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	if (!file)
		abort();
	for (unsigned i = 0; (name = irr_name_at(client, i, own)); i++)
		fprintf(file, "%s ", name);
	fclose(file);
	return text;
}

static struct bundle *bundle_find(const struct irr *irr, const char *key)
{
	for (size_t i = irr->bundles; i; i--)
		if (!strcmp(irr->bundle[i - 1].key, key))
			return &irr->bundle[i - 1];
	return NULL;
}

/* This one, or another with the same in it. */
static const struct irr_set *set_share(struct irr *irr, struct irr_set *set)
{
	for (size_t i = irr->sets; i; i--)
		if (!strcmp(irr->set[i - 1]->name, set->name)) {
			set_clear(set);
			free(set);
			return irr->set[i - 1];
		}
	irr->set = realloc(irr->set, (irr->sets + 1) * sizeof(struct irr_set *));
	if (!irr->set)
		abort();
	irr->set[irr->sets++] = set;
	return set;
}

static struct bundle *bundle_make(struct irr *irr, const struct rs_client *client, char *key)
{
	struct irr_set *set = calloc(1, sizeof(*set));
	const char *name;
	char own[16];

	irr->bundle = realloc(irr->bundle, (irr->bundles + 1) * sizeof(*irr->bundle));
	if (!set || !irr->bundle)
		abort();
	for (unsigned i = 0; (name = irr_name_at(client, i, own)); i++)
		set_join(set, &source_find(irr, name)->set);
	set_finish(set);
	irr->bundle[irr->bundles] = (struct bundle){key, set_share(irr, set)};
	return &irr->bundle[irr->bundles++];
}

const struct irr_set *irr_set_of(struct irr *irr, const struct rs_client *client, char *why,
				 size_t size)
{
	char own[16], *key;
	const char *name;
	const struct bundle *bundle;
	const struct irr_set *set;

	for (unsigned i = 0; (name = irr_name_at(client, i, own)); i++) {
		const struct source *source = irr ? source_find(irr, name) : NULL;

		if (source && source->found)
			continue;
		snprintf(why, size, "the IRR data has no '%s'; allowed are the as-sets in it",
			 name);
		return NULL;
	}
	key = key_of(client);
	bundle = bundle_find(irr, key);
	if (bundle)
		free(key);
	else
		bundle = bundle_make(irr, client, key);
	set = bundle->set;
	if ((!client->policy.irr_origin || set->asns) &&
	    (!client->policy.irr_prefix || set->prefixes[0] || set->prefixes[1]))
		return set;
	snprintf(why, size,
		 "the IRR data has '%s', but with no %s: an empty list is not taken for one that "
		 "allows all",
		 irr_name_at(client, 0, own), set->asns ? "prefix" : "AS number");
	return NULL;
}

const struct irr_set *irr_set_at(const struct irr *irr, size_t index)
{
	return irr && index < irr->sets ? irr->set[index] : NULL;
}

uint64_t irr_octets(const struct irr *irr)
{
	const struct irr_set *set;
	uint64_t octets = 0;

	for (size_t i = 0; (set = irr_set_at(irr, i)); i++)
		octets += set->asns * ASN_OCTETS +
			  (set->prefixes[0] + set->prefixes[1]) * PREFIX_OCTETS;
	return octets;
}
