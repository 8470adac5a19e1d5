// SPDX-License-Identifier: GPL-2.0-or-later
#include "signals.h"

#include <signal.h>
#include <stddef.h>

#include "core/api/event.h"
#include "core/api/log.h"
#include "core/base/loop.h"
#include "core/config/commit.h"

static struct fer_event *on_term, *on_int, *on_hup;
static struct commit *commit;

static void end(void *arg)
{
	(void)arg;
	fer_log_notice("ferruled: ends on a signal; the wire goes on");
	loop_break();
}

static void again(void *arg)
{
	(void)arg;
	fer_log_notice("ferruled: HUP: files that the configuration names are read again; the "
		       "configuration itself is not ('ferrule load' and 'commit' do that)");
	if (commit)
		commit_reload_all(commit);
}

void signals_start(void)
{
	signal(SIGPIPE, SIG_IGN);
	signal(SIGUSR1, SIG_IGN);
	signal(SIGUSR2, SIG_IGN);
	on_hup = fer_signal_new(SIGHUP, again, NULL);
	on_term = fer_signal_new(SIGTERM, end, NULL);
	on_int = fer_signal_new(SIGINT, end, NULL);
}

void signals_commit(struct commit *c)
{
	commit = c;
}

void signals_stop(void)
{
	fer_event_free(on_hup);
	fer_event_free(on_term);
	fer_event_free(on_int);
	on_term = on_int = on_hup = NULL;
}
