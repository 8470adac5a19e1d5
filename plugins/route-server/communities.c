// SPDX-License-Identifier: GPL-2.0-or-later
#include "communities.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "core/api/model.h"

struct community {
	unsigned long long part[3];
	unsigned parts;
	bool peer; /* the last part is the client's AS */
};

static const struct fer_model *first_of(const struct rs_config *config)
{
	return fer_model_find(config->at, "communities");
}

static struct community parse(const struct fer_model *at)
{
	const char *text = fer_model_text(at, "value");
	struct community c = {.parts = 0};

	while (c.parts < 3) {
		char *end;

		c.peer = !strcmp(text, "peer");
		c.part[c.parts++] = c.peer ? 0 : strtoull(text, &end, 10);
		if (c.peer || *end != ':')
			break;
		text = end + 1;
	}
	return c;
}

static void condition(const struct community *c, FILE *file)
{
	if (c->parts == 2 && c->peer)
		fprintf(file, " || (f_to < 65536 && (%llu, f_to) ~ bgp_community)", c->part[0]);
	else if (c->parts == 2)
		fprintf(file, " || (%llu, %llu) ~ bgp_community", c->part[0], c->part[1]);
	else if (c->peer)
		fprintf(file, " || (%llu, %llu, f_to) ~ bgp_large_community", c->part[0],
			c->part[1]);
	else
		fprintf(file, " || (%llu, %llu, %llu) ~ bgp_large_community", c->part[0],
			c->part[1], c->part[2]);
}

void communities_conditions(const struct rs_config *config, const char *means, FILE *file)
{
	const struct fer_model *at = first_of(config);

	for (; at; at = fer_model_next(at)) {
		struct community c = parse(at);

		if (!strcmp(fer_model_text(at, "means"), means))
			condition(&c, file);
	}
}

/* ---- what goes no further ---- */

/* BIRD does not join ranges that overlap. */
static bool covers(const struct community *a, const struct community *b)
{
	if (!a->peer || a->parts != b->parts || a->part[0] != b->part[0])
		return false;
	return a->parts == 2 || a->part[1] == b->part[1];
}

static bool is_standard(const struct rs_config *config, const struct community *c)
{
	if (c->part[0] == config->asn)
		return true;
	return c->parts == 2 && (!c->part[0] || (c->part[0] >= 65501 && c->part[0] <= 65503));
}

void communities_ours(const struct rs_config *config, unsigned parts, FILE *file)
{
	for (const struct fer_model *at = first_of(config); at; at = fer_model_next(at)) {
		struct community c = parse(at);
		bool have = c.parts != parts || is_standard(config, &c);

		for (const struct fer_model *other = first_of(config); other && !have;
		     other = fer_model_next(other)) {
			struct community o = parse(other);

			/* an entry that a wider one holds is left out */
			have = covers(&o, &c) && (other != at) && !c.peer;
		}
		if (have)
			continue;
		fprintf(file, ", (");
		for (unsigned i = 0; i < parts; i++) {
			fprintf(file, "%s", i ? ", " : "");
			if (c.peer && i == parts - 1)
				fprintf(file, "*");
			else
				fprintf(file, "%llu", c.part[i]);
		}
		fprintf(file, ")");
	}
}

/* ---- check ---- */

static const char *wrong(const struct community *c, const char *means)
{
	bool all = !strcmp(means, "nobody");
	unsigned long long most = c->parts == 2 ? UINT16_MAX : UINT32_MAX;

	for (unsigned i = 0; i < c->parts; i++)
		if (c->part[i] > most)
			return "its parts do not fit: 16 bits of two, 32 of three";
	if (c->parts == 2 && c->part[0] == 65535)
		return "65535 is that of well-known communities (RFC 1997)";
	if (all && c->peer)
		return "'nobody' is for all: allowed are numbers alone";
	if (!all && !c->peer && strncmp(means, "prepend", 7) != 0)
		return "it says of whom: allowed is one that ends in ':peer'";
	return NULL;
}

int communities_check(const struct rs_config *config, struct fer_problems *problems)
{
	int err = 0;

	for (const struct fer_model *at = first_of(config); at; at = fer_model_next(at)) {
		struct community c = parse(at);
		const char *why = wrong(&c, fer_model_text(at, "means"));

		if (!why)
			continue;
		fer_problem(problems, at, "found '%s', %s", fer_model_text(at, "value"), why);
		err = -EINVAL;
	}
	return err;
}
