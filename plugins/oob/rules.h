/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What may come out of the tunnel, as nftables are told. */
#pragma once

#include <stdbool.h>

struct oob_config;

enum rules_place {
	RULES_INSIDE, /* of a namespace that has the tunnels; then here is its other side */
	RULES_HERE,
};

/* closed: for a kernel that does not take all of it; answers to ping, and nothing else. The caller
 * frees it. */
char *rules_text(const struct oob_config *config, enum rules_place place, bool closed);
