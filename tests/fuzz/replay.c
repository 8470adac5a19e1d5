// SPDX-License-Identifier: GPL-2.0-or-later
/* Every file of a corpus, and every one cut short, through a fuzz entry: replay FOLDER */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/file.h"
#include "core/base/mem.h"
#include "fuzz.h"

enum { FILE_LIMIT = 1 << 20, CUTS = 64 };

static int replay(const char *path)
{
	mem_auto char *data = NULL;
	size_t size = 0;

	if (file_read(path, FILE_LIMIT, &data, &size))
		return 1;
	LLVMFuzzerTestOneInput((const uint8_t *)data, size);
	for (size_t i = 1; i <= CUTS && size; i++)
		LLVMFuzzerTestOneInput((const uint8_t *)data, size * i / (CUTS + 1));
	return 0;
}

int main(int argc, char **argv)
{
	struct dirent **entries;
	int count = argc > 1 ? scandir(argv[1], &entries, NULL, alphasort) : -1;
	unsigned done = 0, bad = 0;

	for (int i = 0; i < count; i++) {
		mem_auto char *path = mem_printf("%s/%s", argv[1], entries[i]->d_name);

		if (entries[i]->d_name[0] != '.') {
			bad += replay(path);
			done++;
		}
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
	printf("1..1\n%s 1 - %u files of %s\n", done && !bad ? "ok" : "not ok", done,
	       argc > 1 ? argv[1] : "?");
	return !done || bad;
}
