// SPDX-License-Identifier: GPL-2.0-or-later
#include "savedtime.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/api/file.h"

static const time_t release_time = FERRULE_RELEASE_TIME;
static const time_t horizon = FERRULE_RELEASE_TIME + 20LL * 365 * 86400;

time_t savedtime_read(const char *path)
{
	char *text;
	time_t saved;

	if (fer_file_read(path, 64, &text, NULL))
		return 0;
	saved = strtoll(text, NULL, 10);
	free(text);
	return saved;
}

int savedtime_write(const char *path)
{
	char text[32];

	snprintf(text, sizeof(text), "%lld\n", (long long)time(NULL));
	return fer_file_write(path, text, strlen(text), 0644, NULL);
}

time_t savedtime_release(void)
{
	return release_time;
}

bool savedtime_believable(time_t when)
{
	return when >= release_time && when <= horizon;
}

time_t savedtime_floor(time_t saved)
{
	return savedtime_believable(saved) ? saved : release_time;
}

int savedtime_restore(time_t to)
{
	struct timespec ts = {to, 0};

	if (time(NULL) >= to)
		return -EALREADY;
	return clock_settime(CLOCK_REALTIME, &ts) ? -errno : 0;
}
