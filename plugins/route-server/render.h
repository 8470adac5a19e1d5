/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The configuration of BIRD for a route server. */
#pragma once

#include <stdint.h>

#include "config.h"

/* New text; the caller frees it. */
char *render(const struct rs_config *config);

/* A number that is the same for a session whose part of the text, and of what it refers to, is. */
uint64_t render_hash(const struct rs_config *config, const struct rs_client *client,
		     const struct rs_session *session);
