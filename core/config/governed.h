/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The governor of a configuration. */
#pragma once

struct fer_config;
struct fer_problems;
struct plugins;

/* What it is to shed are roles. 0 or -EINVAL. */
int governed_validate(const struct fer_config *config, const struct plugins *plugins,
		      struct fer_problems *problems);
