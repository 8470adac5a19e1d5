/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Networks behind a DHCP relay (RFC 1542 section 4, RFC 2131 section 4.1). */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>

struct fer_model;
struct fer_problems;
struct lan_config;

/* Two addresses with '-' between them, the lower one first. */
bool range_parse(const char *text, struct in_addr *first, struct in_addr *last);

/* The subnet that has the address, or NULL. */
const struct fer_model *subnet_of(const struct lan_config *lan, struct in_addr address);

/* 0 or -EINVAL with problems. */
int subnets_check(const struct lan_config *lan, struct fer_problems *problems);

/* Lines of dnsmasq's main file, and of its options. */
void subnets_ranges(const struct lan_config *lan, FILE *file);
void subnets_options(const struct lan_config *lan, FILE *file);
