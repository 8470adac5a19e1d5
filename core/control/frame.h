/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Documents on the control socket: four octets of length, most significant first, then so many
 * octets of JSON. Before the document that answers there may be parts of an answer that is too long
 * to be one document; the first bit of their length is set, and what they hold is for whoever
 * asked, as it is. Pure; the server, the client and a fuzzer share it.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum {
	CONTROL_VERSION = 1,
	FRAME_HEADER = 4,
	FRAME_REQUEST_MAX = 5 * 1024 * 1024, /* octets; a configuration of 4 MiB, quoted */
	FRAME_REPLY_MAX = 64 * 1024 * 1024,
};

#define FRAME_PART 0x80000000u /* in the length */

void frame_header_write(uint8_t header[FRAME_HEADER], size_t length);
size_t frame_header_read(const uint8_t header[FRAME_HEADER]);
