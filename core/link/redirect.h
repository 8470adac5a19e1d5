/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The nftables rules of the guest interface, in a table of their own: what a filter diverts to the
 * port of its service, what a loan takes to its own port, and connections of the module out of the
 * loan's window. Nothing else comes in by that interface, and nothing is forwarded.
 *
 * Which filter or loan brought a frame is in its source MAC: 02:fe:KIND:00 and the number.
 */
#pragma once

#include <stdbool.h>

struct redirect;
struct rule_set;

#define REDIRECT_TABLE "ferrule-guest"

/* changed: the rules came into force, or are not any more. */
struct redirect *redirect_new(const char *run_dir, void (*changed)(void *arg), void *arg);

/* The rules stay as they are. */
void redirect_free(struct redirect *redirect);

/* Before a commit: the rules that it needs; others are taken for not in force. guest: the
 * interface, or NULL: none are needed. */
void redirect_stage(struct redirect *redirect, const char *guest, const struct rule_set *rules);

/* After it. Tried again until nftables take them. */
void redirect_enforce(struct redirect *redirect);

/* Now and then: somebody may have flushed them. */
void redirect_look(struct redirect *redirect);

bool redirect_in_force(const struct redirect *redirect);

/* The table is in nftables. */
bool redirect_is_there(void);

/* Why the rules are not in force, or NULL. */
const char *redirect_problem(const struct redirect *redirect);

/* For a test, and for who wants to see: the text for nft(8). The caller frees it. */
char *redirect_text(const char *guest, const struct rule_set *rules);

/* At once, without an event loop. */
void redirect_remove(void);
