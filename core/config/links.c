// SPDX-License-Identifier: GPL-2.0-or-later
#include "links.h"

#include <errno.h>
#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "core/api/model.h"

/* dev_valid_name() of Linux, and what has another meaning where links have their folders
 * (/proc/sys/net/ipv4/conf). The model counts characters, the kernel octets. */
static bool name_is_good(const char *name)
{
	static const char *const reserved[] = {".", "..", "all", "default"};

	for (size_t i = 0; i < sizeof(reserved) / sizeof(*reserved); i++)
		if (!strcmp(name, reserved[i]))
			return false;
	return strlen(name) < IFNAMSIZ;
}

static int name_check(const struct fer_model *at, struct fer_problems *problems)
{
	const char *name = fer_model_text(at, NULL);

	if (!name)
		return 0;
	if (!strcmp(name, "lo")) {
		fer_problem(problems, at, "found 'lo', which is the machine's way to itself");
		return -EINVAL;
	}
	if (name_is_good(name))
		return 0;
	fer_problem(problems, at,
		    "found '%s', allowed is a name of an interface: up to 15 octets, and not '.', "
		    "'..', all or default",
		    name);
	return -EINVAL;
}

/* IEEE 802: the first octet's lowest bit is that of groups; all zero is nobody. */
static int mac_check(const struct fer_model *at, struct fer_problems *problems)
{
	const char *text = fer_model_text(at, NULL);
	unsigned octet = 0;

	if (!text)
		return 0;
	sscanf(text, "%2x", &octet);
	if (!(octet & 1) && strspn(text, "0:") != strlen(text))
		return 0;
	fer_problem(problems, at, "found '%s', allowed is the address of one host, not of a group",
		    text);
	return -EINVAL;
}

static int twice_check(const struct fer_model *wire, const struct fer_model *host,
		       struct fer_problems *problems)
{
	static const char *const ports[] = {"optical", "electrical"};
	const char *name = fer_model_text(host, NULL);

	for (size_t i = 0; i < 2 && name && wire; i++) {
		if (strcmp(name, fer_model_text(wire, ports[i])))
			continue;
		fer_problem(problems, host, "'%s' is the %s port already", name, ports[i]);
		return -EINVAL;
	}
	return 0;
}

/* What is of no use without a wire. */
static int wire_needed(const struct fer_config *config, struct fer_problems *problems)
{
	static const char *const needs[] = {"filter", "erspan", "capture", "loan"};
	int err = 0;

	for (size_t i = 0; i < sizeof(needs) / sizeof(*needs); i++) {
		const struct fer_model *at = fer_config_find(config, needs[i]);

		if (!at)
			continue;
		fer_problem(problems, at,
			    "there is no wire: 'wire: {optical: IF, electrical: IF}' says between "
			    "which ports");
		err = -EINVAL;
	}
	return err;
}

int links_validate(const struct fer_config *config, struct fer_problems *problems)
{
	const struct fer_model *wire = fer_config_find(config, "wire");
	const struct fer_model *host = fer_config_find(config, "host-link/interface");
	int err = wire ? 0 : wire_needed(config, problems);

	err = name_check(fer_model_find(wire, "optical"), problems) ? -EINVAL : err;
	err = name_check(fer_model_find(wire, "electrical"), problems) ? -EINVAL : err;
	err = name_check(host, problems) ? -EINVAL : err;
	err = twice_check(wire, host, problems) ? -EINVAL : err;
	return mac_check(fer_config_find(config, "host-link/mac-address"), problems) ? -EINVAL
										     : err;
}
