/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bounds of memory and CPU by cgroup v2, where its controllers `memory` and `cpu` are there and the
 * supervisor may use them. Elsewhere nothing here does anything, and resource limits serve.
 *
 * Under systemd the daemons are in a unit of their own (ferrule-roles.service, beside that of the
 * supervisor): a unit whose cgroup has controllers for children cannot be started again, as systemd
 * 252 starts the main process in that cgroup itself. Elsewhere the supervisor moves into a leaf of
 * its own cgroup, as one with members cannot have children with controllers
 * (Documentation/admin-guide/cgroup-v2.rst, "No Internal Process Constraint").
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Looks for the controllers, once. */
void cgroup_start(void);
bool cgroup_available(void);

/*
 * Makes the child cgroup of a process and sets its bounds (0: none). path: where it is. 0 or a
 * negative errno, -ENOTSUP where there are no controllers.
 */
int cgroup_make(const char *name, uint64_t memory_max, unsigned cpu_max, char *path, unsigned size);

/* By the child, before it runs the program. */
int cgroup_enter(const char *path);

/* Whether a process is in it. */
bool cgroup_has(const char *path, pid_t pid);

/* Whether the kernel killed one in it, as it wanted more memory than its bound. */
bool cgroup_outgrown(const char *path);

/* Kills whatever is left in it and removes it. */
void cgroup_remove(const char *path);
