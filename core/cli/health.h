/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "commands.h"

/* What somebody should look at, also as a line for monitoring (Nagios' plugin API). */
int health_run(struct session *session, const char *const *words, size_t count);
