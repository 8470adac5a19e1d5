// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What comes from BIRD's control socket: anything is taken apart or refused, in pieces of any size,
 * and texts have an end. The first octet is the size of the pieces.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "services/bird/protocols.h"
#include "services/bird/routes.h"

#define ENDS(text)                                                                                 \
	do {                                                                                       \
		if (!memchr(text, '\0', sizeof(text)))                                             \
			abort();                                                                   \
	} while (0)

struct both {
	struct bird_protocols protocols;
	struct bird_routes routes;
};

static void protocol(void *arg, const struct bird_protocol *p)
{
	(void)arg;
	ENDS(p->name);
	ENDS(p->info);
	ENDS(p->error);
	ENDS(p->neighbor);
	if (p->channels > BIRD_CHANNELS)
		abort();
}

static bool route(void *arg, const struct bird_route *r)
{
	(void)arg;
	ENDS(r->prefix);
	ENDS(r->from);
	ENDS(r->as_path);
	ENDS(r->community);
	ENDS(r->large);
	ENDS(r->extended);
	return true;
}

static bool line(void *arg, const struct bird_line *line)
{
	struct both *both = arg;

	if (line->code > 9999 || strlen(line->text) >= BIRD_LINE_MAX)
		abort();
	bird_protocols_line(&both->protocols, line);
	return bird_routes_line(&both->routes, line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bird_parser *parser = calloc(1, sizeof(*parser));
	struct both *both = calloc(1, sizeof(*both));
	size_t piece = size && data[0] ? data[0] : 1;

	both->protocols.found = protocol;
	both->routes.found = route;
	for (size_t at = 1; at < size; at += piece) {
		size_t length = size - at < piece ? size - at : piece;

		if (!bird_parse(parser, (const char *)data + at, length, line, both))
			break;
	}
	bird_protocols_end(&both->protocols);
	bird_routes_end(&both->routes);
	free(both);
	free(parser);
	return 0;
}
