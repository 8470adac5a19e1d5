/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A validated configuration as plugins see it: constant, with the defaults filled in.
 * Paths are names below a node, separated by '/': "host-link/ipv4/method".
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct fer_config; /* a configuration */
struct fer_model;  /* a node of it */
struct fer_problems;

/* The first node at the path from the top, or NULL. NULL is an empty configuration. */
const struct fer_model *fer_config_find(const struct fer_config *config, const char *path);

/* The first node at the path below a node, or NULL. */
const struct fer_model *fer_model_find(const struct fer_model *at, const char *path);

/* The next entry of the same list or leaf-list, or NULL. */
const struct fer_model *fer_model_next(const struct fer_model *node);

/* The value of a leaf at the path ("" or NULL: of the node itself), or NULL. Borrowed. */
const char *fer_model_text(const struct fer_model *at, const char *path);

/* The same as a number or truth value; `otherwise` where there is none. */
uint64_t fer_model_number(const struct fer_model *at, const char *path, uint64_t otherwise);
bool fer_model_flag(const struct fer_model *at, const char *path);

/*
 * Says what is wrong with a node: what was found and what is allowed. The place in the file is
 * found from `at` (NULL: the configuration as a whole). problems NULL: nobody wants to know.
 */
void fer_problem(struct fer_problems *problems, const struct fer_model *at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
