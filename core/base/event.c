// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/api/event.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "core/api/log.h"
#include "core/base/loop.h"
#include "core/base/mem.h"

struct fer_event {
	struct event *event;
	fer_event_fn *fn;
	void *arg;
};

static struct event_base *base;

/* The callback under way. They nest only where a start or a test runs the loop from within one. */
static struct {
	struct timespec since;
	char doing[128];
} now;

int loop_start(void)
{
	base = event_base_new();
	return base ? 0 : -1;
}

void loop_run(void)
{
	event_base_dispatch(base);
}

void loop_once(void)
{
	event_base_loop(base, EVLOOP_ONCE);
}

void loop_break(void)
{
	event_base_loopbreak(base);
}

void loop_stop(void)
{
	event_base_free(base);
	base = NULL;
}

struct event_base *loop_base(void)
{
	return base;
}

void loop_doing(const char *what, const char *object)
{
	snprintf(now.doing, sizeof(now.doing), "%s%s%s", what, object ? " " : "",
		 object ? object : "");
}

void loop_enter(void)
{
	clock_gettime(CLOCK_MONOTONIC, &now.since);
	now.doing[0] = '\0';
}

void loop_leave(void)
{
	struct timespec end;
	long ms;

	clock_gettime(CLOCK_MONOTONIC, &end);
	ms = (end.tv_sec - now.since.tv_sec) * 1000 + (end.tv_nsec - now.since.tv_nsec) / 1000000;
	if (ms > LOOP_BUSY_MS)
		fer_log_warn("loop: nobody was served for %ld ms: %s", ms,
			     *now.doing ? now.doing : "an event");
}

static void event_call(evutil_socket_t fd, short what, void *arg)
{
	struct fer_event *event = arg;

	(void)fd;
	(void)what;
	loop_enter();
	event->fn(event->arg);
	loop_leave();
}

static struct fer_event *event_make(int fd, short what, fer_event_fn *fn, void *arg)
{
	struct fer_event *event = mem_zalloc(sizeof(*event));

	event->fn = fn;
	event->arg = arg;
	event->event = event_new(base, fd, what, event_call, event);
	if (!event->event)
		abort();
	return event;
}

struct fer_event *fer_timer_new(fer_event_fn *fn, void *arg)
{
	return event_make(-1, 0, fn, arg);
}

void fer_timer_start(struct fer_event *timer, unsigned ms)
{
	struct timeval after = {ms / 1000, ms % 1000 * 1000};

	evtimer_add(timer->event, &after);
}

struct fer_event *fer_reader_new(int fd, fer_event_fn *fn, void *arg)
{
	struct fer_event *event = event_make(fd, EV_READ | EV_PERSIST, fn, arg);

	event_add(event->event, NULL);
	return event;
}

struct fer_event *fer_signal_new(int signal, fer_event_fn *fn, void *arg)
{
	struct fer_event *event = event_make(signal, EV_SIGNAL | EV_PERSIST, fn, arg);

	event_add(event->event, NULL);
	return event;
}

void fer_event_stop(struct fer_event *event)
{
	if (event)
		event_del(event->event);
}

void fer_event_free(struct fer_event *event)
{
	if (!event)
		return;
	event_free(event->event);
	free(event);
}
