// SPDX-License-Identifier: GPL-2.0-or-later
#include "foreign.h"

#include <libfyaml.h>
#include <stdio.h>
#include <string.h>

struct fy_node *child(struct fy_node *at, const char *name)
{
	return at && fy_node_is_mapping(at) ? fy_node_mapping_lookup_by_string(at, name, FY_NT)
					    : NULL;
}

/* path: "filtering.next_hop.policy" */
struct fy_node *find(struct fy_node *at, const char *path)
{
	char name[64];

	while (at && *path) {
		size_t length = strcspn(path, ".");

		snprintf(name, sizeof(name), "%.*s", (int)length, path);
		at = child(at, name);
		path += length + (path[length] == '.');
	}
	return at;
}

/* The text of a scalar, without what would end a line or a quotation; "" where there is none. */
const char *text_of(struct fy_node *at, char to[PATH])
{
	const char *text;
	size_t length = 0, kept = 0;

	*to = '\0';
	if (!at || !fy_node_is_scalar(at))
		return to;
	text = fy_node_get_scalar(at, &length);
	for (size_t i = 0; i < length && kept < PATH - 1; i++)
		if (text[i] >= ' ' && text[i] <= '~' && text[i] != '"' && text[i] != '\\')
			to[kept++] = text[i];
	to[kept] = '\0';
	return to;
}

const char *text_at(struct fy_node *at, const char *path, char to[PATH])
{
	return text_of(find(at, path), to);
}

bool is_true(const char *text)
{
	return !strcasecmp(text, "true") || !strcasecmp(text, "yes");
}
