/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What RPKI caches said last, on disk. BIRD drops it all when a cache was silent for too long,
 * comes back as another one (its session ends in an error) or says that there is nothing, and when
 * BIRD itself starts: then nothing is Invalid. While no cache says as much as it should, BIRD hears
 * from us what was kept (services/rtr), beside whatever the caches say.
 */
#pragma once

#include <stdint.h>

struct fer_state;
struct kept;
struct route_server;
struct rs_config;

struct kept *kept_new(struct route_server *rs);
void kept_free(struct kept *kept);

/* Whether BIRD is to ask us, into a configuration that is about to be rendered. */
void kept_mark(const struct kept *kept, struct rs_config *to);

/* BIRD is about to start, and knows nothing. */
void kept_starting(struct kept *kept);

/* All protocols have been heard of. */
void kept_turn(struct kept *kept);

/* Somebody says that what the caches say now is right. */
void kept_drop(struct kept *kept);

/* VRPs that are kept; whether they count now. */
uint32_t kept_count(const struct kept *kept);
int kept_counts(const struct kept *kept);
