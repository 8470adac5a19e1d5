// SPDX-License-Identifier: GPL-2.0-or-later
#include "signals.h"

#include <signal.h>
#include <stddef.h>

#include "core/api/event.h"
#include "core/api/log.h"
#include "core/base/loop.h"

static struct fer_event *on_term, *on_int;

static void end(void *arg)
{
	(void)arg;
	fer_log_notice("ferruled: ends on a signal; the wire goes on");
	loop_break();
}

void signals_start(void)
{
	signal(SIGPIPE, SIG_IGN);
	on_term = fer_signal_new(SIGTERM, end, NULL);
	on_int = fer_signal_new(SIGINT, end, NULL);
}

void signals_stop(void)
{
	fer_event_free(on_term);
	fer_event_free(on_int);
	on_term = on_int = NULL;
}
