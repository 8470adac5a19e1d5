/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether the clock can be believed, on boards that have no battery for it: the time is saved each
 * hour and at the end, and put back at the start. What was put back is late by the time without
 * power, and not served to anybody before a source confirmed it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct clock_keeper;

struct clock_keeper *clock_new(const char *state_dir);
void clock_free(struct clock_keeper *clock);

/* set: may set the clock of this machine. Puts the saved time back where the clock is behind. */
void clock_begin(struct clock_keeper *clock, bool set);

/* A real source says so, and how far the clock is off, in s. Saves the time at the first. */
void clock_synchronised(struct clock_keeper *clock, double offset);

/* Now. why: what speaks against it. */
bool clock_plausible(const struct clock_keeper *clock, const char **why);
