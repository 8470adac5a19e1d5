// SPDX-License-Identifier: GPL-2.0-or-later
#include "disturbance.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>

#include "core/api/plugin.h"
#include "core/base/mem.h"

void fer_disturb(struct fer_disturbances *list, bool severe, const char *format, ...)
{
	mem_auto char *what = NULL;
	va_list args;

	va_start(args, format);
	what = mem_vprintf(format, args);
	va_end(args);
	list->at = mem_grow(list->at, list->count, sizeof(*list->at));
	list->at[list->count++] =
		(struct disturbance){mem_printf("%s: %s", list->part, what), severe};
}

void disturbances_find(const struct commit_parts *parts, const struct document *from,
		       const struct document *to, struct fer_disturbances *list)
{
	for (unsigned i = 0; i < parts->count; i++) {
		const struct commit_part *part = &parts->at[i];

		if (!part->disturbs || !part_differs(part, from, to))
			continue;
		list->part = part->name;
		part->disturbs(part->context, from, to, list);
	}
}

int disturbances_ask(const struct fer_disturbances *list, struct problems *problems)
{
	int err = 0;

	for (unsigned i = 0; i < list->count; i++) {
		if (!list->at[i].severe)
			continue;
		problems_add(
			problems, NULL,
			"%s; with --confirm 5 it comes back by itself, with --no-confirm it is "
			"for good",
			list->at[i].text);
		err = -EPERM;
	}
	return err;
}

void disturbances_clear(struct fer_disturbances *list)
{
	for (unsigned i = 0; i < list->count; i++)
		free(list->at[i].text);
	free(list->at);
	*list = (struct fer_disturbances){0};
}
