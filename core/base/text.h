/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Text that grows. A zeroed struct is an empty text. */
struct text {
	char *data; /* zero-terminated once something was added */
	size_t length;
	size_t room;
};

void text_add(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_add_octets(struct text *text, const void *data, size_t length);
void text_clear(struct text *text);

/* The text, never NULL; the caller owns it and *text is empty again. */
char *text_take(struct text *text);

#define text_auto __attribute__((cleanup(text_clear)))

/* The offset of the first octet that is not UTF-8, or `size`. */
size_t text_utf8_end(const char *text, size_t size);

/* Control characters, and octets that are not UTF-8, become '?': foreign text goes to terminals. */
void text_clean(char *text);

/* A number of decimal digits alone, from `least` to `most`: no sign, no blank, no saturation. */
bool text_number(const char *text, uint64_t least, uint64_t most, uint64_t *number);

/* Edits (insert, delete, replace, swap of neighbours) that turn a into b. */
unsigned text_distance(const char *a, const char *b);

/* What somebody who typed `found` may have meant, or NULL when nothing is near. */
const char *text_nearest(const char *found, const char *const *names, size_t count);
