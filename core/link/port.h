/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A port of the wire: taken from the kernel's stack while the wire is up, and given back as it was.
 */
#pragma once

#include <stdbool.h>

#include "core/engine/backend.h"

struct link_info;

/* Fit to be a wire port? 0; -ENODEV, -EBUSY (in a bridge or bond, *holder names it). */
int port_check(const char *name, struct link_info *info, char holder[16]);

/*
 * Up, promiscuous, without IPv6 of its own and without offloads that change frames. What it was
 * is noted under RUN_DIR once, so that port_release can put it back after any number of restarts;
 * *fresh where it was not ours before.
 */
int port_claim(const char *name, const char *run_dir, bool *fresh);
void port_release(const char *name, const char *run_dir);

/* Of a port that was claimed. */
enum backend_tags port_tags(const char *name);

/* Whether it has been claimed, and not been released. */
bool port_is_claimed(const char *name, const char *run_dir);

/* Ports that were claimed are in another network namespace than this process. */
bool ports_are_elsewhere(const char *run_dir);

/* Down for a fault of the other side, and up again; noted under RUN_DIR meanwhile. */
int port_hold(const char *name, const char *run_dir);
int port_let_go(const char *name, const char *run_dir);
bool port_held(const char *name, const char *run_dir);

/* Every port noted under RUN_DIR, other than the two named (which may be NULL). */
void port_release_others(const char *run_dir, const char *keep, const char *keep_too);
