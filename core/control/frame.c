// SPDX-License-Identifier: GPL-2.0-or-later
#include "frame.h"

void frame_header_write(uint8_t header[FRAME_HEADER], size_t length)
{
	for (int i = 0; i < FRAME_HEADER; i++)
		header[i] = length >> (8 * (FRAME_HEADER - 1 - i));
}

size_t frame_header_read(const uint8_t header[FRAME_HEADER])
{
	size_t length = 0;

	for (int i = 0; i < FRAME_HEADER; i++)
		length = length << 8 | header[i];
	return length;
}
