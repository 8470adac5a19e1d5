/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Looking into a YAML or JSON document of somebody else's. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct fy_node;

enum {
	PATH = 200,  /* octets of a text that is taken from it */
	LONG = 8192, /* of a list in one text */
	ALIASES = 8, /* that lead to each other */
};

/* What an alias stands for; anything else is itself. */
struct fy_node *target(struct fy_node *at);

struct fy_node *child(struct fy_node *at, const char *name);

/* path: "filtering.next_hop.policy" */
struct fy_node *find(struct fy_node *at, const char *path);

/* The text of a scalar, without what would end a line or a quotation; "" where there is none. */
const char *text_of(struct fy_node *at, char to[PATH]);
const char *long_text_of(struct fy_node *at, char *to, size_t size);
const char *text_at(struct fy_node *at, const char *path, char to[PATH]);

/* A name for people, in UTF-8, of so many characters at most. */
const char *title_at(struct fy_node *at, const char *path, char to[PATH], unsigned characters);
bool is_true(const char *text);
