/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The machine's clock on boards that have no battery for it: what it was is kept in a file, and the
 * clock is never behind it. Seconds since 1970 have 64 bits here, also where time_t has 32.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* What the file says; 0: nothing. */
int64_t savedtime_read(const char *path);

/* Now, as a whole or not at all. 0 or a negative errno. */
int savedtime_write(const char *path);

/* No clock is right before this software was released, nor when its certificates are long gone. */
int64_t savedtime_release(void);
bool savedtime_believable(int64_t when);

/* What the clock cannot be behind: what was saved, or the release where that cannot be. */
int64_t savedtime_floor(int64_t saved);

/* Sets the clock where it is behind. 0, -EALREADY where it is not, or another negative errno. */
int savedtime_restore(int64_t to);
