/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Captures that somebody asked for in passing: of what a filter of the configuration matches, or of
 * a match of his own. No configuration has them; they end when he who asked has left, and with the
 * supervisor.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/engine/image.h"

struct fer_config;
struct problems;
struct rule_set;
struct schema;

enum { ONCE_MAX = 4 };

struct once;

struct once *once_new(void);
void once_free(struct once *once);

struct once_request {
	const char *filter;	 /* of the configuration; NULL: the words */
	const char *const *word; /* "PATH=VALUE", as below a filter's match */
	size_t count;
	uint32_t snap; /* octets */
};

/* A name that no configuration can have, borrowed, or NULL with problems. */
const char *once_add(struct once *once, const struct schema *schema,
		     const struct fer_config *running, const struct once_request *request,
		     struct problems *problems);
void once_remove(struct once *once, const char *name);

/* Their filters and captures, behind those of the set; what has no room is left out. */
void once_append(const struct once *once, struct rule_set *set);

/* The capture is one of these. */
bool once_is(const char *name);
