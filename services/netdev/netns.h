/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A network namespace that stays: a file (nsfs, network_namespaces(7)) that others can enter as
 * well, with `nsenter --net=PATH`.
 */
#pragma once

#include <stdbool.h>

/* 0, or why none can be made here. */
int netns_possible(void);

/* It is at `path` afterwards, with its loopback up. 0 or a negative errno. */
int netns_make(const char *path);

/* Nobody finds it any more; it goes with the last process or device that uses it. */
void netns_remove(const char *path);
bool netns_is(const char *path);

/*
 * What is done until netns_leave() is done in there: sockets and links that are made or asked for,
 * /proc/sys/net, programs that are started. "": here, for those who may have one or not. 0 or a
 * negative errno, and then nothing is to be done. Not one in another.
 */
int netns_enter(const char *path);
void netns_leave(void);

/* An interface of ours goes into the one at `path`, and loses its addresses. */
int netns_take(const char *path, const char *interface);

/* A pair of veth interfaces, `near` here and `far` in the one at `path`. */
int netns_pair(const char *path, const char *near, const char *far);
