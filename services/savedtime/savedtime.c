// SPDX-License-Identifier: GPL-2.0-or-later
#include "savedtime.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/api/file.h"

static const int64_t release_time = FERRULE_RELEASE_TIME;
static const int64_t horizon = FERRULE_RELEASE_TIME + 20LL * 365 * 86400;

int64_t savedtime_read(const char *path)
{
	char *text;
	int64_t saved;

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

int64_t savedtime_release(void)
{
	return release_time;
}

bool savedtime_believable(int64_t when)
{
	return when >= release_time && when <= horizon;
}

int64_t savedtime_floor(int64_t saved)
{
	return savedtime_believable(saved) ? saved : release_time;
}

int savedtime_restore(int64_t to)
{
	struct timespec ts = {to, 0};

	if (time(NULL) >= to)
		return -EALREADY;
	if (ts.tv_sec != to)
		return -EOVERFLOW;
	return clock_settime(CLOCK_REALTIME, &ts) ? -errno : 0;
}
