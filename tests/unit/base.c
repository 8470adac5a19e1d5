// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/text.h"
#include "core/control/frame.h"

static void test_distance(void **state)
{
	(void)state;
	assert_int_equal(text_distance("", ""), 0);
	assert_int_equal(text_distance("match", "mach"), 1);
	assert_int_equal(text_distance("filter", "filtre"), 1); /* neighbours swapped */
	assert_int_equal(text_distance("kitten", "sitting"), 3);
}

static void test_nearest(void **state)
{
	static const char *const names[] = {"pass", "drop", "divert", "reset"};

	(void)state;
	assert_string_equal(text_nearest("dorp", names, 4), "drop");
	assert_string_equal(text_nearest("divrt", names, 4), "divert");
	assert_null(text_nearest("something-else", names, 4));
}

static void test_clean(void **state)
{
	char good[] = "Zürich €", bad[] = "a\xff\xc3(\x1b[31m\xed\xa0\x80";

	(void)state;
	text_clean(good);
	assert_string_equal(good, "Zürich €");
	text_clean(bad);
	assert_string_equal(bad, "a?"
				 "?(?[31m?"
				 "?"
				 "?");
}

static void test_file(void **state)
{
	char folder[] = "/tmp/ferrule-unit.XXXXXX", path[64], *data;
	struct stat status;
	size_t size;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/file", folder);
	assert_int_equal(file_read(path, 10, &data, &size), -ENOENT);
	assert_int_equal(file_write(path, "one", 3, 0600), 0);
	assert_int_equal(file_write(path, "second", 6, 0640), 0);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0640);
	assert_int_equal(file_read(path, 6, &data, &size), 0);
	assert_string_equal(data, "second");
	free(data);
	assert_int_equal(file_read(path, 5, &data, &size), -EFBIG);
	assert_int_equal(file_remove(path), 0);
	assert_int_equal(file_remove(path), 0);
	assert_int_equal(file_write("/nonexistent/file", "x", 1, 0600), -ENOENT);
	rmdir(folder);
}

static void test_frame(void **state)
{
	uint8_t header[FRAME_HEADER];

	(void)state;
	frame_header_write(header, 0x01020304);
	assert_int_equal(header[0], 1);
	assert_int_equal(header[3], 4);
	assert_int_equal(frame_header_read(header), 0x01020304);
}

/* An hour of crashes: slower and slower, capped, never given up, and anew after a stable run. */
int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_distance), cmocka_unit_test(test_nearest),
		cmocka_unit_test(test_clean),	 cmocka_unit_test(test_file),
		cmocka_unit_test(test_frame),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
