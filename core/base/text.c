// SPDX-License-Identifier: GPL-2.0-or-later
#include "text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

static void text_reserve(struct text *text, size_t more)
{
	if (text->length + more + 1 <= text->room)
		return;
	text->room = (text->length + more + 1) * 3 / 2 + 64;
	text->data = realloc(text->data, text->room);
	if (!text->data)
		abort();
}

void text_add_octets(struct text *text, const void *data, size_t length)
{
	text_reserve(text, length);
	memcpy(text->data + text->length, data, length);
	text->length += length;
	text->data[text->length] = '\0';
}

void text_add(struct text *text, const char *format, ...)
{
	va_list args, again;
	int n;

	va_start(args, format);
	va_copy(again, args);
	n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (n > 0) {
		text_reserve(text, n);
		vsnprintf(text->data + text->length, n + 1, format, again);
		text->length += n;
	}
	va_end(again);
}

void text_clear(struct text *text)
{
	free(text->data);
	*text = (struct text){0};
}

char *text_take(struct text *text)
{
	char *data = text->data ? text->data : mem_strdup("");

	*text = (struct text){0};
	return data;
}

/* Octets of the UTF-8 sequence (RFC 3629 section 4), 0 where there is none. */
static unsigned utf8_length(const unsigned char *at)
{
	unsigned length = *at < 0x80   ? 1
			  : *at < 0xc2 ? 0
			  : *at < 0xe0 ? 2
			  : *at < 0xf0 ? 3
			  : *at < 0xf5 ? 4
				       : 0;

	for (unsigned i = 1; i < length; i++)
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	if ((*at == 0xe0 && at[1] < 0xa0) || (*at == 0xed && at[1] > 0x9f) ||
	    (*at == 0xf0 && at[1] < 0x90) || (*at == 0xf4 && at[1] > 0x8f))
		return 0;
	return length;
}

size_t text_utf8_end(const char *text, size_t size)
{
	const unsigned char *at = (const unsigned char *)text, *end = at + size;

	while (at < end) {
		unsigned char last[4] = {0};
		size_t left = (size_t)(end - at) < 4 ? (size_t)(end - at) : 4;
		unsigned length;

		memcpy(last, at, left); /* a zero ends a sequence that is cut short */
		length = utf8_length(last);
		if (!length)
			break;
		at += length;
	}
	return at - (const unsigned char *)text;
}

void text_clean(char *text)
{
	unsigned char *at = (unsigned char *)text;

	while (*at) {
		unsigned length = utf8_length(at);

		if (!length || *at < 32 || *at == 127) {
			*at = '?';
			length = 1;
		}
		at += length;
	}
}

enum { DISTANCE_MAX = 64 };

static unsigned least(unsigned a, unsigned b, unsigned c)
{
	unsigned m = a < b ? a : b;

	return m < c ? m : c;
}

unsigned text_distance(const char *a, const char *b)
{
	unsigned row[3][DISTANCE_MAX + 1];
	size_t n = strlen(a), m = strlen(b);

	if (n > DISTANCE_MAX || m > DISTANCE_MAX)
		return DISTANCE_MAX;
	for (size_t j = 0; j <= m; j++)
		row[0][j] = j;
	for (size_t i = 1; i <= n; i++) {
		unsigned *now = row[i % 3], *before = row[(i + 2) % 3], *earlier = row[(i + 1) % 3];

		now[0] = i;
		for (size_t j = 1; j <= m; j++) {
			now[j] = least(before[j] + 1, now[j - 1] + 1,
				       before[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    earlier[j - 2] + 1 < now[j])
				now[j] = earlier[j - 2] + 1;
		}
	}
	return row[n % 3][m];
}

const char *text_nearest(const char *found, const char *const *names, size_t count)
{
	unsigned best = strlen(found) / 3 + 2;
	const char *nearest = NULL;

	for (size_t i = 0; i < count; i++) {
		unsigned distance = text_distance(found, names[i]);

		if (distance < best) {
			best = distance;
			nearest = names[i];
		}
	}
	return nearest;
}

bool text_number(const char *text, uint64_t least, uint64_t most, uint64_t *number)
{
	unsigned long long value;

	if (!*text || strspn(text, "0123456789") != strlen(text))
		return false;
	errno = 0;
	value = strtoull(text, NULL, 10);
	if (errno || value < least || value > most)
		return false;
	*number = value;
	return true;
}
