/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's neighbour tables. */
#pragma once

#include <stdbool.h>

/* The MAC address behind an IPv4 or IPv6 address that was spoken to lately. */
bool neighbour_mac(const char *address, char mac[64]);
