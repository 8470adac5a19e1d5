// SPDX-License-Identifier: GPL-2.0-or-later
#include "foreign.h"

#include <libfyaml.h>
#include <stdio.h>
#include <string.h>

/* What an alias stands for, without copies: those that refer to each other would grow without end.
 */
struct fy_node *target(struct fy_node *at)
{
	for (unsigned i = 0; at && fy_node_is_alias(at) && i < ALIASES; i++)
		at = fy_node_resolve_alias(at);
	return at && fy_node_is_alias(at) ? NULL : at;
}

/* Of what "<<" brings in (the merge key of YAML 1.1), one level of it. */
static struct fy_node *merged_child(struct fy_node *at, const char *name)
{
	struct fy_node *from = target(fy_node_mapping_lookup_by_string(at, "<<", FY_NT)), *item;
	void *iterator = NULL;

	if (from && fy_node_is_mapping(from))
		return target(fy_node_mapping_lookup_by_string(from, name, FY_NT));
	while (from && fy_node_is_sequence(from) &&
	       (item = target(fy_node_sequence_iterate(from, &iterator)))) {
		struct fy_node *found =
			fy_node_is_mapping(item)
				? target(fy_node_mapping_lookup_by_string(item, name, FY_NT))
				: NULL;

		if (found)
			return found;
	}
	return NULL;
}

struct fy_node *child(struct fy_node *at, const char *name)
{
	struct fy_node *found;

	at = target(at);
	if (!at || !fy_node_is_mapping(at))
		return NULL;
	found = target(fy_node_mapping_lookup_by_string(at, name, FY_NT));
	return found ? found : merged_child(at, name);
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

const char *text_of(struct fy_node *at, char to[PATH])
{
	return long_text_of(at, to, PATH);
}

/* The text of a scalar, without what would end a line or a quotation; "" where there is none. */
static const char *take(struct fy_node *at, char *to, size_t size, bool utf8)
{
	const char *text;
	size_t length = 0, kept = 0;

	*to = '\0';
	at = target(at);
	if (!at || !fy_node_is_scalar(at))
		return to;
	text = fy_node_get_scalar(at, &length);
	for (size_t i = 0; i < length && kept < size - 1; i++)
		if ((text[i] >= ' ' && text[i] <= '~' && text[i] != '"' && text[i] != '\\') ||
		    (utf8 && text[i] & 0x80))
			to[kept++] = text[i];
	to[kept] = '\0';
	return to;
}

const char *long_text_of(struct fy_node *at, char *to, size_t size)
{
	return take(at, to, size, false);
}

/* Control characters of two octets (U+0080 to U+009F) go, and the rest of a character without room.
 */
const char *title_at(struct fy_node *at, const char *path, char to[PATH], unsigned characters)
{
	char *end = to, *from = to;

	take(find(at, path), to, PATH, true);
	while (*from && characters) {
		size_t length = 1;

		while ((from[length] & 0xc0) == 0x80)
			length++;
		if (strlen(to) == PATH - 1 && !from[length] && *from & 0x80)
			break;
		if ((unsigned char)*from == 0xc2 && (unsigned char)from[1] < 0xa0) {
			from += length;
			continue;
		}
		memmove(end, from, length);
		end += length;
		from += length;
		characters--;
	}
	*end = '\0';
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
