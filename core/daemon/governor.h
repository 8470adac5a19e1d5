/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The governor while it is in force: looks at the machine each second, and sheds.
 */
#pragma once

struct commit_part;
struct fer_state;
struct plugins;
struct wire;
struct watchman;

struct watchman *watchman_new(struct wire *wire, const struct plugins *plugins);

/* What is shed stays so. */
void watchman_free(struct watchman *watchman);

/* Its part of a commit. */
void watchman_part(struct watchman *watchman, struct commit_part *part);

void watchman_state(const struct watchman *watchman, struct fer_state *state);
