// SPDX-License-Identifier: GPL-2.0-or-later
#include "once.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/api/model.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/config/document.h"
#include "core/config/filters.h"
#include "core/config/model.h"
#include "core/config/problem.h"
#include "core/config/yaml.h"
#include "core/engine/rules.h"

struct entry {
	char name[24];		       /* "~1234.7", of this process; "" for a free one */
	struct document *document;     /* with a filter of its own, or: */
	char filter[FILTER_NAME_SIZE]; /* of the configuration */
	uint32_t snap;
};

struct once {
	struct entry entry[ONCE_MAX];
	unsigned last;
};

struct once *once_new(void)
{
	return mem_zalloc(sizeof(struct once));
}

static void entry_clear(struct entry *entry)
{
	document_free(entry->document);
	*entry = (struct entry){0};
}

void once_free(struct once *once)
{
	for (int i = 0; once && i < ONCE_MAX; i++)
		entry_clear(&once->entry[i]);
	free(once);
}

bool once_is(const char *name)
{
	return name[0] == '~';
}

/* Into quotes: what somebody types is no YAML of his. */
static bool word_add(struct text *yaml, const char *word, struct problems *problems)
{
	const char *equals = strchr(word, '=');
	const char *const path = "abcdefghijklmnopqrstuvwxyz-";
	const char *const value =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.:/!-,";

	if (!equals || equals == word || !equals[1] ||
	    strspn(word, path) != (size_t)(equals - word) ||
	    strspn(equals + 1, value) != strlen(equals + 1)) {
		problems_add(problems, NULL,
			     "found '%s', allowed is PATH=VALUE of a filter's match, such as "
			     "destination-port=53 or source=192.0.2.0/24,2001:db8::/32",
			     word);
		return false;
	}
	text_add(yaml, "%.*s: [\"", (int)(equals - word), word);
	for (const char *c = equals + 1; *c; c++)
		text_add(yaml, *c == ',' ? "\", \"" : "%c", *c);
	text_add(yaml, "\"], ");
	return true;
}

/* A flag is no list. */
static bool flag_add(struct text *yaml, const char *word)
{
	if (strcmp(word, "reverse") && strcmp(word, "reverse=true"))
		return false;
	text_add(yaml, "reverse: true, ");
	return true;
}

static struct document *document_make(const struct schema *schema, const char *const *word,
				      size_t count, struct problems *problems)
{
	struct text text_auto yaml = {0};
	struct document *document;
	struct fer_problems list;
	struct rule_set *rules;

	text_add(&yaml, "wire: {optical: a, electrical: b}\ncapture: [{name: c}]\n"
			"filter: [{name: f, capture: c, match: {");
	for (size_t i = 0; i < count; i++)
		if (!flag_add(&yaml, word[i]) && !word_add(&yaml, word[i], problems))
			return NULL;
	text_add(&yaml, "}}]\n");
	document = yaml_load(schema, yaml.data, yaml.length, NULL, problems);
	if (!document)
		return NULL;
	list = (struct fer_problems){document, problems};
	rules = document_validate(document, problems) ? NULL
						      : filters_load(model_of(document), &list);
	rule_set_free(rules);
	if (rules)
		return document;
	document_free(document);
	return NULL;
}

static struct entry *room_find(struct once *once, struct problems *problems)
{
	for (int i = 0; i < ONCE_MAX; i++)
		if (!*once->entry[i].name)
			return &once->entry[i];
	problems_add(problems, NULL, "%d captures in passing run already", ONCE_MAX);
	return NULL;
}

static bool filter_is_there(const struct fer_config *running, const char *name,
			    struct problems *problems)
{
	const struct fer_model *filter = fer_config_find(running, "filter");

	for (; filter; filter = fer_model_next(filter))
		if (!strcmp(fer_model_text(filter, "name"), name) &&
		    fer_model_flag(filter, "enabled"))
			return true;
	problems_add(problems, NULL,
		     "no capture and no enabled filter '%s'; 'ferrule show capture' and 'ferrule "
		     "show filter' list them",
		     name);
	return false;
}

const char *once_add(struct once *once, const struct schema *schema,
		     const struct fer_config *running, const struct once_request *request,
		     struct problems *problems)
{
	struct entry *entry = room_find(once, problems);

	if (!entry || (request->filter && !filter_is_there(running, request->filter, problems)))
		return NULL;
	if (request->filter)
		snprintf(entry->filter, sizeof(entry->filter), "%s", request->filter);
	else
		entry->document = document_make(schema, request->word, request->count, problems);
	if (!request->filter && !entry->document)
		return NULL;
	entry->snap = request->snap;
	snprintf(entry->name, sizeof(entry->name), "~%d.%u", getpid(), ++once->last);
	return entry->name;
}

void once_remove(struct once *once, const char *name)
{
	for (int i = 0; i < ONCE_MAX; i++)
		if (!strcmp(once->entry[i].name, name))
			entry_clear(&once->entry[i]);
}

/* A filter of the set, or one more; NULL: it is gone, or there is no room. */
static struct rule *entry_rule(const struct entry *entry, struct rule_set *set)
{
	struct fer_problems nobody = {entry->document, &(struct problems){0}};
	struct rule_set *own;
	struct rule *rule;

	for (unsigned i = 0; !entry->document && i < set->count; i++)
		if (!strcmp(set->rule[i].name, entry->filter))
			return &set->rule[i];
	own = entry->document ? filters_load(model_of(entry->document), &nobody) : NULL;
	rule = own ? rule_set_add(set, entry->name) : NULL;
	if (rule) {
		*rule = own->rule[0];
		snprintf(rule->name, sizeof(rule->name), "%s", entry->name);
		rule->capture = 0;
		own->rule[0].match = (struct rule_match){0}; /* its lists are the other's now */
	}
	rule_set_free(own);
	return rule;
}

static void entry_append(const struct entry *entry, struct rule_set *set)
{
	struct rule *rule = set->captures < CAPTURES_MAX ? entry_rule(entry, set) : NULL;
	struct rule_capture *capture = &set->capture[set->captures];

	/* of a filter that is gone the capture stays, for as long as somebody waits for it */
	if (set->captures == CAPTURES_MAX || (!rule && entry->document))
		return;
	if (rule)
		rule->capture |= 1 << set->captures;
	set->captures++;
	snprintf(capture->name, sizeof(capture->name), "%s", entry->name);
	capture->snap = entry->snap;
}

void once_append(const struct once *once, struct rule_set *set)
{
	for (int i = 0; i < ONCE_MAX; i++)
		if (*once->entry[i].name)
			entry_append(&once->entry[i], set);
}
