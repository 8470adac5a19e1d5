// SPDX-License-Identifier: GPL-2.0-or-later
#include "say.h"

#include <stdarg.h>
#include <stdio.h>

#include "commands.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "reply.h"

static bool as_json;

void say_json(bool json)
{
	as_json = json;
}

int say_usage(const char *format, ...)
{
	mem_auto char *message = NULL;
	struct text text_auto json = {0};
	va_list args;

	va_start(args, format);
	message = mem_vprintf(format, args);
	va_end(args);
	fprintf(stderr, "ferrule: %s\n", message);
	if (as_json) {
		request_member(&json, "message", message);
		printf("{%s}\n", json.data);
	}
	return EXIT_USAGE;
}
