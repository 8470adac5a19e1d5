// SPDX-License-Identifier: GPL-2.0-or-later
#include "member.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

struct same_as {
	char asn[16];
	unsigned count;
};

/* One name of several may be there already: as IX-F has it once a family. */
static bool sets_have(const char *sets, const char *name, size_t length)
{
	for (const char *at = sets; (at = strstr(at, name)); at++) {
		bool begins = at == sets || at[-1] == ' ';

		if (begins && strspn(at, ", ") == 0 && (at[length] == ',' || !at[length]))
			return true;
	}
	return false;
}

static void set_add_one(struct member *m, const char *text, size_t length)
{
	size_t before = strlen(m->sets);
	char name[PATH];

	snprintf(name, sizeof(name), "%.*s", (int)length, text);
	length = strlen(name);
	if (!length || before + length + 4 >= sizeof(m->sets) || sets_have(m->sets, name, length))
		return;
	snprintf(m->sets + before, sizeof(m->sets) - before, "%s%s", before ? ", " : "", name);
}

/* Several stand in one text here and there, and "RIPE::AS-X" has its source before it. */
void set_add(struct member *m, const char *text)
{
	while (*text) {
		size_t length = strcspn(text, " ,;\t");
		const char *colons = length ? memmem(text, length, "::", 2) : NULL;
		size_t skip = colons ? (size_t)(colons + 2 - text) : 0;

		set_add_one(m, text + skip, length - skip);
		text += length;
		text += strspn(text, " ,;\t");
	}
}

void address_add(struct member *m, const char *text)
{
	if (*text && m->addresses < ADDRESSES)
		snprintf(m->address[m->addresses++], PATH, "%s", text);
}

static void limits_write(const struct member *m, FILE *file)
{
	const char *const part[][2] = {
		{"ipv4", m->limit[0]}, {"ipv6", m->limit[1]}, {"action", m->action}};
	unsigned count = 0;

	for (size_t i = 0; i < sizeof(part) / sizeof(*part); i++)
		if (*part[i][1])
			fprintf(file, "%s%s: %s", count++ ? ", " : ", max-prefix: {", part[i][0],
				part[i][1]);
	if (count)
		fprintf(file, "}");
}

void member_write(const struct member *m, FILE *file)
{
	fprintf(file, "    - {name: as%s-%u, asn: %s, address: [", m->asn, m->number, m->asn);
	for (unsigned i = 0; i < m->addresses; i++)
		fprintf(file, "%s\"%s\"", i ? ", " : "", m->address[i]);
	fprintf(file, "]");
	if (*m->description)
		fprintf(file, ", description: \"%s\"", m->description);
	if (*m->sets)
		fprintf(file, ", as-set: [%s]", m->sets);
	limits_write(m, file);
	if (m->passive)
		fprintf(file, ", passive: true");
	if (m->gtsm)
		fprintf(file, ", gtsm: true");
	if (m->receive_said && !m->receive)
		fprintf(file, ", blackhole: {receive: false}");
	fprintf(file, "%s}\n", m->more);
}

static int by_asn(const void *a, const void *b)
{
	return strcmp(((const struct same_as *)a)->asn, ((const struct same_as *)b)->asn);
}

unsigned number_of(struct counted *counted, const char *asn)
{
	struct same_as *entry = calloc(1, sizeof(*entry));
	struct same_as *const *found;

	if (!entry)
		abort();
	snprintf(entry->asn, sizeof(entry->asn), "%.15s", asn);
	found = tsearch(entry, &counted->root, by_asn);
	if (!found)
		abort();
	if (*found != entry)
		free(entry);
	return ++(*found)->count;
}

void counted_clear(struct counted *counted)
{
	tdestroy(counted->root, free);
}
