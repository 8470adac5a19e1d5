// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What dhcpcd says: of conflicts it tells its log only, as its hooks are not called for them.
 */
#include <string.h>

#include "internal.h"

const char *dhcpcd_line_conflict(const char *line)
{
	static const char mark[] = "DAD detected ";
	const char *at = strstr(line, mark);

	return at ? at + strlen(mark) : NULL;
}
