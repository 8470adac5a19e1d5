/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A port that is held down comes up again also when no supervisor is left to do it: a small process
 * waits for the carrier of the other side, and acts only while no supervisor of the run folder
 * lives. It ends when the port is let go by whomever. There is one for each held port.
 */
#pragma once

/* fault: the port without carrier; held: the port that is down for it. 0 or a negative errno. */
int guard_start(const char *run_dir, const char *fault, const char *held);
