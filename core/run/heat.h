/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How hot and how busy this machine is. */
#pragma once

#include <stdint.h>

struct load {
	uint64_t busy, all; /* of /proc/stat, in its ticks */
};

/* The sensors are looked for. */
void heat_start(void);
void heat_stop(void);

/* Degrees Celsius of the hottest sensor (hwmon, by libsensors), or -1 where there is none. */
double heat_temperature(void);

/* Percent of all CPUs since the last call with the same *last; 0 at the first. */
double heat_cpu(struct load *last);
