/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The addresses of a hub's name: asked for by the system's resolver in a process of its own. */
#pragma once

#include <stdbool.h>

struct resolve;

enum { RESOLVE_MAX = 8 };

/* kept: a file for the address that worked last, so that broken DNS locks nobody out. */
struct resolve *resolve_new(const char *host, const char *port, const char *kept);
void resolve_free(struct resolve *resolve);

/* It is that of this name and port. */
bool resolve_is(const struct resolve *resolve, const char *host, const char *port);

/* Asks; `done` comes later, with an answer or without. */
void resolve_ask(struct resolve *resolve, void (*done)(void *arg), void *arg);

/* The endpoint to be tried now, "192.0.2.1:51820"; "" where none is known. */
const char *resolve_endpoint(const struct resolve *resolve);

/* Goes on to the address behind the one that was tried last, so that all get their turn. */
void resolve_next(struct resolve *resolve);

/* It is one of its addresses, as far as is known. */
bool resolve_leads_to(const struct resolve *resolve, const char *endpoint);

/* It works there: remembered, where the name led there. (A hub that spoke from elsewhere may have
 * been behind a NAT, where nothing leads to.) */
void resolve_worked(struct resolve *resolve, const char *endpoint);
