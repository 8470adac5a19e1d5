// SPDX-License-Identifier: GPL-2.0-or-later
#include "heat.h"

#include <sensors/sensors.h>
#include <stdbool.h>
#include <stdio.h>

#include "core/base/file.h"
#include "core/base/mem.h"

static bool started;

void heat_start(void)
{
	heat_stop(); /* sensors come and go */
	started = !sensors_init(NULL);
}

void heat_stop(void)
{
	if (started)
		sensors_cleanup();
	started = false;
}

/* What a chip says is broken is not believed. */
static bool is_faulty(const sensors_chip_name *chip, const sensors_feature *feature)
{
	const sensors_subfeature *fault =
		sensors_get_subfeature(chip, feature, SENSORS_SUBFEATURE_TEMP_FAULT);
	double value;

	return fault && !sensors_get_value(chip, fault->number, &value) && value > 0;
}

static double chip_temperature(const sensors_chip_name *chip)
{
	const sensors_feature *feature;
	const sensors_subfeature *input;
	double hottest = -1, value;
	int n = 0;

	while ((feature = sensors_get_features(chip, &n))) {
		if (feature->type != SENSORS_FEATURE_TEMP || is_faulty(chip, feature))
			continue;
		input = sensors_get_subfeature(chip, feature, SENSORS_SUBFEATURE_TEMP_INPUT);
		if (input && !sensors_get_value(chip, input->number, &value) && value > hottest)
			hottest = value;
	}
	return hottest;
}

double heat_temperature(void)
{
	const sensors_chip_name *chip;
	double hottest = -1, value;
	int n = 0;

	while (started && (chip = sensors_get_detected_chips(NULL, &n))) {
		value = chip_temperature(chip);
		if (value > hottest)
			hottest = value;
	}
	return hottest;
}

double heat_cpu(struct load *last)
{
	mem_auto char *text = NULL;
	unsigned long long t[8] = {0};
	struct load now = {0}, before = *last;

	/* user, nice, system, idle, iowait, irq, softirq, steal (proc(5)) */
	if (file_read("/proc/stat", 1 << 20, &text, NULL) ||
	    sscanf(text, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", &t[0], &t[1], &t[2], &t[3],
		   &t[4], &t[5], &t[6], &t[7]) < 4)
		return 0;
	for (int i = 0; i < 8; i++)
		now.all += t[i];
	now.busy = now.all - t[3] - t[4] - t[7];
	*last = now;
	if (!before.all || now.all <= before.all)
		return 0;
	return 100.0 * (now.busy - before.busy) / (now.all - before.all);
}
