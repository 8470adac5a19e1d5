/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Tells a service manager, if one asked for it (sd_notify(3)): "READY=1", "STOPPING=1". */
void notify_send(const char *state);

/* Tells systemd's watchdog (WatchdogSec of the unit) from the loop that the loop runs. Nothing
 * where there is none. */
void notify_watchdog_start(void);
void notify_watchdog_stop(void);
