// SPDX-License-Identifier: GPL-2.0-or-later
#include "newer.h"

#include <string.h>

#include "config.h"

static unsigned version(unsigned major, unsigned minor)
{
	return major * 1000000 + minor * 1000;
}

static bool is_from(const struct rs_config *config, unsigned minor2, unsigned minor3)
{
	unsigned bird = config->bird;

	return bird >= version(3, 0) ? bird >= version(3, minor3) : bird >= version(2, minor2);
}

bool newer_strips(const struct rs_config *config)
{
	return config->strip && is_from(config, 14, 0) && config->bird < version(2, 20);
}

bool newer_bounds_restart(const struct rs_config *config)
{
	return is_from(config, 17, 1);
}

bool newer_has_aspa(const struct rs_config *config)
{
	return is_from(config, 16, 0);
}

/* IANA's numbers of those that BIRD 2.14 to 2.19 know (bgp.h, BA_*), and 22, which some do. */
static bool is_known(unsigned number)
{
	static const unsigned char known[] = {1,  2,  3,  4,  5,  6,  7,  8,  9,  10,
					      14, 15, 16, 17, 18, 22, 26, 32, 35, 254};

	return memchr(known, number, sizeof(known));
}

void newer_write(const struct rs_config *config, FILE *file)
{
	if (!newer_strips(config))
		return;
	for (unsigned i = 1; i < 256; i++)
		if (!is_known(i))
			fprintf(file, "attribute bgp %u bytestring fs_attr%u;\n", i, i);
	fprintf(file, "function fs_known()\n{\n");
	for (unsigned i = 1; i < 256; i++)
		if (!is_known(i))
			fprintf(file, "\tunset(fs_attr%u);\n", i);
	fprintf(file, "}\n");
}
