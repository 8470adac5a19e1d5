/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who may come: prefixes, and the names of peers and hubs, who stand for what is allowed them. */
#pragma once

#include <stdbool.h>

struct fer_model;
struct fer_problems;
struct oob_config;

/* All leaf-lists `from` of ssh, console and reach. 0 or -EINVAL with problems. */
int from_check(const struct oob_config *config, struct fer_problems *problems);

/* Each prefix that `at` lets in; none where it has no `from`: all in the tunnel may. */
void from_each(const struct oob_config *config, const struct fer_model *at,
	       void (*each)(void *arg, const char *prefix), void *arg);
