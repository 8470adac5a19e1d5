/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Machines that boot: how far each has come, put together from the files that it fetched. */
#pragma once

struct fer_state;
struct lan_config;
struct machines;
struct track_event;

struct machines *machines_new(void);
void machines_free(struct machines *machines);
void machines_add(struct machines *machines, const struct lan_config *lan,
		  const struct track_event *event);
void machines_state(const struct machines *machines, struct fer_state *state);
