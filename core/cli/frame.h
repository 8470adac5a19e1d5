/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A frame in one line of words, as far as filters understand it. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct text;

/* length: of the frame; captured: octets of it at data. */
void frame_words(const uint8_t *data, size_t captured, size_t length, struct text *text);
