// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <errno.h>
#include <libfyaml.h>
#include <libyang/libyang.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/bounds.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "document.h"
#include "omission.h"
#include "problem.h"
#include "schema.h"
#include "yaml.h"

enum { ENTRIES_MAX = 4096 }; /* of a list that says nothing of its size */

struct loader {
	struct document *document;
	struct problems *problems;
	bool empty; /* nothing but comments */
};

struct place {
	unsigned line;
	unsigned column;
};

/* Where a mapping or sequence begins; of an empty flow one the token is the bracket. */
static struct place node_place(struct fy_node *node)
{
	struct fy_token *token = NULL;
	const struct fy_mark *mark;

	if (fy_node_is_scalar(node))
		token = fy_node_get_scalar_token(node);
	else if (fy_node_is_mapping(node) && fy_node_mapping_item_count(node) > 0)
		return node_place(fy_node_pair_key(fy_node_mapping_get_by_index(node, 0)));
	else if (fy_node_is_sequence(node) && fy_node_sequence_item_count(node) > 0)
		return node_place(fy_node_sequence_get_by_index(node, 0));
	mark = token ? fy_token_start_mark(token) : NULL;
	return mark ? (struct place){mark->line + 1, mark->column + 1} : (struct place){0};
}

static struct problem *complain(struct loader *l, struct fy_node *at, struct lyd_node *parent,
				const char *name, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

static struct problem *complain(struct loader *l, struct fy_node *at, struct lyd_node *parent,
				const char *name, const char *format, ...)
{
	mem_auto char *above = parent ? document_path(parent) : NULL;
	mem_auto char *path = above && name ? mem_printf("%s/%s", above, name)
					    : mem_strdup(above	? above
							 : name ? name
								: "");
	struct place place = at ? node_place(at) : (struct place){0};
	mem_auto char *message = NULL;
	struct problem *problem;
	va_list args;

	va_start(args, format);
	if (vasprintf(&message, format, args) < 0)
		abort();
	va_end(args);
	problem = problems_add(l->problems, path, "%s", message);
	problem_place(problem, l->document->file, place.line, place.column);
	return problem;
}

static void attach(struct loader *l, struct lyd_node *parent, struct lyd_node *node)
{
	if (!parent)
		lyd_insert_sibling(l->document->tree, node, &l->document->tree);
}

static void mark(struct lyd_node *node, struct fy_node *at)
{
	struct place place = node_place(at);

	document_mark(node, place.line, place.column);
}

static const char *kind_name(struct fy_node *node)
{
	if (!node || fy_node_is_null(node))
		return "nothing";
	if (fy_node_is_alias(node))
		return "an alias ('*...')";
	return fy_node_is_mapping(node)	   ? "a mapping"
	       : fy_node_is_sequence(node) ? "a list"
					   : "a value";
}

static char *scalar_text(struct fy_node *node)
{
	size_t length = 0;
	const char *text = fy_node_get_scalar(node, &length);

	return mem_strndup(text ? text : "", length);
}

/* ---- leaves ---- */

static void values_collect(const char *value, void *arg)
{
	struct text *all = arg;

	text_add(all, "%s\n", value);
}

/* Of an enumeration the member that was meant. */
static void add_nearest(const struct lysc_node *schema, const char *found, struct text *message)
{
	struct text text_auto all = {0};
	const char *names[128], *near;
	size_t count = 0;
	char *save = NULL;

	schema_values(schema, values_collect, &all);
	if (!all.data)
		return;
	for (char *v = strtok_r(all.data, "\n", &save); v && count < 128;
	     v = strtok_r(NULL, "\n", &save))
		names[count++] = v;
	near = text_nearest(found, names, count);
	if (near)
		text_add(message, "; did you mean '%s'?", near);
}

static void load_value(struct loader *l, struct fy_node *at, struct lyd_node *parent,
		       const struct lysc_node *schema)
{
	mem_auto char *text = NULL;
	struct text text_auto message = {0};
	struct lyd_node *node = NULL;

	if (!fy_node_is_scalar(at) || fy_node_is_alias(at)) {
		schema_describe(schema, NULL, &message);
		complain(l, at, parent, schema->name, "found %s, allowed is %s", kind_name(at),
			 message.data);
		return;
	}
	text = scalar_text(at);
	ly_err_clean(l->document->schema->ctx, NULL);
	if (lyd_new_term(parent, schema->module, schema->name, text, 0, &node)) {
		text_add(&message, "found '%s', allowed is ", text);
		schema_describe(schema, text, &message);
		add_nearest(schema, text, &message);
		complain(l, at, parent, schema->name, "%s", message.data);
		return;
	}
	mark(node, at);
	attach(l, parent, node);
}

/* More problems than anybody reads: the rest of the text is not looked at. */
static bool is_enough(const struct loader *l)
{
	return l->problems->count >= PROBLEMS_MAX;
}

/* Said before each is compared with all others: that takes time by the square of their number. */
static bool is_too_many(struct loader *l, struct fy_node *at, struct lyd_node *parent,
			const struct lysc_node *schema)
{
	uint32_t max = schema->nodetype == LYS_LIST ? ((struct lysc_node_list *)schema)->max
						    : ((struct lysc_node_leaflist *)schema)->max;

	if (max > ENTRIES_MAX)
		max = ENTRIES_MAX;
	if ((uint32_t)fy_node_sequence_item_count(at) <= max)
		return false;
	complain(l, at, parent, schema->name, "found %d entries, allowed are %u",
		 fy_node_sequence_item_count(at), max);
	return true;
}

static bool leaf_list_has(const struct lyd_node *parent, const struct lysc_node *schema,
			  const char *value)
{
	const struct lyd_node *node;

	LY_LIST_FOR (lyd_child(parent), node)
		if (node->schema == schema && !strcmp(lyd_get_value(node), value))
			return true;
	return false;
}

/* One value may stand without the brackets. */
static void load_leaf_list(struct loader *l, struct fy_node *at, struct lyd_node *parent,
			   const struct lysc_node *schema)
{
	struct fy_node *item;
	void *iterator = NULL;

	if (!fy_node_is_sequence(at)) {
		load_value(l, at, parent, schema);
		return;
	}
	if (is_too_many(l, at, parent, schema))
		return;
	while ((item = fy_node_sequence_iterate(at, &iterator)) && !is_enough(l)) {
		mem_auto char *text = fy_node_is_scalar(item) ? scalar_text(item) : NULL;

		if (text && parent && leaf_list_has(parent, schema, text))
			complain(l, item, parent, schema->name, "'%s' is there twice", text);
		else
			load_value(l, item, parent, schema);
	}
}

/* ---- containers and lists ---- */

static void load_mapping(struct loader *l, struct fy_node *at, struct lyd_node *parent,
			 const struct lysc_node *schema);

static void load_container(struct loader *l, struct fy_node *at, struct lyd_node *parent,
			   const struct lysc_node *schema)
{
	struct lyd_node *node = NULL;

	if (!fy_node_is_mapping(at) && !fy_node_is_null(at)) {
		complain(l, at, parent, schema->name, "found %s, allowed is a mapping of keys",
			 kind_name(at));
		return;
	}
	if (lyd_new_inner(parent, schema->module, schema->name, 0, &node))
		abort();
	mark(node, at);
	attach(l, parent, node);
	if (fy_node_is_mapping(at))
		load_mapping(l, at, node, schema);
}

static const struct lyd_node *list_find(struct loader *l, struct lyd_node *parent,
					const struct lysc_node *schema, const char *key)
{
	const struct lyd_node *node;

	LY_LIST_FOR (parent ? lyd_child(parent) : l->document->tree, node)
		if (node->schema == schema && !strcmp(lyd_get_value(lyd_child(node)), key))
			return node;
	return NULL;
}

/* A new entry, or NULL after a complaint. */
static struct lyd_node *entry_new(struct loader *l, struct fy_node *at, struct lyd_node *parent,
				  const struct lysc_node *schema)
{
	const struct lysc_node *key = schema_key(schema);
	struct text text_auto allowed = {0};
	struct lyd_node *node = NULL;
	mem_auto char *text = NULL;
	struct fy_node *value;

	if (!fy_node_is_mapping(at)) {
		complain(l, at, parent, schema->name, "found %s, allowed is a mapping with '%s'",
			 kind_name(at), key->name);
		return NULL;
	}
	value = fy_node_mapping_lookup_by_string(at, key->name, FY_NT);
	if (!value || !fy_node_is_scalar(value)) {
		complain(l, at, parent, schema->name, "the entry has no %s", key->name);
		return NULL;
	}
	text = scalar_text(value);
	if (list_find(l, parent, schema, text)) {
		complain(l, value, parent, schema->name, "%s '%s' is there twice", key->name, text);
		return NULL;
	}
	if (lyd_new_list(parent, schema->module, schema->name, 0, &node, text)) {
		schema_describe(key, text, &allowed);
		complain(l, value, parent, schema->name, "%s: found '%s', allowed is %s", key->name,
			 text, allowed.data);
		return NULL;
	}
	mark(lyd_child(node), value);
	return node;
}

static void load_list(struct loader *l, struct fy_node *at, struct lyd_node *parent,
		      const struct lysc_node *schema)
{
	struct fy_node *item;
	void *iterator = NULL;

	if (!fy_node_is_sequence(at)) {
		complain(l, at, parent, schema->name,
			 "found %s, allowed is a list of entries ('- %s: ...')", kind_name(at),
			 schema_key(schema)->name);
		return;
	}
	if (is_too_many(l, at, parent, schema))
		return;
	while ((item = fy_node_sequence_iterate(at, &iterator)) && !is_enough(l)) {
		struct lyd_node *node = entry_new(l, item, parent, schema);

		if (!node)
			continue;
		mark(node, item);
		attach(l, parent, node);
		load_mapping(l, item, node, schema);
	}
}

static void unknown_key(struct loader *l, struct fy_node *at, struct lyd_node *parent,
			const struct lysc_node *schema, const char *name)
{
	const char *near = schema_nearest(l->document->schema, schema, name);
	const struct lysc_node *child = NULL;
	struct text text_auto allowed = {0};

	if (near) {
		complain(l, at, parent, name, "unknown key; did you mean '%s'?", near);
		return;
	}
	while ((child = schema_next(l->document->schema, schema, child)))
		text_add(&allowed, "%s%s", allowed.length ? ", " : "", child->name);
	complain(l, at, parent, name, "unknown key, allowed are %s", allowed.data);
}

static void load_pair(struct loader *l, struct fy_node *key, struct fy_node *value,
		      struct lyd_node *parent, const struct lysc_node *schema)
{
	mem_auto char *name = scalar_text(key);
	const struct lysc_node *child = schema_child(l->document->schema, schema, name);

	if (!child)
		unknown_key(l, key, parent, schema, name);
	else if (lysc_is_key(child))
		return;
	else if (!value)
		complain(l, key, parent, name, "found nothing");
	else if (schema_is_list(child))
		load_list(l, value, parent, child);
	else if (schema_is_leaf_list(child))
		load_leaf_list(l, value, parent, child);
	else if (schema_is_container(child))
		load_container(l, value, parent, child);
	else
		load_value(l, value, parent, child);
}

/* libfyaml would say so too, but with the place where it noticed. */
static bool key_repeats(struct fy_node *mapping, const struct fy_node_pair *pair)
{
	mem_auto char *key = scalar_text(fy_node_pair_key((struct fy_node_pair *)pair));
	struct fy_node_pair *earlier;
	void *iterator = NULL;

	while ((earlier = fy_node_mapping_iterate(mapping, &iterator)) && earlier != pair) {
		mem_auto char *other = scalar_text(fy_node_pair_key(earlier));

		if (!strcmp(key, other))
			return true;
	}
	return false;
}

static void load_mapping(struct loader *l, struct fy_node *at, struct lyd_node *parent,
			 const struct lysc_node *schema)
{
	struct fy_node_pair *pair;
	void *iterator = NULL;

	while ((pair = fy_node_mapping_iterate(at, &iterator)) && !is_enough(l)) {
		struct fy_node *key = fy_node_pair_key(pair);

		if (!key || !fy_node_is_scalar(key))
			complain(l, at, parent, NULL, "a key is not a plain word");
		else if (key_repeats(at, pair))
			complain(l, key, parent, NULL, "a key is there twice");
		else
			load_pair(l, fy_node_pair_key(pair), fy_node_pair_value(pair), parent,
				  schema);
	}
}

/* ---- the text ---- */

bool yaml_is_empty(const char *text)
{
	while (*text) {
		text += strspn(text, " \t\r\n");
		if (*text && *text != '#' && strncmp(text, "---", 3))
			return false;
		text += strcspn(text, "\n");
	}
	return true;
}

/*
 * "[syn, !ack]": a word that begins with '!' is a tag in YAML, and what is wrong with it is said of
 * the bracket behind it, on the same line.
 */
static bool tag_blame(const struct loader *l, const char *text, unsigned where)
{
	unsigned line = 1;
	const char *begin = text;

	for (const char *at = text; *at; at++) {
		if (*at == '\n') {
			line++;
			begin = at + 1;
		}
		if (*at != '!' || line != where || at == begin || memchr(begin, '#', at - begin) ||
		    !strchr("[, :", at[-1]) || !isalpha((unsigned char)at[1]))
			continue;
		problem_place(problems_add(l->problems, NULL, "%.*s needs quotes: \"%.*s\"",
					   (int)strcspn(at, " ,]}\n"), at,
					   (int)strcspn(at, " ,]}\n"), at),
			      l->document->file, line, at - begin + 1);
		return true;
	}
	return false;
}

static struct fy_document *text_parse(struct loader *l, const char *text, size_t size)
{
	struct fy_diag_cfg diag_config;
	struct fy_parse_cfg config = {.flags = FYPCF_QUIET | FYPCF_COLLECT_DIAG |
					       FYPCF_ALLOW_DUPLICATE_KEYS};
	struct fy_document *yaml;
	struct fy_diag_error *error;
	void *iterator = NULL;

	fy_diag_cfg_default(&diag_config);
	diag_config.fp = NULL;
	config.diag = fy_diag_create(&diag_config);
	fy_diag_set_collect_errors(config.diag, true);
	yaml = fy_document_build_from_string(&config, text, size);
	error = yaml ? NULL : fy_diag_errors_iterate(config.diag, &iterator);
	/* a text with nothing in it is no error, and no document */
	if (error && !tag_blame(l, text, error->line))
		problem_place(problems_add(l->problems, NULL, "not YAML: %s", error->msg),
			      l->document->file, error->line, error->column);
	l->empty = !yaml && !error && yaml_is_empty(text);
	if (!yaml && !error && !l->empty)
		problem_place(problems_add(l->problems, NULL, "not YAML"), l->document->file, 0, 0);
	fy_diag_destroy(config.diag);
	return yaml;
}

/* libfyaml 0.7 does not end on some texts that are not UTF-8, so they never get there. */
static bool text_refuse(const char *text, size_t size, const char *file, struct problems *problems)
{
	size_t good = size > YAML_SIZE_MAX ? size : text_utf8_end(text, size);
	const char *zero = size > YAML_SIZE_MAX ? NULL : memchr(text, 0, size);
	const char *bad = zero ? zero : good < size ? text + good : NULL;
	unsigned line = 1, column = 1;

	if (size > YAML_SIZE_MAX) {
		problem_place(problems_add(problems, NULL, "longer than 4 MiB"), file, 0, 0);
		return true;
	}
	if (!bad)
		return false;
	for (const char *at = text; at < bad; at++, column++) {
		if (*at == '\n') {
			line++;
			column = 0;
		}
	}
	problem_place(
		problems_add(problems, NULL, "not a text: %s", zero ? "a zero octet" : "not UTF-8"),
		file, line, column);
	return true;
}

static bool text_is_too_much(const char *text, size_t size, const char *file,
			     struct problems *problems)
{
	static const struct bounds bounds = {YAML_ITEMS_MAX, YAML_DEPTH_MAX};
	struct bounds_excess excess;

	if (bounds_hold(&bounds, text, size, &excess))
		return false;
	problem_place(problems_add(problems, NULL, "more than %u %s", excess.allowed, excess.what),
		      file, excess.line, excess.column);
	return true;
}

/* What of the text can be loaded; NULL where it is no mapping. */
static struct document *load_text(const struct schema *schema, const char *text, size_t size,
				  const char *file, struct problems *problems)
{
	struct loader l = {document_new(schema), problems, false};
	struct fy_document *yaml = NULL;
	struct fy_node *root;

	l.document->file = file ? mem_strdup(file) : NULL;
	if (!text_refuse(text, size, file, problems) &&
	    !text_is_too_much(text, size, file, problems))
		yaml = text_parse(&l, text, size);
	root = yaml ? fy_document_root(yaml) : NULL;
	if (root && fy_node_is_mapping(root))
		load_mapping(&l, root, NULL, NULL);
	else if (root && !fy_node_is_null(root))
		complain(&l, root, NULL, NULL, "found %s, allowed is a mapping of keys",
			 kind_name(root));
	if (l.empty || (root && (fy_node_is_mapping(root) || fy_node_is_null(root)))) {
		fy_document_destroy(yaml);
		return l.document;
	}
	fy_document_destroy(yaml);
	document_free(l.document);
	return NULL;
}

struct document *yaml_load(const struct schema *schema, const char *text, size_t size,
			   const char *file, struct problems *problems)
{
	unsigned before = problems->count;
	struct document *document = load_text(schema, text, size, file, problems);

	if (problems->count == before)
		return document;
	document_free(document);
	return NULL;
}

static int load_read(const char *path, char **text, size_t *size, struct problems *problems)
{
	int err = file_read(path, YAML_SIZE_MAX, text, size);

	if (err)
		problem_place(problems_add(problems, NULL, "cannot be read: %s",
					   err == -EFBIG ? "longer than 4 MiB" : strerror(-err)),
			      path, 0, 0);
	return err;
}

struct document *yaml_load_file(const struct schema *schema, const char *path,
				struct problems *problems)
{
	mem_auto char *text = NULL;
	size_t size = 0;

	if (load_read(path, &text, &size, problems))
		return NULL;
	return yaml_load(schema, text, size, path, problems);
}

struct document *yaml_load_known(const struct schema *schema, const char *path,
				 struct omissions *omissions, struct problems *problems)
{
	struct problems problems_auto found = {0};
	mem_auto char *text = NULL;
	struct document *document;
	size_t size = 0;

	if (load_read(path, &text, &size, problems))
		return NULL;
	document = load_text(schema, text, size, path, &found);
	/* what lies behind the last of them was not even looked at */
	if (document && found.count >= PROBLEMS_MAX) {
		document_free(document);
		document = NULL;
	}
	if (document)
		omissions_take_out(omissions, "", NULL, document, &found);
	for (unsigned i = 0; i < found.count; i++) {
		const struct problem *p = &found.at[i];

		if (!document)
			problem_place(problems_add(problems, p->path, "%s", p->message), p->file,
				      p->line, p->column);
		else if (!omissions_cover(omissions, p->path))
			omissions_add(omissions, "", p->path ? p->path : path, p->message);
	}
	return document;
}
