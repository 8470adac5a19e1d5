// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * dhcpcd.conf(5). `script` must come before anything else: behind an interface line dhcpcd 9.4
 * ignores it and runs its own hooks, which write /etc/resolv.conf.
 */
#include <stdio.h>

#include "dhcpcd.h"
#include "internal.h"

static void render4(const struct dhcpcd_config *config, char *text, size_t size)
{
	static const char head[] = "script /bin/true\nnoipv6\n";

	switch (config->method) {
	case DHCPCD_DHCP:
		/* at once, and link-local after a second: nobody waits for a switch to come up */
		snprintf(text, size, "%snodelay\nreboot 1\noption routers\n", head);
		return;
	case DHCPCD_STATIC:
		snprintf(text, size, "%sstatic ip_address=%s\n%s%s\n", head, config->address,
			 *config->gateway ? "static routers=" : "", config->gateway);
		return;
	default:
		/* without `nogateway` dhcpcd makes the link-local net the default route */
		snprintf(text, size, "%snodhcp\nnogateway\n", head);
	}
}

static void render6(const struct dhcpcd_config *config, char *text, size_t size)
{
	static const char head[] = "script /bin/true\nnoipv4\nnodhcp6\nslaac hwaddr\n";

	if (config->method == DHCPCD_SLAAC)
		snprintf(text, size, "%s", head);
	else if (config->method == DHCPCD_STATIC)
		snprintf(text, size, "%snoipv6rs\nstatic ip6_address=%s\n", head, config->address);
	else
		snprintf(text, size, "%snoipv6rs\n", head);
}

void dhcpcd_render(int family, const struct dhcpcd_config *config, char *text, size_t size)
{
	if (family == 4)
		render4(config, text, size);
	else
		render6(config, text, size);
}
