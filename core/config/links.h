/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The names of the ports and of the host link, and its MAC address, as far as they need no look at
 * a machine; what needs a wire, where there is none. */
#pragma once

struct fer_config;
struct fer_problems;

/* 0 or -EINVAL with problems. */
int links_validate(const struct fer_config *config, struct fer_problems *problems);
