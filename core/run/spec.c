// SPDX-License-Identifier: GPL-2.0-or-later
#include "spec.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

char **texts_copy(char *const *texts)
{
	size_t count = 0;
	char **copy;

	if (!texts)
		return NULL;
	while (texts[count])
		count++;
	copy = mem_zalloc((count + 1) * sizeof(*copy));
	for (size_t i = 0; i < count; i++)
		copy[i] = mem_strdup(texts[i]);
	return copy;
}

void texts_free(char *const *texts)
{
	for (size_t i = 0; texts && texts[i]; i++)
		free(texts[i]);
	free((void *)texts);
}

char **spec_argv(const struct fer_process_spec *spec)
{
	const char *extra = spec->extra ? spec->extra(spec->arg) : NULL;
	size_t count = 0;
	char **argv;

	while (spec->argv[count])
		count++;
	argv = mem_zalloc((count + 2) * sizeof(*argv));
	memcpy(argv, spec->argv, count * sizeof(*argv));
	argv[count] = (char *)extra;
	return argv;
}

static struct fer_process_bind *bind_copy(const struct fer_process_bind *bind)
{
	struct fer_process_bind *copy;
	size_t count = 0;

	if (!bind)
		return NULL;
	while (bind[count].to)
		count++;
	copy = mem_zalloc((count + 1) * sizeof(*copy));
	for (size_t i = 0; i < count; i++) {
		copy[i].from = mem_strdup(bind[i].from);
		copy[i].to = mem_strdup(bind[i].to);
	}
	return copy;
}

struct fer_process_spec *spec_copy(const struct fer_process_spec *spec)
{
	struct fer_process_spec *copy = mem_zalloc(sizeof(*copy));

	*copy = *spec;
	copy->name = mem_strdup(spec->name);
	copy->role = mem_strdup(spec->role ? spec->role : spec->name);
	copy->run_dir = mem_strdup(spec->run_dir);
	copy->argv = texts_copy(spec->argv);
	copy->env = texts_copy(spec->env);
	copy->bind = bind_copy(spec->bind);
	copy->folder = spec->folder ? mem_strdup(spec->folder) : NULL;
	copy->user = spec->user ? mem_strdup(spec->user) : NULL;
	copy->group = spec->group ? mem_strdup(spec->group) : NULL;
	copy->version = mem_strdup(spec->version ? spec->version : "");
	return copy;
}

void spec_free(struct fer_process_spec *spec)
{
	if (!spec)
		return;
	for (size_t i = 0; spec->bind && spec->bind[i].to; i++) {
		free((char *)spec->bind[i].from);
		free((char *)spec->bind[i].to);
	}
	free((void *)spec->bind);
	texts_free(spec->argv);
	texts_free(spec->env);
	free((char *)spec->name);
	free((char *)spec->role);
	free((char *)spec->run_dir);
	free((char *)spec->folder);
	free((char *)spec->user);
	free((char *)spec->group);
	free((char *)spec->version);
	free(spec);
}

/* FNV-1a, 64 bits; a zero octet ends each text, so that "a","b" is not "ab". */
static uint64_t hash_add(uint64_t hash, const void *data, size_t size)
{
	const unsigned char *octets = data;

	for (size_t i = 0; i < size; i++)
		hash = (hash ^ octets[i]) * 1099511628211ULL;
	return hash;
}

static uint64_t hash_texts(uint64_t hash, char *const *texts)
{
	for (size_t i = 0; texts && texts[i]; i++)
		hash = hash_add(hash, texts[i], strlen(texts[i]) + 1);
	return hash_add(hash, "", 1);
}

uint64_t spec_version(const struct fer_process_spec *spec)
{
	uint64_t hash = hash_texts(14695981039346656037ULL, spec->argv);
	const char *user = spec->user ? spec->user : "";
	const char *version = spec->version ? spec->version : "";

	hash = hash_texts(hash, spec->env);
	hash = hash_add(hash, user, strlen(user) + 1);
	hash = hash_add(hash, version, strlen(version) + 1);
	if (spec->group)
		hash = hash_add(hash, spec->group, strlen(spec->group) + 1);
	hash = hash_add(hash, &spec->capabilities, sizeof(spec->capabilities));
	if (!spec->elastic)
		hash = hash_add(hash, &spec->memory_max, sizeof(spec->memory_max));
	hash = hash_add(hash, &spec->data_max, sizeof(spec->data_max));
	hash = hash_add(hash, &spec->cpu_max, sizeof(spec->cpu_max));
	if (spec->batch)
		hash = hash_add(hash, "batch", 6);
	for (size_t i = 0; spec->bind && spec->bind[i].to; i++) {
		hash = hash_add(hash, spec->bind[i].from, strlen(spec->bind[i].from) + 1);
		hash = hash_add(hash, spec->bind[i].to, strlen(spec->bind[i].to) + 1);
	}
	return hash;
}
