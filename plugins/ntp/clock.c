// SPDX-License-Identifier: GPL-2.0-or-later
#include "clock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/api/event.h"
#include "core/api/log.h"
#include "services/savedtime/savedtime.h"

enum {
	SAVE_EVERY = 3600 * 1000, /* ms */
	NEAR = 1,		  /* s; one that is further off is not worth saving */
};

struct clock_keeper {
	char path[256];
	int64_t saved; /* at the last run */
	bool set;
	bool restored; /* put back, and not confirmed yet */
	bool confirmed;
	bool near; /* the last that was heard: it is right within NEAR */
	struct fer_event *timer;
};

static void save(struct clock_keeper *clock)
{
	int err;

	/* what nobody confirmed must not push out what somebody did */
	if (!clock->confirmed || !clock->near)
		return;
	err = savedtime_write(clock->path);
	if (err)
		fer_log_warn("ntp: %s: the time cannot be saved: %s", clock->path, strerror(-err));
}

static void save_again(void *arg)
{
	struct clock_keeper *clock = arg;

	save(clock);
	fer_timer_start(clock->timer, SAVE_EVERY);
}

struct clock_keeper *clock_new(const char *state_dir)
{
	struct clock_keeper *clock = calloc(1, sizeof(*clock));

	if (!clock)
		abort();
	snprintf(clock->path, sizeof(clock->path), "%s/clock", state_dir);
	clock->saved = savedtime_read(clock->path);
	clock->timer = fer_timer_new(save_again, clock);
	fer_timer_start(clock->timer, SAVE_EVERY);
	return clock;
}

void clock_free(struct clock_keeper *clock)
{
	if (!clock)
		return;
	save(clock);
	fer_event_free(clock->timer);
	free(clock);
}

void clock_begin(struct clock_keeper *clock, bool set)
{
	int err;

	clock->set = set;
	if (!set || clock->confirmed)
		return;
	err = savedtime_restore(savedtime_floor(clock->saved));
	if (err == -EALREADY)
		return;
	if (err) {
		fer_log_warn("ntp: the clock cannot be set: %s", strerror(-err));
		return;
	}
	clock->restored = true;
	fer_log_notice("ntp: the clock was behind; set to the time that was saved last");
}

void clock_synchronised(struct clock_keeper *clock, double offset)
{
	bool near = offset < NEAR && offset > -NEAR;
	bool first = near && !(clock->confirmed && clock->near);

	clock->near = near;
	clock->confirmed = true;
	clock->restored = false;
	if (first)
		save(clock);
}

bool clock_plausible(const struct clock_keeper *clock, const char **why)
{
	int64_t now = time(NULL);
	/* what was saved may have been wrong: a source knows better */
	int64_t floor = clock->confirmed ? savedtime_release() : savedtime_floor(clock->saved);
	bool in_window = now >= floor && savedtime_believable(now);

	*why = "";
	/* one that is not ours to set may be wrong: what is served is the sources' time */
	if (!clock->set && clock->confirmed)
		return true;
	if (!in_window)
		*why = now > floor ? "the clock is far in the future"
				   : "the clock is behind the time that was saved last";
	else if (clock->restored)
		*why = "the clock was put back from the last run, and no source has confirmed it";
	return in_window && !clock->restored;
}
