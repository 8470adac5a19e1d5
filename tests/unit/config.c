// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <errno.h>
#include <libyang/libyang.h>
#include <stdio.h>

#include "core/api/model.h"
#include "core/config/diff.h"
#include "core/config/document.h"
#include "core/config/edit.h"
#include "core/config/filters.h"
#include "core/config/model.h"
#include "core/config/path.h"
#include "core/config/problem.h"
#include "core/config/schema.h"
#include "core/config/yaml.h"
#include "core/engine/rules.h"

static struct schema *schema;

static const char text[] = "wire:\n"
			   "  optical: eth0\n"
			   "  electrical: eth1\n"
			   "filter:\n"
			   "  - name: a\n"
			   "    match: {vlan: [100, 200-299], tcp-flags: [syn, '!ack']}\n"
			   "    sample: 10\n"
			   "  - {name: b, enabled: false}\n"
			   "  - {name: c, from: optical, action: drop, on-failure: keep}\n";

/* Text that may be anything, as roles have it. */
static const char words_module[] = "module ferrule-words { namespace \"urn:words\"; prefix w;"
				   " container words { leaf any { type string; } } }";

static struct document *load(const char *yaml)
{
	struct problems problems = {0};
	struct document *d = yaml_load(schema, yaml, strlen(yaml), "t", &problems);

	for (unsigned i = 0; i < problems.count; i++)
		print_message("%u:%u %s: %s in %s\n", problems.at[i].line, problems.at[i].column,
			      problems.at[i].path, problems.at[i].message, yaml);
	assert_non_null(d);
	assert_int_equal(document_validate(d, &problems), 0);
	assert_int_equal(problems.count, 0);
	return d;
}

static int setup(void **state)
{
	char *error = NULL;

	(void)state;
	schema = schema_new(getenv("FERRULE_YANG_DIR"), &error);
	if (!schema)
		return -1;
	return lys_parse_mem(schema->ctx, words_module, LYS_IN_YANG, NULL) ? -1 : 0;
}

static int teardown(void **state)
{
	(void)state;
	schema_free(schema);
	return 0;
}

static void test_round_trip(void **state)
{
	struct document *d = load(text), *again;
	char *yaml = yaml_print(d->tree, false, 0), *json = yaml_print(d->tree, false, YAML_JSON);

	(void)state;
	again = load(yaml);
	assert_true(document_equal(d, again));
	document_free(again);
	again = load(json);
	assert_true(document_equal(d, again));
	assert_null(strstr(yaml, "hold-time")); /* a default */
	document_free(again);
	document_free(d);
	free(yaml);
	free(json);
}

/* Texts that mean something else when they are not quoted. */
static void test_quoting(void **state)
{
	static const char *const values[] = {
		"!ack", "a: b", "# no comment", "- item", "'",	 "\"",	  "null",   "~",
		"true", "{a}",	"&x",		"a\\b",	  "é €", " lead", "trail ", "a\nb"};

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
		struct document *d = load(text), *again;
		const char *words[] = {"words", "any", values[i]};
		struct problems problems = {0};
		char *yaml;

		assert_int_equal(edit_set(d, words, 3, &problems), 0);
		assert_int_equal(document_validate(d, &problems), 0);
		yaml = yaml_print(d->tree, false, 0);
		again = load(yaml);
		assert_true(document_equal(d, again));
		free(yaml);
		document_free(again);
		document_free(d);
	}
}

static void test_rules(void **state)
{
	struct document *d = load(text);
	struct problems problems = {0};
	struct fer_problems list = {d, &problems};
	struct rule_set *set = filters_load(model_of(d), &list);

	(void)state;
	assert_non_null(set);
	assert_int_equal(set->count, 2); /* b is disabled */
	assert_string_equal(set->rule[0].name, "a");
	assert_int_equal(set->rule[0].match.vlan.count, 2);
	assert_int_equal(set->rule[0].match.vlan.at[1].high, 299);
	assert_int_equal(set->rule[0].match.tcp_set, 2);
	assert_int_equal(set->rule[0].match.tcp_clear, 16);
	assert_int_equal(set->rule[0].sample, 10);
	assert_true(set->rule[0].fail_open);
	assert_int_equal(set->rule[1].from, 1 << PORT_OPTICAL);
	assert_int_equal(set->rule[1].verdict, VERDICT_DROP);
	assert_false(set->rule[1].fail_open);
	assert_int_equal(set->host_kbits, 125000);
	rule_set_free(set);
	document_free(d);
}

static void test_places(void **state)
{
	static const char wrong[] = "wire: {optical: eth0, electrical: eth1}\n"
				    "filter:\n"
				    "  - name: a\n"
				    "    match:\n"
				    "      vlan: [1, 9999]\n";
	struct problems problems = {0};
	struct document *d = yaml_load(schema, wrong, strlen(wrong), "f.yaml", &problems);
	struct fer_problems list = {d, &problems};
	char *line;

	(void)state;
	assert_int_equal(document_validate(d, &problems), 0);
	assert_null(filters_load(model_of(d), &list));
	line = problem_print(&problems.at[0]);
	assert_string_equal(line, "f.yaml:5:17: filter[a]/match/vlan: found '9999', allowed is a "
				  "VLAN identifier 0..4095, a range such as 100-199, or none");
	free(line);
	problems_clear(&problems);
	document_free(d);
}

static int edit(int (*how)(struct document *, const char *const *, size_t, struct problems *),
		struct document *d, const char *words)
{
	struct problems problems = {0};
	char copy[256], *save = NULL;
	const char *list[16];
	size_t count = 0;
	int err;

	snprintf(copy, sizeof(copy), "%s", words);
	for (char *w = strtok_r(copy, " ", &save); w; w = strtok_r(NULL, " ", &save))
		list[count++] = w;
	err = how(d, list, count, &problems);
	assert_int_equal(!!err, !!problems.count);
	problems_clear(&problems);
	return err;
}

static void test_edit(void **state)
{
	struct document *d = load(text), *before = load(text);
	char *diff;

	(void)state;
	assert_int_equal(edit(edit_set, d, "filter n action drop"), 0);
	assert_int_equal(edit(edit_set, d, "filter n match vlan 1 2 3"), 0);
	assert_int_equal(edit(edit_delete, d, "filter n match vlan 2"), 0);
	assert_int_equal(edit(edit_delete, d, "filter b"), 0);
	diff = diff_print(before, d);
	assert_string_equal(diff, "- set filter b\n"
				  "- set filter b enabled false\n"
				  "+ set filter n\n"
				  "+ set filter n match vlan 1\n"
				  "+ set filter n match vlan 3\n"
				  "+ set filter n action drop\n");
	free(diff);
	document_free(d);
	document_free(before);
}

static void test_edit_refused(void **state)
{
	static const char *const wrong[] = {
		"",
		"filter",
		"filter x action dorp",
		"filter x nothing 1",
		"filter x action",
		"filter x action a b",
		"wire optical",
		"filter x name y",
	};
	struct document *d = load(text), *before = load(text);

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_int_equal(edit(edit_set, d, wrong[i]), -EINVAL);
	assert_int_equal(edit(edit_delete, d, "filter zz"), -ENOENT);
	assert_int_equal(edit(edit_delete, d, "filter a action"), -ENOENT);
	assert_int_equal(edit(edit_delete, d, "filter a match vlan 77"), -ENOENT);
	assert_int_equal(edit(edit_delete, d, "flter a"), -EINVAL);
	assert_true(document_equal(d, before));
	document_free(d);
	document_free(before);
}

static void test_order(void **state)
{
	struct document *a =
		load("wire: {optical: a, electrical: b}\nfilter: [{name: x}, {name: y}]\n");
	struct document *b =
		load("wire: {optical: a, electrical: b}\nfilter: [{name: y}, {name: x}]\n");
	char *diff = diff_print(a, b);

	(void)state;
	assert_string_equal(diff, "~ the order differs from 'filter y' on\n");
	assert_false(document_equal_below(a, b, "filter"));
	assert_true(document_equal_below(a, b, "wire"));
	free(diff);
	document_free(a);
	document_free(b);
}

/* Who holds a configuration reads it after its owner has freed it. */
static void test_hold(void **state)
{
	struct document *d = load(text), *held = document_hold(d);

	(void)state;
	document_free(d);
	assert_string_equal(fer_model_text(fer_config_find(model_of(held), "filter"), "name"), "a");
	document_free(held);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hold),	     cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_quoting),	     cmocka_unit_test(test_rules),
		cmocka_unit_test(test_places),	     cmocka_unit_test(test_edit),
		cmocka_unit_test(test_edit_refused), cmocka_unit_test(test_order),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
