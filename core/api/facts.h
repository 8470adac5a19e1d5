/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What one role knows and another one wants to know, by name, with neither knowing the other.
 *
 *	a role's name	when it last worked as told now, s since 1970; confirms `commit --until`
 *	clock	"synchronised": the time is correct; "kept": it was, or is plausible; "unknown"
 */
#pragma once

struct fer_fact_watch;

/* value NULL: nobody knows any more. */
void fer_fact_set(const char *name, const char *value);

/* NULL where nobody knows. Borrowed until the next set. */
const char *fer_fact(const char *name);

/* fn: called after each change, from within fer_fact_set(). */
struct fer_fact_watch *fer_fact_watch(const char *name, void (*fn)(void *arg, const char *value),
				      void *arg);
void fer_fact_unwatch(struct fer_fact_watch *watch);
