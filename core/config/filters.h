/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The filters of a configuration as a rule set, and in words for a table.
 */
#pragma once

struct fer_config;
struct fer_model;
struct fer_problems;
struct rule_ranges;
struct rule_set;

/* Enabled filters and host-link limits; NULL with problems. The caller sets the host's MAC. */
struct rule_set *filters_load(const struct fer_config *config, struct fer_problems *problems);

/* Ports of a leaf-list, or of a leaf, with a problem for each that is none. */
void filter_ports(const struct fer_model *at, const char *name, struct rule_ranges *ranges,
		  struct fer_problems *problems);

/* A code point by its name or number, which the schema has looked at. */
unsigned filter_dscp(const char *text);

/* "vlan 100; protocol tcp, udp; reverse", for one filter; the caller frees it. */
char *filter_match_words(const struct fer_model *filter);
char *filter_copies_words(const struct fer_model *filter);
