/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How much is in a text of somebody else's, counted while it is read, before a parser builds a tree
 * of it: a value costs libfyaml 500 octets, and equal ones cost libyang time by the square of their
 * number.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct bounds {
	unsigned items; /* values, entries and lines, at most */
	unsigned depth; /* of brackets */
};

struct bounds_excess {
	const char *what; /* "values" or "levels of brackets" */
	unsigned allowed;
	unsigned line, column; /* from 1 */
};

/* JSON, or YAML in either style. False, with where, if there is more than that. */
bool bounds_hold(const struct bounds *bounds, const char *text, size_t size,
		 struct bounds_excess *excess);
