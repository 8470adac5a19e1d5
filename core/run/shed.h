/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Roles that have to do without their processes for a while. What was to run is remembered, and
 * runs when the role is let go.
 */
#pragma once

#include <stdbool.h>

struct fer_process;

/* A process from its making to its end. */
void shed_add(struct fer_process *process);
void shed_forget(struct fer_process *process);

/* It is to run: whether it has to wait. */
bool shed_waits(struct fer_process *process);

/* Why it is stopped. */
const char *shed_reason(const struct fer_process *process);

/* It is to stop by its role's own will. */
void shed_release(struct fer_process *process);

/* Stops a role's processes and keeps them stopped, or starts what should have run. */
void shed_role(const char *role, bool on);
bool shed_is(const char *role);
