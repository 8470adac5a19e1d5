// SPDX-License-Identifier: GPL-2.0-or-later
#include <libfyaml.h>
#include <libyang/libyang.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "schema.h"
#include "yaml.h"

struct printer {
	struct fy_document *yaml;
	unsigned flags;
};

static bool is_shown(const struct printer *p, const struct lyd_node *node)
{
	/* one whose being there is what it says is there also with nothing in it */
	if (node->schema->nodetype == LYS_CONTAINER && lysc_is_np_cont(node->schema)) {
		const struct lyd_node *child;

		LY_LIST_FOR (lyd_child(node), child)
			if (is_shown(p, child))
				return true;
		return false;
	}
	return p->flags & YAML_DEFAULTS || !(node->flags & LYD_DEFAULT);
}

/* Secrets are leaves that say so by their name; files that hold them are no secret. */
static bool is_secret(const char *name)
{
	static const char *const ending[] = {"private-key", "preshared-key", "password", "secret"};
	size_t length = strlen(name);

	for (size_t i = 0; i < sizeof(ending) / sizeof(*ending); i++) {
		size_t n = strlen(ending[i]);

		if (length >= n && !strcmp(name + length - n, ending[i]))
			return true;
	}
	return false;
}

/* libfyaml writes what it is given: "!ack" and "a: b" would be read as something else. */
static bool is_plain(const char *value)
{
	static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				   "._/-";

	return *value && *value != '-' && strspn(value, safe) == strlen(value);
}

static struct fy_node *quoted(const struct printer *p, const char *value)
{
	struct text text_auto text = {0};

	text_add(&text, "\"");
	for (; *value; value++) {
		if (*value == '"' || *value == '\\')
			text_add(&text, "\\%c", *value);
		else if ((unsigned char)*value < 32)
			text_add(&text, "\\x%02x", *value);
		else
			text_add_octets(&text, value, 1);
	}
	text_add(&text, "\"");
	return fy_node_buildf(p->yaml, "%s", text.data);
}

/* A number or a truth value by its type (RFC 7951 section 6); nobody guesses it from the text. */
static bool is_bare(const struct lyd_node *node)
{
	switch (((const struct lyd_node_term *)node)->value.realtype->basetype) {
	case LY_TYPE_BOOL:
	case LY_TYPE_INT8:
	case LY_TYPE_INT16:
	case LY_TYPE_INT32:
	case LY_TYPE_UINT8:
	case LY_TYPE_UINT16:
	case LY_TYPE_UINT32:
		return true;
	default:
		return false;
	}
}

/* "192.0.2.1" is a text to everybody. */
static bool is_address(const char *value)
{
	unsigned points = 0;

	for (const char *at = value; *at; at++)
		points += *at == '.';
	return points == 3 && strspn(value, "0123456789.") == strlen(value);
}

/* Comes out of a number as it went in. */
static bool is_decimal(const char *value)
{
	return *value && strspn(value, "0123456789") == strlen(value) &&
	       (*value != '0' || !value[1]) && strlen(value) < 16;
}

/* Texts that YAML 1.1 (PyYAML, and who wrote the file by hand) takes for something else: truth
 * values, nothing, numbers of any base, times of a day. */
static bool is_ambiguous(const char *value)
{
	static const char *const words[] = {"y", "n",	 "yes",	 "no",	  "on",	  "off",
					    "~", "null", "true", "false", ".inf", ".nan"};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (!strcasecmp(value, words[i]))
			return true;
	if (is_decimal(value) || is_address(value))
		return false;
	return strspn(value, "0123456789.:_+-eExXabcdefABCDEFoO") == strlen(value) &&
	       strpbrk(value, "0123456789");
}

static struct fy_node *print_value(const struct printer *p, const struct lyd_node *node)
{
	const char *value = lyd_get_value(node);

	if (p->flags & YAML_MASK && is_secret(LYD_NAME(node)))
		value = "********";
	if (is_bare(node) || (!(p->flags & YAML_JSON) && is_plain(value) && !is_ambiguous(value)))
		return fy_node_create_scalar_copy(p->yaml, value, FY_NT);
	return quoted(p, value);
}

static struct fy_node *print_children(const struct printer *p, const struct lyd_node *first);

static struct fy_node *print_node(const struct printer *p, const struct lyd_node *node)
{
	if (node->schema->nodetype & (LYS_LEAF | LYS_LEAFLIST))
		return print_value(p, node);
	return print_children(p, lyd_child(node));
}

/* All entries of a list or leaf-list, from its first one on. */
static struct fy_node *print_sequence(const struct printer *p, const struct lyd_node *first)
{
	struct fy_node *sequence = fy_node_create_sequence(p->yaml);
	const struct lyd_node *node;

	LY_LIST_FOR (first, node)
		if (node->schema == first->schema)
			fy_node_sequence_append(sequence, print_node(p, node));
	return sequence;
}

static bool is_many(const struct lyd_node *node)
{
	return node->schema->nodetype & (LYS_LIST | LYS_LEAFLIST);
}

static bool follows_another(const struct lyd_node *first, const struct lyd_node *node)
{
	return node != first && node->prev->next && node->prev->schema == node->schema;
}

static struct fy_node *print_children(const struct printer *p, const struct lyd_node *first)
{
	struct fy_node *mapping = fy_node_create_mapping(p->yaml);
	const struct lyd_node *node;

	LY_LIST_FOR (first, node) {
		if (!is_shown(p, node) || (is_many(node) && follows_another(first, node)))
			continue;
		fy_node_mapping_append(
			mapping, fy_node_create_scalar_copy(p->yaml, LYD_NAME(node), FY_NT),
			is_many(node) ? print_sequence(p, node) : print_node(p, node));
	}
	return mapping;
}

static char *emit(struct printer *p)
{
	enum fy_emitter_cfg_flags style = p->flags & YAML_JSON ? FYECF_MODE_JSON : FYECF_MODE_BLOCK;
	char *text = fy_emit_document_to_string(p->yaml, style | FYECF_WIDTH_INF | FYECF_INDENT_2);
	size_t length = text ? strlen(text) : 0;
	char *copy = mem_printf("%s%s", text ? text : "",
				length && text[length - 1] == '\n' ? "" : "\n");

	free(text);
	fy_document_destroy(p->yaml);
	return copy;
}

char *yaml_print(const struct lyd_node *node, bool single, unsigned flags)
{
	struct printer p = {fy_document_create(NULL), flags};

	if (single && node && node->schema->nodetype == LYS_LEAFLIST)
		fy_document_set_root(p.yaml, print_sequence(&p, node));
	else if (single && node)
		fy_document_set_root(p.yaml, print_node(&p, node));
	else
		fy_document_set_root(p.yaml, print_children(&p, node));
	return emit(&p);
}

char *yaml_print_list(const struct lyd_node *node, unsigned flags)
{
	struct printer p = {fy_document_create(NULL), flags};

	fy_document_set_root(p.yaml, print_sequence(&p, node));
	return emit(&p);
}
