// SPDX-License-Identifier: GPL-2.0-or-later
#include "mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void *mem_checked(void *pointer)
{
	if (!pointer) {
		fputs("ferrule: out of memory\n", stderr);
		abort();
	}
	return pointer;
}

void *mem_alloc(size_t size)
{
	return mem_checked(malloc(size ? size : 1));
}

void *mem_zalloc(size_t size)
{
	return mem_checked(calloc(1, size ? size : 1));
}

char *mem_strdup(const char *text)
{
	return mem_checked(strdup(text));
}

char *mem_strndup(const char *text, size_t length)
{
	return mem_checked(strndup(text, length));
}

void *mem_grow(void *array, size_t count, size_t size)
{
	/* powers of two from 4 on are the moments at which the array is full */
	if (count == 0)
		return mem_checked(reallocarray(array, 4, size));
	if (count < 4 || count & (count - 1))
		return array;
	return mem_checked(reallocarray(array, count * 2, size));
}

char *mem_vprintf(const char *format, va_list args)
{
	char *text;

	return mem_checked(vasprintf(&text, format, args) < 0 ? NULL : text);
}

char *mem_printf(const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = mem_vprintf(format, args);
	va_end(args);
	return text;
}
