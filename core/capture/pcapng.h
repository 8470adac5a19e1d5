/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Blocks of pcapng (draft-ietf-opsawg-pcapng), in the machine's own order. Pure: each function
 * writes into `to`, which has room for PCAPNG_ROOM octets, and says how many it wrote.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum {
	PCAPNG_FRAME_MAX = 16384,
	PCAPNG_ROOM = PCAPNG_FRAME_MAX + 512,
};

struct pcapng_frame {
	uint32_t interface; /* 0 optical, 1 electrical */
	uint64_t time;	    /* ns since 1970, UTC */
	uint32_t length;    /* octets on the wire */
	uint32_t captured;  /* of them at data */
	const uint8_t *data;
};

/* What begins each file and each stream: section header and two interfaces. name: of the capture;
 * interface: of both ports; snap: octets, at most. */
size_t pcapng_head(uint8_t *to, const char *name, const char *const interface[2], uint32_t snap);

/* Enhanced packet block; every frame is inbound, as it was taken where it came in. */
size_t pcapng_frame(uint8_t *to, const struct pcapng_frame *frame);

/* Interface statistics block: frames received there, and frames that were lost. */
size_t pcapng_statistics(uint8_t *to, uint32_t interface, uint64_t time, uint64_t received,
			 uint64_t lost);
