/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The configuration of BIRD for a route server. */
#pragma once

#include "config.h"

/* New text; the caller frees it. */
char *render(const struct rs_config *config);
