/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Offloads that stand between the engine and the octets on the cable (ethtool(8)).
 */
#pragma once

#include <stdbool.h>

#include <stdbool.h>

/* A wire port: no VLAN stripping, no merging of frames. What it cannot do is left. */
void ethtool_plain(const char *interface);

/*
 * The Linux side of the host link: checksums are filled in before the engine sees the frame, and
 * frames that the engine sends are taken (a veth without GRO drops redirected frames).
 */
void ethtool_host(const char *interface);

/* Mbit/s; 0 where the port does not say. Not from sysfs, which may be another namespace's. */
unsigned ethtool_speed(const char *interface);

/* It takes VLAN tags out of frames, and cannot be told not to. */
bool ethtool_strips_tags(const char *interface);
