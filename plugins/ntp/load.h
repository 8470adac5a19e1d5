/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The role's part of a configuration: checked, and as the service wants it. */
#pragma once

#include "services/chrony/chrony.h"

struct fer_config;
struct fer_problems;

/* 0 and whether the role is on; -EINVAL with problems. Texts are borrowed from the configuration.
 */
int ntp_load(const struct fer_config *config, bool *on, struct chrony_config *to,
	     struct fer_problems *problems);
