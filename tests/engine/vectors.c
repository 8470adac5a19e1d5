// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The packet vectors of vectors.txt through the reference and the XDP programs. Any backend that
 * runs single frames can be held to the same file.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "core/config/document.h"
#include "core/config/filters.h"
#include "core/config/model.h"
#include "core/config/problem.h"
#include "core/config/schema.h"
#include "core/config/yaml.h"
#include "reference.h"

enum { LINE = 4096 };

static const char *const port_name[PORT_COUNT] = {"optical", "electrical", "host"};
static const uint8_t host_mac[6] = {0x02, 0xfe, 0, 0, 0, 1};

static struct rule_set *rules_load(const struct schema *schema, const char *filters)
{
	struct problems problems = {0};
	struct fer_problems list = {NULL, &problems};
	struct rule_set *set = NULL;
	struct document *document;
	char text[LINE + 200];

	snprintf(text, sizeof(text),
		 "wire: {optical: a, electrical: b}\n"
		 "erspan: [{name: m, destination: 192.0.2.9}]\ncapture: [{name: c}]\n"
		 "filter: %s\n",
		 filters);
	document = yaml_load(schema, text, strlen(text), "vectors.txt", &problems);
	list.document = document;
	if (document && !document_validate(document, &problems))
		set = filters_load(model_of(document), &list);
	for (unsigned i = 0; i < problems.count; i++)
		printf("# %s\n", problems.at[i].message);
	problems_clear(&problems);
	document_free(document);
	if (!set) {
		printf("Bail out! filters are not understood: %s\n", filters);
		exit(1);
	}
	memcpy(set->host_mac, host_mac, sizeof(host_mac));
	set->host_kbits = set->host_packets = 0;
	return set;
}

static size_t hex_parse(const char *text, uint8_t *frame)
{
	size_t length = 0;
	unsigned octet;

	while (length < FILTERS_MAX && sscanf(text, "%2x", &octet) == 1) {
		frame[length++] = octet;
		text += 2;
	}
	return length;
}

/* Ports, and beside them "mirror", "capture", "reset" and "divert". */
static uint32_t egress_parse(const char *text)
{
	uint32_t egress = 0;

	for (int port = 0; port < PORT_COUNT; port++)
		if (strstr(text, port_name[port]))
			egress |= 1u << port;
	return egress;
}

static bool targets_agree(const char *text, const struct reference_decision *reference,
			  const struct engine_decision *engine)
{
	bool mirror = strstr(text, "mirror"), reset = strstr(text, "reset");
	bool capture = strstr(text, "capture");

	bool divert = strstr(text, "divert");

	if (reference->capture != capture || engine->captures != capture ||
	    reference->divert != divert || !!(engine->targets & COPY_DIVERT) != divert)
		return false;
	return reference->mirror == mirror && (engine->targets & COPY_SESSIONS) == mirror &&
	       reference->reset == reset && bench_resets(engine) == reset;
}

struct run {
	struct bench bench;
	struct rule_set *set;
	uint64_t hits[FILTERS_MAX];
	unsigned tests, failed;
};

/* "NAME: PORT HEX -> PORT,PORT" */
static void vector_run(struct run *run, char *line)
{
	char *colon = strchr(line, ':'), *arrow = strstr(line, "->");
	char from[16], hex[LINE];
	uint8_t frame[LINE] = {0};
	struct reference_decision reference;
	struct engine_decision engine;
	enum engine_port port;
	uint32_t expected;
	size_t length;

	if (!colon || !arrow || sscanf(colon + 1, "%15s %4095s", from, hex) != 2) {
		printf("Bail out! not a vector: %s\n", line);
		exit(1);
	}
	port = strcmp(from, "optical") ? PORT_ELECTRICAL : PORT_OPTICAL;
	length = hex_parse(hex, frame);
	if (length < 60)
		length = 60;
	expected = egress_parse(arrow);
	reference = reference_decide(run->set, NULL, port, frame, length, run->hits, true);
	engine = bench_frame(&run->bench, port, frame, length);
	*colon = '\0';
	run->tests++;
	if (reference.egress == expected && engine.egress == expected &&
	    targets_agree(arrow, &reference, &engine)) {
		printf("ok %u - %s\n", run->tests, line);
		return;
	}
	run->failed = 1;
	printf("not ok %u - %s\n# expected %#x, reference %#x mirror %#x reset %d, engine %#x "
	       "targets %#x\n",
	       run->tests, line, expected, reference.egress, reference.mirror, reference.reset,
	       engine.egress, engine.targets);
}

int main(int argc, char **argv)
{
	const char *dirs = getenv("FERRULE_YANG_DIR");
	FILE *file = argc > 1 ? fopen(argv[1], "r") : NULL;
	struct run run = {0};
	char line[LINE], *error = NULL;
	struct schema *schema = schema_new(dirs ? dirs : FERRULE_YANG_DIR, &error);

	if (!file || !schema) {
		printf("Bail out! usage: vectors FILE, with FERRULE_YANG_DIR set %s\n",
		       error ? error : "");
		return 1;
	}
	bench_open(&run.bench);
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		if (!*line || *line == '#')
			continue;
		if (!strncmp(line, "filter:", 7)) {
			rule_set_free(run.set);
			run.set = rules_load(schema, line + 7);
			memset(run.hits, 0, sizeof(run.hits));
			bench_rules(&run.bench, run.set, true);
		} else {
			vector_run(&run, line);
		}
	}
	printf("1..%u\n", run.tests);
	rule_set_free(run.set);
	bench_close(&run.bench);
	schema_free(schema);
	fclose(file);
	return run.failed;
}
