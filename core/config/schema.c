// SPDX-License-Identifier: GPL-2.0-or-later
#include "schema.h"

#include <errno.h>
#include <inttypes.h>
#include <libyang/libyang.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/text.h"

/* libyang says that it cannot find a file with no word of where it looked. */
static char *last_error(const struct ly_ctx *ctx, const char *module)
{
	const char *const *dirs = ly_ctx_get_searchdirs(ctx);
	const char *message = ly_errmsg(ctx);
	struct text text = {0};

	text_add(&text, "YANG module %s: %s It was looked for in", module,
		 message ? message : "cannot be loaded.");
	for (size_t i = 0; dirs && dirs[i]; i++)
		text_add(&text, "%s %s", i ? "," : "", dirs[i]);
	if (!dirs || !*dirs)
		text_add(&text, " no folder: FERRULE_YANG_DIR names folders that are not there");
	return text_take(&text);
}

int schema_load(struct schema *schema, const char *module, char **error)
{
	ly_err_clean(schema->ctx, NULL);
	if (ly_ctx_load_module(schema->ctx, module, NULL, NULL))
		return 0;
	*error = last_error(schema->ctx, module);
	return -EINVAL;
}

/* ly_ctx_new() takes one folder; the rest is added one by one. */
static void search_folders(struct ly_ctx *ctx, const char *dirs)
{
	mem_auto char *copy = mem_strdup(dirs);
	char *save = NULL;

	for (char *dir = strtok_r(copy, ":", &save); dir; dir = strtok_r(NULL, ":", &save))
		if (!access(dir, R_OK))
			ly_ctx_set_searchdir(ctx, dir);
}

struct schema *schema_new(const char *dirs, char **error)
{
	struct schema *schema = mem_zalloc(sizeof(*schema));

	ly_log_options(LY_LOSTORE);
	if (ly_ctx_new(NULL, LY_CTX_NO_YANGLIBRARY | LY_CTX_DISABLE_SEARCHDIR_CWD, &schema->ctx)) {
		*error = mem_strdup("libyang cannot be started");
		free(schema);
		return NULL;
	}
	search_folders(schema->ctx, dirs);
	if (schema_load(schema, "ferrule", error) ||
	    schema_load(schema, "ferrule-control", error)) {
		schema_free(schema);
		return NULL;
	}
	schema->control = ly_ctx_get_module_implemented(schema->ctx, "ferrule-control");
	return schema;
}

void schema_free(struct schema *schema)
{
	if (!schema)
		return;
	ly_ctx_destroy(schema->ctx);
	free(schema);
}

/* ---- walking ---- */

/* Modules of libyang's own and of the control protocol hold no configuration. */
static const struct lysc_node *top_next(const struct schema *schema, const struct lysc_node *last)
{
	const struct lys_module *module;
	const struct lysc_node *node = last;
	uint32_t index = 0;

	while ((module = ly_ctx_get_module_iter(schema->ctx, &index))) {
		if (!module->implemented || strncmp(module->name, "ferrule", 7))
			continue;
		if (last && last->module != module)
			continue;
		node = lys_getnext(last, NULL, module->compiled, 0);
		while (node && !(node->flags & LYS_CONFIG_W))
			node = lys_getnext(node, NULL, module->compiled, 0);
		if (node)
			return node;
		last = NULL;
	}
	return NULL;
}

const struct lysc_node *schema_next(const struct schema *schema, const struct lysc_node *parent,
				    const struct lysc_node *last)
{
	const struct lysc_node *node = last;

	if (!parent)
		return top_next(schema, last);
	do
		node = lys_getnext(node, parent, NULL, 0);
	while (node && !(node->flags & LYS_CONFIG_W));
	return node;
}

const struct lysc_node *schema_child(const struct schema *schema, const struct lysc_node *parent,
				     const char *name)
{
	const char *colon = strchr(name, ':');
	const struct lysc_node *node = NULL;

	/* "module:name" of RFC 7951 means the same node */
	while ((node = schema_next(schema, parent, node))) {
		if (!strcmp(node->name, name))
			return node;
		if (colon && !strcmp(node->name, colon + 1) &&
		    !strncmp(node->module->name, name, colon - name) &&
		    !node->module->name[colon - name])
			return node;
	}
	return NULL;
}

const char *schema_nearest(const struct schema *schema, const struct lysc_node *parent,
			   const char *found)
{
	const struct lysc_node *node = NULL;
	const char *names[128];
	size_t count = 0;

	while ((node = schema_next(schema, parent, node)) && count < 128)
		names[count++] = node->name;
	return text_nearest(found, names, count);
}

bool schema_is_separable(const struct lysc_node *node)
{
	LY_ARRAY_COUNT_TYPE i;

	LY_ARRAY_FOR(node->exts, i)
	if (!strcmp(node->exts[i].def->name, "separable") &&
	    !strcmp(node->exts[i].def->module->name, "ferrule"))
		return true;
	return false;
}

bool schema_is_list(const struct lysc_node *node)
{
	return node->nodetype == LYS_LIST;
}

bool schema_is_leaf_list(const struct lysc_node *node)
{
	return node->nodetype == LYS_LEAFLIST;
}

bool schema_is_leaf(const struct lysc_node *node)
{
	return node->nodetype == LYS_LEAF;
}

bool schema_is_container(const struct lysc_node *node)
{
	return node->nodetype == LYS_CONTAINER;
}

const struct lysc_node *schema_key(const struct lysc_node *list)
{
	const struct lysc_node *child = lysc_node_child(list);

	while (child && !lysc_is_key(child))
		child = child->next;
	return child;
}

/* ---- values ---- */

static const struct lysc_type *leaf_type(const struct lysc_node *leaf)
{
	return leaf->nodetype == LYS_LEAFLIST ? ((const struct lysc_node_leaflist *)leaf)->type
					      : ((const struct lysc_node_leaf *)leaf)->type;
}

static void describe_enum(const struct lysc_type_enum *type, struct text *text)
{
	LY_ARRAY_COUNT_TYPE i;

	text_add(text, "one of ");
	LY_ARRAY_FOR(type->enums, i)
	{
		text_add(text, "%s%s", i ? ", " : "", type->enums[i].name);
	}
}

static void describe_number(const struct lysc_type *type, struct text *text)
{
	static const struct {
		LY_DATA_TYPE base;
		const char *range;
	} plain[] = {
		{LY_TYPE_UINT8, "0..255"},
		{LY_TYPE_UINT16, "0..65535"},
		{LY_TYPE_UINT32, "0..4294967295"},
		{LY_TYPE_UINT64, "0..18446744073709551615"},
		{LY_TYPE_INT8, "-128..127"},
		{LY_TYPE_INT16, "-32768..32767"},
		{LY_TYPE_INT32, "-2147483648..2147483647"},
	};
	const struct lysc_range *range = ((const struct lysc_type_num *)type)->range;
	LY_ARRAY_COUNT_TYPE i;

	text_add(text, "a number ");
	for (size_t k = 0; !range && k < sizeof(plain) / sizeof(*plain); k++)
		if (plain[k].base == type->basetype)
			text_add(text, "%s", plain[k].range);
	if (!range)
		return;
	LY_ARRAY_FOR(range->parts, i)
	{
		text_add(text, "%s%" PRIu64 "..%" PRIu64, i ? " or " : "", range->parts[i].min_u64,
			 range->parts[i].max_u64);
	}
}

static unsigned characters(const char *text)
{
	unsigned count = 0;

	for (; *text; text++)
		count += (*text & 0xc0) != 0x80; /* UTF-8: not within one */
	return count;
}

/* "3 to 40 characters" */
static void describe_length(const struct lysc_range *length, struct text *text)
{
	uint64_t least = length->parts[0].min_u64;
	uint64_t most = length->parts[LY_ARRAY_COUNT(length->parts) - 1].max_u64;

	text_add(text, "%" PRIu64 " to %" PRIu64 " characters", least, most);
}

/* Of several patterns the last one is that of the leaf itself, and says most. */
static void describe_string(const struct lysc_type_str *type, const char *found, struct text *text)
{
	const char *pattern = NULL;
	LY_ARRAY_COUNT_TYPE i;
	unsigned count = found ? characters(found) : 0;

	if (found && type->length &&
	    (count < type->length->parts[0].min_u64 ||
	     count > type->length->parts[LY_ARRAY_COUNT(type->length->parts) - 1].max_u64)) {
		describe_length(type->length, text);
		text_add(text, ", these are %u", count);
		return;
	}
	LY_ARRAY_FOR(type->patterns, i)
	{
		if (type->patterns[i]->emsg)
			pattern = type->patterns[i]->emsg;
	}
	text_add(text, "%s", pattern ? pattern : "a text");
	if (!pattern && type->length) {
		text_add(text, " of ");
		describe_length(type->length, text);
	}
}

static void describe_type(const struct lysc_type *type, const char *found, struct text *text)
{
	const struct lysc_type_union *many = (const struct lysc_type_union *)type;
	LY_ARRAY_COUNT_TYPE i;

	switch (type->basetype) {
	case LY_TYPE_ENUM:
		describe_enum((const struct lysc_type_enum *)type, text);
		return;
	case LY_TYPE_BOOL:
		text_add(text, "true or false");
		return;
	case LY_TYPE_STRING:
		describe_string((const struct lysc_type_str *)type, found, text);
		return;
	case LY_TYPE_UNION:
		LY_ARRAY_FOR(many->types, i)
		{
			text_add(text, "%s", i ? ", or " : "");
			describe_type(many->types[i], found, text);
		}
		return;
	case LY_TYPE_LEAFREF:
		describe_type(((const struct lysc_type_leafref *)type)->realtype, found, text);
		return;
	default:
		describe_number(type, text);
	}
}

void schema_describe(const struct lysc_node *leaf, const char *found, struct text *text)
{
	describe_type(leaf_type(leaf), found, text);
}

static void type_values(const struct lysc_type *type, void (*each)(const char *value, void *arg),
			void *arg)
{
	const struct lysc_type_enum *choice = (const struct lysc_type_enum *)type;
	const struct lysc_type_union *many = (const struct lysc_type_union *)type;
	LY_ARRAY_COUNT_TYPE i;

	if (type->basetype == LY_TYPE_BOOL) {
		each("true", arg);
		each("false", arg);
	} else if (type->basetype == LY_TYPE_ENUM) {
		LY_ARRAY_FOR(choice->enums, i)
		{
			each(choice->enums[i].name, arg);
		}
	} else if (type->basetype == LY_TYPE_UNION) {
		LY_ARRAY_FOR(many->types, i)
		{
			type_values(many->types[i], each, arg);
		}
	}
}

void schema_values(const struct lysc_node *leaf, void (*each)(const char *value, void *arg),
		   void *arg)
{
	type_values(leaf_type(leaf), each, arg);
}
