// SPDX-License-Identifier: GPL-2.0-or-later
/* Requests of the control socket: any text gives a request or a problem, printed as JSON. */
#include <stdlib.h>
#include <string.h>

#include "core/config/problem.h"
#include "core/config/schema.h"
#include "core/control/request.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct schema *schema;
	struct problems problems = {0};
	struct request request;
	char *error = NULL, *json, *reply;

	if (!schema)
		schema = schema_new(getenv("FERRULE_YANG_DIR"), &error);
	if (!schema)
		abort();
	json = calloc(1, size + 1);
	memcpy(json, data, size);
	if (request_parse(&request, schema, json, &problems))
		reply = request_print_error(schema, &problems);
	else
		reply = request_print(&request);
	if (*reply != '{')
		abort();
	request_clear(&request);
	problems_clear(&problems);
	free(reply);
	free(json);
	return 0;
}
