/* SPDX-License-Identifier: GPL-2.0-or-later */
/* FNV-1a, 64 bits: names for what is the same when its text is. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define HASH_START 14695981039346656037ULL

static inline uint64_t hash_add(uint64_t hash, const void *data, size_t size)
{
	const unsigned char *octets = data;

	for (size_t i = 0; i < size; i++)
		hash = (hash ^ octets[i]) * 1099511628211ULL;
	return hash;
}
