/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Small allocations abort on failure: a supervisor that cannot get a few octets is better
 * restarted, the wire goes on without it. Sizes that come from outside are bounded before they get
 * here.
 */
#pragma once

#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

void *mem_alloc(size_t size);
void *mem_zalloc(size_t size);
char *mem_strdup(const char *text);
char *mem_strndup(const char *text, size_t length);

/* Room for one more of `count` elements; grows by doubling, so count alone tells the capacity. */
void *mem_grow(void *array, size_t count, size_t size);

/* printf into new memory */
char *mem_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));
char *mem_vprintf(const char *format, va_list args) __attribute__((format(printf, 1, 0)));

/* Locals that free themselves: `mem_auto char *text = ...` */
static inline void mem_auto_free(void *pointer)
{
	free(*(void **)pointer);
}

#define mem_auto __attribute__((cleanup(mem_auto_free)))
