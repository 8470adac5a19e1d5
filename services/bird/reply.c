// SPDX-License-Identifier: GPL-2.0-or-later
#include "reply.h"

#include <ctype.h>
#include <string.h>

static bool is_head(const char *text)
{
	for (unsigned i = 0; i < 4; i++)
		if (!isdigit((unsigned char)text[i]))
			return false;
	return text[4] == ' ' || text[4] == '-';
}

static unsigned code_of(const char *text)
{
	unsigned code = 0;

	for (unsigned i = 0; i < 4; i++)
		code = code * 10 + (text[i] - '0');
	return code;
}

/* A whole line, without its end. */
static bool take(struct bird_parser *p, bool (*fn)(void *arg, const struct bird_line *line),
		 void *arg)
{
	struct bird_line line = {0};

	p->line[p->length] = '\0';
	p->length = 0;
	/* an echo of its log stands between the lines of an answer */
	if (*p->line == '+')
		return true;
	if (*p->line == ' ') {
		line = (struct bird_line){p->code, false, p->line + 1};
		return fn(arg, &line);
	}
	if (!is_head(p->line))
		return false;
	p->code = code_of(p->line);
	line = (struct bird_line){p->code, p->line[4] == ' ', p->line + 5};
	return fn(arg, &line);
}

bool bird_parse(struct bird_parser *p, const char *data, size_t size,
		bool (*line)(void *arg, const struct bird_line *line), void *arg)
{
	for (size_t i = 0; i < size; i++) {
		if (data[i] == '\n') {
			if (!take(p, line, arg))
				return false;
			continue;
		}
		if (!data[i])
			return false;
		/* what does not fit is cut: nothing that we ask for is that long */
		if (p->length < sizeof(p->line) - 1)
			p->line[p->length++] = data[i];
	}
	return true;
}
