/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Each upstream server of `dns` is asked every few seconds for what any of them knows: the name
 * servers of the root, with `dnssec` its keys and their signatures. dnsmasq 2.90 passes the first
 * of two answers on, also where that is SERVFAIL; so one that fails while another one works is left
 * out until it works again.
 */
#pragma once

#include <stdbool.h>

struct fer_model;
struct fer_state;
struct upstreams;

enum { UPSTREAMS_MAX = 8 };

/* changed: others are to be left out. */
struct upstreams *upstreams_new(void (*changed)(void *arg), void *arg);
void upstreams_free(struct upstreams *upstreams);

/* at: the leaf-list, or NULL for none. Those that are new are asked at once. */
void upstreams_set(struct upstreams *upstreams, const struct fer_model *at, bool dnssec);

/* Addresses to be left out, up to a NULL; borrowed. */
const char *const *upstreams_bad(const struct upstreams *upstreams);

void upstreams_show(const struct upstreams *upstreams, struct fer_state *state);
