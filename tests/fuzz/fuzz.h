/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The entry that libFuzzer calls; replay.c calls it with the corpus. */
#pragma once

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
