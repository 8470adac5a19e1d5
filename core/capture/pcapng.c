// SPDX-License-Identifier: GPL-2.0-or-later
#include "pcapng.h"

#include <stdio.h>
#include <string.h>

/* Block types and options of the draft, sections 4.1 to 4.6 */
enum {
	SECTION = 0x0a0d0d0a,
	INTERFACE = 1,
	STATISTICS = 5,
	FRAME = 6,
	BYTE_ORDER = 0x1a2b3c4d,
	LINKTYPE_ETHERNET = 1,
	NAME_MAX_OCTETS = 100,
};

enum {
	OPTION_USER_APPLICATION = 4,
	OPTION_IF_NAME = 2,
	OPTION_IF_DESCRIPTION = 3,
	OPTION_IF_TSRESOL = 9,
	OPTION_EPB_FLAGS = 2,
	OPTION_ISB_RECEIVED = 4,
	OPTION_ISB_DROPPED = 5,
};

struct writer {
	uint8_t *to;
	size_t at;
};

static void put(struct writer *w, const void *data, size_t size)
{
	memcpy(w->to + w->at, data, size);
	w->at += size;
}

static void put16(struct writer *w, uint16_t value)
{
	put(w, &value, sizeof(value));
}

static void put32(struct writer *w, uint32_t value)
{
	put(w, &value, sizeof(value));
}

static void put64(struct writer *w, uint64_t value)
{
	put(w, &value, sizeof(value));
}

static void pad(struct writer *w)
{
	while (w->at % 4)
		w->to[w->at++] = 0;
}

static void option(struct writer *w, uint16_t code, const void *data, uint16_t size)
{
	put16(w, code);
	put16(w, size);
	put(w, data, size);
	pad(w);
}

static size_t block_begin(struct writer *w, uint32_t type)
{
	size_t begin = w->at;

	put32(w, type);
	put32(w, 0);
	return begin;
}

static void block_end(struct writer *w, size_t begin)
{
	uint32_t size = w->at + 4 - begin;

	memcpy(w->to + begin + 4, &size, sizeof(size));
	put32(w, size);
}

static void option_text(struct writer *w, uint16_t code, const char *text)
{
	option(w, code, text, strnlen(text, NAME_MAX_OCTETS));
}

static void interface_put(struct writer *w, const char *side, const char *interface, uint32_t snap)
{
	const uint8_t nanoseconds = 9;
	size_t begin = block_begin(w, INTERFACE);
	char text[NAME_MAX_OCTETS + 1];

	put16(w, LINKTYPE_ETHERNET);
	put16(w, 0);
	put32(w, snap);
	option_text(w, OPTION_IF_NAME, side);
	snprintf(text, sizeof(text), "%s port, %s", side, interface);
	option_text(w, OPTION_IF_DESCRIPTION, text);
	option(w, OPTION_IF_TSRESOL, &nanoseconds, 1);
	option(w, 0, NULL, 0);
	block_end(w, begin);
}

size_t pcapng_head(uint8_t *to, const char *name, const char *const interface[2], uint32_t snap)
{
	struct writer w = {to, 0};
	size_t begin = block_begin(&w, SECTION);
	char text[NAME_MAX_OCTETS + 1];

	put32(&w, BYTE_ORDER);
	put16(&w, 1);
	put16(&w, 0);
	put64(&w, UINT64_MAX); /* length of the section: not known */
	snprintf(text, sizeof(text), "ferrule " PACKAGE_VERSION ", capture %s", name);
	option_text(&w, OPTION_USER_APPLICATION, text);
	option(&w, 0, NULL, 0);
	block_end(&w, begin);
	interface_put(&w, "optical", interface[0], snap);
	interface_put(&w, "electrical", interface[1], snap);
	return w.at;
}

static void time_put(struct writer *w, uint64_t time)
{
	put32(w, time >> 32);
	put32(w, time);
}

size_t pcapng_frame(uint8_t *to, const struct pcapng_frame *frame)
{
	const uint32_t inbound = 1;
	struct writer w = {to, 0};
	size_t begin = block_begin(&w, FRAME);
	uint32_t captured = frame->captured < PCAPNG_FRAME_MAX ? frame->captured : PCAPNG_FRAME_MAX;

	put32(&w, frame->interface);
	time_put(&w, frame->time);
	put32(&w, captured);
	put32(&w, frame->length);
	put(&w, frame->data, captured);
	pad(&w);
	option(&w, OPTION_EPB_FLAGS, &inbound, sizeof(inbound));
	option(&w, 0, NULL, 0);
	block_end(&w, begin);
	return w.at;
}

size_t pcapng_statistics(uint8_t *to, uint32_t interface, uint64_t time, uint64_t received,
			 uint64_t lost)
{
	struct writer w = {to, 0};
	size_t begin = block_begin(&w, STATISTICS);

	put32(&w, interface);
	time_put(&w, time);
	option(&w, OPTION_ISB_RECEIVED, &received, sizeof(received));
	option(&w, OPTION_ISB_DROPPED, &lost, sizeof(lost));
	option(&w, 0, NULL, 0);
	block_end(&w, begin);
	return w.at;
}
