/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Tells a service manager, if one asked for it (sd_notify(3)): "READY=1", "STOPPING=1". */
void notify_send(const char *state);
