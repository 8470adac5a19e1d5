/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files that dnsmasq reads again: hosts, options, records, servers and block lists. */
#pragma once

#include <stdio.h>

struct fer_model;
struct fer_problems;
struct lan_config;

enum {
	BLOCK_OCTETS_A_NAME = 120,   /* of dnsmasq's memory, measured with 100,000 names */
	BLOCK_MEMORY_MAX = 48 << 20, /* octets, of the 96 MiB that dnsmasq may have */
};

/* Fills in the texts of lan->dnsmasq. 0, or -EINVAL with problems. */
int names_load(struct lan_config *lan, struct fer_problems *problems);

/* An option as a line, for those with the tag (NULL: for all). A client that takes classless routes
 * looks at no router (RFC 3442): the default one goes along. */
void names_option(const struct fer_model *option, const char *tag, const char *router, FILE *file);
