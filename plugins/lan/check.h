/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the schema cannot say: what fits together. Each gives 0, or -EINVAL with problems. */
#pragma once

struct fer_model;
struct fer_problems;
struct lan_config;

int check_dhcp(const struct lan_config *lan, struct fer_problems *problems);
int check_options(const struct lan_config *lan, struct fer_problems *problems);

/* A list of options, from its first entry on. */
int check_options_at(const struct fer_model *first, struct fer_problems *problems);
int check_hosts(const struct lan_config *lan, struct fer_problems *problems);
int check_dns(const struct lan_config *lan, struct fer_problems *problems);
int check_boot(const struct lan_config *lan, struct fer_problems *problems);
