/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the files of this folder. */
#pragma once

#include <stddef.h>
#include <sys/types.h>

#include "wireguard.h"

/* ---- ask.c: one request at a time on the socket of wireguard-go ---- */

struct ask;

/* reply: NULL where none came. */
typedef void asked_fn(void *arg, const char *reply);

struct ask *ask_new(const char *path);
void ask_free(struct ask *ask);
bool ask_busy(const struct ask *ask);

/* Drops one that is under way. `done` is called later, once. */
void ask_start(struct ask *ask, const char *request, asked_fn *done, void *arg);
void ask_cancel(struct ask *ask);

/* ---- socket.c ---- */

/* Gives the UDP sockets of a process room for `octets`, where they have less. How many of them it
 * changed, or a negative errno. */
int sockets_grow(pid_t pid, int octets);

/* Datagrams that found the buffer of the sockets at this port full. */
uint64_t sockets_drops(uint16_t port);
