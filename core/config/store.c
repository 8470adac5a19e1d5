// SPDX-License-Identifier: GPL-2.0-or-later
#include "store.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "yaml.h"

enum { FILE_MODE = 0600 };

static char *history_path(const struct store *store, unsigned number)
{
	return mem_printf("%s/history/%u.yaml", store->state_dir, number);
}

static char *state_path(const struct store *store, const char *name)
{
	return mem_printf("%s/%s", store->state_dir, name);
}

int store_open(struct store *store, const char *config, const char *state_dir)
{
	mem_auto char *history = mem_printf("%s/history", state_dir);
	int err = file_make_folders(history, 0700);

	if (err)
		return err;
	store->config = mem_strdup(config);
	store->state_dir = mem_strdup(state_dir);
	return 0;
}

void store_close(struct store *store)
{
	free(store->config);
	free(store->state_dir);
	*store = (struct store){0};
}

/* ---- history ---- */

static int number_compare(const void *a, const void *b)
{
	unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;

	return x < y ? 1 : x > y ? -1 : 0;
}

/* Newest first; the caller frees it. */
static unsigned *history_numbers(const struct store *store, unsigned *count, int *err)
{
	mem_auto char *path = state_path(store, "history");
	DIR *dir = opendir(path);
	unsigned *numbers = NULL, number;
	struct dirent *entry;

	*count = 0;
	errno = dir ? 0 : errno;
	/* the end and an error look the same but for errno */
	while (dir && (errno = 0, entry = readdir(dir))) {
		char rest[8] = "";

		if (sscanf(entry->d_name, "%u%7s", &number, rest) != 2 || strcmp(rest, ".yaml"))
			continue;
		numbers = mem_grow(numbers, *count, sizeof(*numbers));
		numbers[(*count)++] = number;
	}
	*err = -errno;
	if (dir)
		closedir(dir);
	if (*count)
		qsort(numbers, *count, sizeof(*numbers), number_compare);
	return numbers;
}

int store_next(const struct store *store, unsigned *number)
{
	unsigned count;
	int err;
	mem_auto unsigned *numbers = history_numbers(store, &count, &err);

	if (!err)
		*number = (count ? numbers[0] : 0) + 1;
	return err;
}

unsigned store_newest(const struct store *store)
{
	unsigned count;
	int err;
	mem_auto unsigned *numbers = history_numbers(store, &count, &err);

	return count ? numbers[0] : 0;
}

static void history_prune(const struct store *store)
{
	unsigned count;
	int err;
	mem_auto unsigned *numbers = history_numbers(store, &count, &err);

	for (unsigned i = HISTORY_KEPT; i < count; i++) {
		mem_auto char *path = history_path(store, numbers[i]);

		remove(path);
	}
}

static char *entry_text(const struct store_entry *entry, const char *yaml)
{
	struct text text = {0};
	char when[32];
	struct tm tm;

	gmtime_r(&entry->time, &tm);
	strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &tm);
	text_add(&text, "# ferrule commit %u\n# time: %s\n# user: %s\n# comment: %s\n%s",
		 entry->number, when, entry->user, entry->comment, yaml);
	return text_take(&text);
}

static void line_take(const char *text, const char *key, char *to, size_t size)
{
	const char *at = strstr(text, key);
	size_t length;

	*to = '\0';
	if (!at)
		return;
	at += strlen(key);
	length = strcspn(at, "\n");
	snprintf(to, size, "%.*s", (int)(length < size ? length : size - 1), at);
}

static void entry_parse(const char *text, unsigned number, struct store_entry *entry)
{
	struct tm tm = {0};
	char when[32];

	*entry = (struct store_entry){.number = number};
	line_take(text, "\n# time: ", when, sizeof(when));
	line_take(text, "\n# user: ", entry->user, sizeof(entry->user));
	line_take(text, "\n# comment: ", entry->comment, sizeof(entry->comment));
	if (strptime(when, "%Y-%m-%dT%H:%M:%SZ", &tm))
		entry->time = timegm(&tm);
}

int store_read(const struct store *store, unsigned number, char **yaml)
{
	mem_auto char *path = history_path(store, number);

	return file_read(path, YAML_SIZE_MAX + 4096, yaml, NULL);
}

const char *store_text(const char *text)
{
	while (*text == '#') {
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	return text;
}

unsigned store_history(const struct store *store, struct store_entry *entries, unsigned room)
{
	unsigned count, found = 0;
	int err;
	mem_auto unsigned *numbers = history_numbers(store, &count, &err);

	for (unsigned i = 0; i < count && found < room; i++) {
		mem_auto char *text = NULL;

		if (!store_read(store, numbers[i], &text))
			entry_parse(text, numbers[i], &entries[found++]);
	}
	return found;
}

/* ---- pending ---- */

static int boot_read(char *boot, size_t size)
{
	mem_auto char *text = NULL;
	int err = file_read("/proc/sys/kernel/random/boot_id", 4096, &text, NULL);

	*boot = '\0';
	if (!err)
		snprintf(boot, size, "%.*s", (int)strcspn(text, "\n"), text);
	return err;
}

static uint64_t boottime(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return now.tv_sec;
}

int store_pending_make(struct store_pending *pending, unsigned number, unsigned previous,
		       unsigned seconds)
{
	*pending = (struct store_pending){number, previous, boottime() + seconds, ""};
	return boot_read(pending->boot, sizeof(pending->boot));
}

uint64_t store_pending_left(const struct store_pending *pending)
{
	char boot[sizeof(pending->boot)];
	uint64_t now = boottime();

	boot_read(boot, sizeof(boot));
	if (strcmp(boot, pending->boot) || now >= pending->deadline)
		return 0;
	return pending->deadline - now;
}

int store_pending_write(const struct store *store, const struct store_pending *pending)
{
	mem_auto char *path = state_path(store, "pending");
	mem_auto char *text =
		mem_printf("commit %u previous %u deadline %" PRIu64 " boot %s\n", pending->number,
			   pending->previous, pending->deadline, pending->boot);

	return file_write(path, text, strlen(text), FILE_MODE);
}

int store_pending_read(const struct store *store, struct store_pending *pending)
{
	mem_auto char *path = state_path(store, "pending");
	mem_auto char *text = NULL;
	int err = file_read(path, 4096, &text, NULL);

	if (err)
		return err;
	if (sscanf(text, "commit %u previous %u deadline %" SCNu64 " boot %63s", &pending->number,
		   &pending->previous, &pending->deadline, pending->boot) != 4)
		return -EINVAL;
	return 0;
}

int store_pending_remove(const struct store *store)
{
	mem_auto char *path = state_path(store, "pending");

	return file_remove(path);
}

/* ---- commit ---- */

int store_history_add(const struct store *store, const struct store_entry *entry, const char *yaml)
{
	mem_auto char *path = history_path(store, entry->number);
	mem_auto char *text = entry_text(entry, yaml);

	return file_write(path, text, strlen(text), FILE_MODE);
}

int store_commit(const struct store *store, const struct store_entry *entry, const char *yaml,
		 const struct store_pending *pending, const char **where)
{
	mem_auto char *history = history_path(store, entry->number);
	int err = pending ? store_pending_write(store, pending) : 0;

	*where = store->state_dir;
	if (err)
		return err;
	err = store_history_add(store, entry, yaml);
	if (!err)
		*where = store->config;
	if (!err)
		err = file_write(store->config, yaml, strlen(yaml), FILE_MODE);
	if (!err) {
		history_prune(store);
		return 0;
	}
	file_remove(history);
	if (pending)
		store_pending_remove(store);
	return err;
}

int store_observed_write(const struct store *store, const char *text)
{
	mem_auto char *path = state_path(store, "observed");

	return file_write(path, text, strlen(text), FILE_MODE);
}

int store_observed_read(const struct store *store, char **text)
{
	mem_auto char *path = state_path(store, "observed");

	return file_read(path, YAML_SIZE_MAX, text, NULL);
}

int store_candidate_write(const struct store *store, const char *yaml)
{
	mem_auto char *path = state_path(store, "candidate.yaml");

	return yaml ? file_write(path, yaml, strlen(yaml), FILE_MODE) : file_remove(path);
}

int store_candidate_read(const struct store *store, char **yaml)
{
	mem_auto char *path = state_path(store, "candidate.yaml");

	return file_read(path, YAML_SIZE_MAX, yaml, NULL);
}
