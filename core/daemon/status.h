/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The state tree of ferrule-control.yang.
 */
#pragma once

#include <stddef.h>

struct lyd_node;
struct problems;
struct supervisor;

/* The `state` container, cut down to the words of a path; NULL with a problem. The caller frees it.
 */
struct lyd_node *status_build(const struct supervisor *supervisor, const char *const *words,
			      size_t count, struct problems *problems);
