/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What waits to be sent by an interface, and how much of it goes out (tc-tbf(8)). */
#pragma once

#include <stdint.h>

/*
 * Holds what the interface sends to that many bit/s. In its queue is room for what it sends in
 * `burst` (at most 256 KiB) and `wait` ms together; fq_codel manages it where the kernel has that.
 * 0 or a negative errno; -EOPNOTSUPP or -ENOENT where the kernel has no tbf.
 */
int qdisc_shape(const char *interface, uint64_t bits, unsigned burst, unsigned wait);

/* As it was made. */
int qdisc_remove(const char *interface);

/* Octets that wait in it. */
unsigned qdisc_backlog(const char *interface);
