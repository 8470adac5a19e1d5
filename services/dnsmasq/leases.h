/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The text of dnsmasq's leases: "EXPIRY MAC ADDRESS NAME CLIENT" a line, and "duid ID" before those
 * of IPv6. dnsmasq empties the file and writes it anew at each change: one that is killed meanwhile
 * leaves a part of it. Pure.
 */
#pragma once

#include <time.h>

/* All of `text`, and what `before` has beside it and is still good. New memory. */
char *leases_merge(const char *text, const char *before, time_t now);
