/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is behind a tunnel against the networks that the module is in itself: one that is both would
 * lead into the tunnel, and the module would be gone for all of its site.
 */
#pragma once

struct fer_config;
struct fer_problems;
struct oob_config;

/* 0, or -EINVAL with a problem at the first that overlaps. Everything (/0) is no such network, and
 * in a namespace of its own a tunnel takes nothing. now: what is in force, whose tunnels may go. */
int overlap_check(const struct fer_config *config, const struct oob_config *now,
		  const struct oob_config *to, struct fer_problems *problems);
