/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sessions that a commit resets: BIRD ends a session with a NOTIFICATION wherever something of it
 * changes that is no filter, limit or description, and then graceful restart does not help.
 */
#pragma once

struct fer_config;
struct fer_disturbances;
struct route_server;

/* Of the established ones; severe where they are more than `reset-share`. */
void resets_find(const struct route_server *rs, const struct fer_config *from,
		 const struct fer_config *to, struct fer_disturbances *list);
