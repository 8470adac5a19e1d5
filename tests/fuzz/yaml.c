// SPDX-License-Identifier: GPL-2.0-or-later
/* The YAML loader: any octets give a document or problems, and what it gives can be printed. */
#include <stdlib.h>
#include <string.h>

#include "core/config/document.h"
#include "core/config/problem.h"
#include "core/config/schema.h"
#include "core/config/yaml.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct schema *schema;
	struct problems problems = {0}, again = {0};
	struct document *document;
	char *error = NULL, *text;

	if (!schema)
		schema = schema_new(getenv("FERRULE_YANG_DIR"), &error);
	if (!schema)
		abort();
	document = yaml_load(schema, (const char *)data, size, "fuzz", &problems);
	if (!document != (problems.count > 0))
		abort();
	if (document && !document_validate(document, &problems)) {
		struct document *copy;

		/* what is printed is read back as the same */
		text = yaml_print(document->tree, false, 0);
		copy = yaml_load(schema, text, strlen(text), "again", &again);
		if (!copy || document_validate(copy, &again) || !document_equal(document, copy))
			abort();
		document_free(copy);
		free(text);
	}
	problems_clear(&problems);
	problems_clear(&again);
	document_free(document);
	return 0;
}
