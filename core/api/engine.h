/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What plugins may know of the engine.
 */
#pragma once

#include <stdint.h>

/* The address of the host link, which the engine sends to the host. All zero before the first
 * commit. */
void fer_engine_host_mac(uint8_t mac[6]);
