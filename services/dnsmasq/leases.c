// SPDX-License-Identifier: GPL-2.0-or-later
#include "leases.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct key {
	const char *at; /* an address, or "duid" */
	size_t length;
};

/* What tells a line from others; false where it is no whole one. */
static bool key_of(const char *line, struct key *key)
{
	const char *end = strchr(line, '\n');

	if (!end)
		return false;
	if (!strncmp(line, "duid ", 5)) {
		*key = (struct key){line, 4};
		return true;
	}
	for (int skip = 0; skip < 2; skip++) {
		line += strcspn(line, " \n");
		if (*line++ != ' ')
			return false;
	}
	*key = (struct key){line, strcspn(line, " \n")};
	return key->length && line[key->length] == ' ';
}

static int compare(const void *a, const void *b)
{
	const struct key *one = a, *other = b;
	size_t least = one->length < other->length ? one->length : other->length;
	int order = memcmp(one->at, other->at, least);

	return order ? order : (int)one->length - (int)other->length;
}

static const char *next_line(const char *line)
{
	const char *end = strchr(line, '\n');

	return end ? end + 1 : line + strlen(line);
}

static struct key *keys_sorted(const char *text, size_t *count)
{
	struct key *keys = NULL, key;

	*count = 0;
	for (; *text; text = next_line(text)) {
		if (!key_of(text, &key))
			continue;
		if (!(*count & (*count - 1))) /* a power of two: it is full */
			keys = realloc(keys, (*count ? *count * 2 : 1) * sizeof(*keys));
		if (!keys)
			abort();
		keys[(*count)++] = key;
	}
	if (keys)
		qsort(keys, *count, sizeof(*keys), compare);
	return keys;
}

/* 0 is for ever. */
static bool is_good(const char *line, time_t now)
{
	long long expiry = strtoll(line, NULL, 10);

	return *line == 'd' || !expiry || expiry > now;
}

char *leases_merge(const char *text, const char *before, time_t now)
{
	size_t count, size, whole = strlen(text);
	struct key *keys = keys_sorted(text, &count), key;
	char *merged = NULL;
	FILE *file = open_memstream(&merged, &size);

	if (!file)
		abort();
	while (whole && text[whole - 1] != '\n') /* half a line is none */
		whole--;
	fwrite(text, 1, whole, file);
	for (; *before; before = next_line(before)) {
		if (!key_of(before, &key) || !is_good(before, now) ||
		    (keys && bsearch(&key, keys, count, sizeof(*keys), compare)))
			continue;
		fwrite(before, 1, next_line(before) - before, file);
	}
	fclose(file);
	free(keys);
	return merged;
}
