// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ferruled: the supervisor. Everything starts in one order and stops in the reverse one.
 */
#include <malloc.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "core/api/log.h"
#include "core/base/log.h"
#include "core/base/loop.h"
#include "notify.h"
#include "options.h"
#include "signals.h"
#include "supervisor.h"

int main(int argc, char **argv)
{
	struct supervisor supervisor;
	struct options options;
	int err;

	options_parse(&options, argc, argv);
	/* the tables of a commit go back to the system after it: no threshold that learns */
	mallopt(M_MMAP_THRESHOLD, 64 * 1024);
	log_start("ferruled", options.use_syslog, options.log_level);
	srandom(time(NULL) ^ getpid());
	if (loop_start())
		return 1;
	if (options.stop_wire)
		return supervisor_stop_wire(&options);
	signals_start();
	notify_watchdog_start();
	err = supervisor_start(&supervisor, &options);
	if (!err) {
		fer_log_notice("ferruled: ready");
		notify_send("READY=1");
		loop_run();
		notify_send("STOPPING=1");
	}
	supervisor_stop(&supervisor);
	notify_watchdog_stop();
	signals_stop();
	loop_stop();
	log_stop();
	return err ? 1 : 0;
}
