/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a process says that it serves: a datagram socket (sd_notify(3)) or a pipe (as s6 has it).
 */
#pragma once

struct ready_watch;

/* ready: called once, with `arg`; watching ends with free only. */
struct ready_watch *notify_socket_open(const char *path, void (*ready)(void *arg), void *arg);
struct ready_watch *notify_pipe_open(void (*ready)(void *arg), void *arg, int *end);
void notify_free(struct ready_watch *watch);
