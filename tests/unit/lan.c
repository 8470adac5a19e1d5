// SPDX-License-Identifier: GPL-2.0-or-later
/* Leases that a daemon was killed over while it wrote them. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "services/dnsmasq/leases.h"

#define A "2000 02:00:00:00:00:01 192.0.2.101 one 01:02\n"
#define B "2000 02:00:00:00:00:02 192.0.2.102 * *\n"
#define C "500 02:00:00:00:00:03 192.0.2.103 late *\n"
#define E "0 02:00:00:00:00:05 192.0.2.105 ever *\n"
#define D "duid 00:01:00:01\n"
#define S "2000 15 2001:db8::101 six 00:04\n"

static void check(const char *text, const char *before, const char *wanted)
{
	char *merged = leases_merge(text, before, 1000);

	assert_string_equal(merged, wanted);
	free(merged);
}

static void test_leases_merge(void **state)
{
	(void)state;
	check(A B, "", A B);
	check("", A B D S, A B D S);
	check(A, A B, A B);
	/* renewed: the new line counts */
	check("3000 02:00:00:00:00:01 192.0.2.101 one 01:02\n", A,
	      "3000 02:00:00:00:00:01 192.0.2.101 one 01:02\n");
	/* cut in the middle of a line */
	check(A "2000 02:00:00:00:0", A B, A B);
	check("20", A B, A B);
	/* what has run out does not come back; what never does, does */
	check("", C E, E);
	check(D S, D S A, D S A);
	/* an address that begins as another one */
	check("2000 02:00:00:00:00:02 192.0.2.1 x *\n", "2000 02:00:00:00:00:03 192.0.2.10 x *\n",
	      "2000 02:00:00:00:00:02 192.0.2.1 x *\n2000 02:00:00:00:00:03 192.0.2.10 x *\n");
	/* what is no lease is left alone, and not added */
	check("rubbish\n", "more rubbish\n" A, "rubbish\n" A);
}

static void test_leases_many(void **state)
{
	char *text = calloc(5000, 64), *before = calloc(5000, 64), *merged;
	size_t length = 0, count = 0, at = 0;

	(void)state;
	for (unsigned i = 0; i < 5000; i++) {
		char line[64];

		snprintf(line, sizeof(line), "2000 02:00:00:00:00:00 10.0.%u.%u x *\n", i / 250,
			 i % 250);
		memcpy(before + length, line, strlen(line));
		length += strlen(line);
		if (i % 2)
			continue;
		memcpy(text + at, line, strlen(line));
		at += strlen(line);
	}
	merged = leases_merge(text, before, 1000);
	for (const char *c = merged; *c; c++)
		count += *c == '\n';
	assert_int_equal(count, 5000);
	free(merged);
	free(before);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_leases_merge),
		cmocka_unit_test(test_leases_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
