/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What was taken down by hand stays down, whoever is started anew: it is on disk, and in the file
 * that BIRD reads at its next start.
 */
#pragma once

struct route_server;
struct rs_config;

void down_load(struct route_server *rs);

/* Somebody took a session down, or enabled one. */
void down_changed(struct route_server *rs);

/* What is down by a command or by max-prefix: `configure` would bring it back. */
void down_mark(const struct route_server *rs, struct rs_config *to);
