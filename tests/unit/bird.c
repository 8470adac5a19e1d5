// SPDX-License-Identifier: GPL-2.0-or-later
/* What BIRD answers and logs, and what is made of it. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/route-server/causes.h"
#include "plugins/route-server/withdrawn.h"
#include "services/bird/protocols.h"
#include "services/bird/routes.h"

/* ---- lines ---- */

struct heard {
	unsigned count;
	unsigned code[16];
	bool last[16];
	char text[16][64];
};

static bool take(void *arg, const struct bird_line *line)
{
	struct heard *heard = arg;

	heard->code[heard->count] = line->code;
	heard->last[heard->count] = line->last;
	snprintf(heard->text[heard->count++], 64, "%s", line->text);
	return heard->count < 16;
}

static bool parse(const char *text, size_t piece, struct heard *heard)
{
	struct bird_parser *parser = calloc(1, sizeof(*parser));
	size_t length = strlen(text);
	bool good = true;

	memset(heard, 0, sizeof(*heard));
	for (size_t at = 0; good && at < length; at += piece)
		good = bird_parse(parser, text + at, length - at < piece ? length - at : piece,
				  take, heard);
	free(parser);
	return good;
}

static void test_lines(void **state)
{
	static const char text[] =
		"0001 BIRD 2.0.12 ready.\n"
		"1007-Table master4:\n 44.1.0.0/16 x\n+log of somebody\n \tvia y\n"
		"0000 \n";
	struct heard heard;

	(void)state;
	for (size_t piece = 1; piece < sizeof(text); piece++) {
		assert_true(parse(text, piece, &heard));
		assert_int_equal(heard.count, 5);
		assert_int_equal(heard.code[0], 1);
		assert_true(heard.last[0]);
		assert_string_equal(heard.text[1], "Table master4:");
		assert_false(heard.last[1]);
		/* of the code of the line before; the log in between changes nothing */
		assert_int_equal(heard.code[3], 1007);
		assert_string_equal(heard.text[3], "\tvia y");
		assert_int_equal(heard.code[4], 0);
		assert_true(heard.last[4]);
	}
	assert_false(parse("hello\n", 6, &heard));
	assert_false(parse("12a4 x\n", 7, &heard));
	assert_false(parse("1234x\n", 6, &heard));
}

static void test_long_line(void **state)
{
	char *text = malloc(10000);
	struct heard heard;

	(void)state;
	memset(text, 'x', 10000);
	memcpy(text, "1000-", 5);
	memcpy(text + 9990, "\n0000 \n", 8);
	assert_true(parse(text, 777, &heard));
	assert_int_equal(heard.count, 2);
	free(text);
}

/* ---- protocols ---- */

static struct bird_protocol got[4];
static unsigned gots;

static void keep_protocol(void *arg, const struct bird_protocol *p)
{
	(void)arg;
	got[gots++] = *p;
}

static void feed_protocols(unsigned code, const char *const *lines)
{
	struct bird_protocols p = {.found = keep_protocol};

	gots = 0;
	for (; *lines; lines++) {
		struct bird_line line = {code, false, *lines};

		if (!strncmp(*lines, "c_", 2))
			line.code = BIRD_PROTOCOL;
		bird_protocols_line(&p, &line);
	}
	bird_protocols_end(&p);
}

static void test_protocols(void **state)
{
	static const char *const lines[] = {
		"  before any",
		"c_one_4    BGP        ---        up     2026-11-25 17:04:22  Established   ",
		"  Description:    Member one",
		"  BGP state:          Established",
		"    Neighbor address: 185.1.0.11",
		"    Neighbor AS:      1001",
		"  Channel ipv4",
		"    State:          UP",
		"    Routes:         2 imported, 1 filtered, 8 exported, 2 preferred",
		"      Import updates:              3          0          1          0          2",
		"  Channel ipv6",
		"    Routes:         5 imported, 6 exported, 5 preferred",
		"  Channel ipv9",
		"    State:          DOWN",
		"c_two_4    BGP        ---        down   2026-11-25 17:04:22",
		"  Last error:       Automatic shutdown: Maximum number of prefixes reached",
		NULL,
	};

	(void)state;
	feed_protocols(BIRD_PROTOCOL_DETAIL, lines);
	assert_int_equal(gots, 2);
	assert_string_equal(got[0].name, "c_one_4");
	assert_string_equal(got[0].type, "BGP");
	assert_string_equal(got[0].since, "2026-11-25 17:04:22");
	assert_string_equal(got[0].info, "Established");
	assert_string_equal(got[0].description, "Member one");
	assert_string_equal(got[0].session, "Established");
	assert_string_equal(got[0].neighbor, "185.1.0.11");
	assert_int_equal(got[0].asn, 1001);
	assert_int_equal(got[0].channels, 2);
	assert_int_equal(got[0].channel[0].imported, 2);
	assert_int_equal(got[0].channel[0].filtered, 1);
	assert_int_equal(got[0].channel[0].exported, 8);
	assert_int_equal(got[0].channel[0].updates, 3);
	assert_int_equal(got[0].channel[1].exported, 6);
	assert_string_equal(got[1].state, "down");
	assert_string_equal(got[1].error, "Automatic shutdown: Maximum number of prefixes reached");
}

/* ---- routes ---- */

static struct bird_route seen[4];
static unsigned seens;

static bool keep_route(void *arg, const struct bird_route *route)
{
	seen[seens++] = *route;
	return seens < *(unsigned *)arg;
}

static void feed_routes(unsigned most)
{
	static const struct bird_line lines[] = {
		{1007, false, "Table master4:"},
		{1007, false,
		 "44.50.0.0/16         unicast [c_one_4 2026-11-25 17:04:22] * (100) [AS1001i]"},
		{1007, false, "\tvia 185.1.0.11 on sfp0"},
		{1008, false, "\tType: BGP univ"},
		{1012, false, "\tBGP.origin: IGP"},
		{1012, false, "\tBGP.as_path: 1001 2001"},
		{1012, false, "\tBGP.community: (0,1004) (65000,5)"},
		{1012, false, "\t\t(65000,6)"},
		{1012, false, "\tBGP.large_community: (65000, 1101, 8)"},
		{1012, false, "\tBGP.med: 0"},
		{1007, false,
		 "                     unicast [c_two_4 2026-11-25 17:04:23] (100) [AS1002i]"},
		{1007, false, "\tvia 185.1.0.12 on sfp0"},
		{1012, false, "\tBGP.as_path: 1002"},
		{1007, false,
		 "44.51.0.0/16         unreachable [c_two_4 2026-11-25 17:04:23] * (100)"},
	};
	struct bird_routes r = {.found = keep_route, .arg = &most};

	seens = 0;
	memset(seen, 0, sizeof(seen));
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
		if (!bird_routes_line(&r, &lines[i]))
			return;
	bird_routes_end(&r);
}

static void test_routes(void **state)
{
	(void)state;
	feed_routes(4);
	assert_int_equal(seens, 3);
	assert_string_equal(seen[0].prefix, "44.50.0.0/16");
	assert_string_equal(seen[0].from, "c_one_4");
	assert_string_equal(seen[0].since, "2026-11-25 17:04:22");
	assert_true(seen[0].primary);
	assert_string_equal(seen[0].gateway, "185.1.0.11");
	assert_string_equal(seen[0].as_path, "1001 2001");
	assert_string_equal(seen[0].community, "(0,1004) (65000,5) (65000,6)");
	assert_string_equal(seen[0].large, "(65000, 1101, 8)");
	assert_true(seen[0].has_med);
	/* one more of the same prefix names none */
	assert_string_equal(seen[1].prefix, "44.50.0.0/16");
	assert_string_equal(seen[1].from, "c_two_4");
	assert_false(seen[1].primary);
	assert_string_equal(seen[1].community, "");
	assert_string_equal(seen[2].prefix, "44.51.0.0/16");
	feed_routes(1);
	assert_int_equal(seens, 1);
}

/* ---- words ---- */

static void test_causes(void **state)
{
	char text[256];

	(void)state;
	causes_print("(65000, 1101, 8) (1, 1101, 3) (65000, 1102, 2) (65000, 1101, 4)", 65000,
		     CAUSES_IN, text, sizeof(text));
	assert_string_equal(text,
			    "the next hop is not the client's [65000:1101:8]; the path has an "
			    "AS number that is not for the public Internet [65000:1101:4]");
	causes_print("(65000, 1101, 8)", 65000, CAUSES_OUT, text, sizeof(text));
	assert_string_equal(text, "");
	causes_print("(65000, 1101, 8) (65000, 1101, 8) (65000, 1101, 8) (65000, 1101, 8)", 65000,
		     CAUSES_IN, text, 60);
	assert_int_equal(strlen(text), 59);
}

#define STAMP "2026-11-25 16:54:31 "

static void test_withdrawn(void **state)
{
	struct withdrawn *w = withdrawn_new();
	char line[128];

	(void)state;
	withdrawn_heard(w, STAMP
			"<RMT> c_three_4: Route leak detected - OTC attribute from downstream");
	withdrawn_heard(w, STAMP "<RMT> c_three_4: Invalid route 44.2.0.0/16 withdrawn");
	withdrawn_heard(w, STAMP "<INFO> Reconfigured");
	withdrawn_heard(w, "rubbish");
	assert_string_equal(withdrawn_at(w, "44.2.0.0/16", 0)->why,
			    "Route leak detected - OTC attribute from downstream");
	assert_string_equal(withdrawn_at(w, NULL, 0)->protocol, "c_three_4");
	/* the same again is the same */
	withdrawn_heard(w, STAMP "<RMT> c_three_4: Invalid route 44.2.0.0/16 withdrawn");
	assert_null(withdrawn_at(w, "44.2.0.0/16", 1));
	/* another one's reason is not this one's */
	withdrawn_heard(w, STAMP "<RMT> c_two_4: Malformed COMMUNITY attribute");
	withdrawn_heard(w, STAMP "<RMT> c_three_4: Invalid route 44.3.0.0/16 withdrawn");
	assert_string_equal(withdrawn_at(w, "44.3.0.0/16", 0)->why, "");
	/* one session pushes nobody else's out */
	for (unsigned i = 0; i < 300; i++) {
		snprintf(line, sizeof(line),
			 STAMP "<RMT> c_x: Invalid route 10.%u.%u.0/24 withdrawn", i / 250,
			 i % 250);
		withdrawn_heard(w, line);
	}
	assert_non_null(withdrawn_at(w, "44.2.0.0/16", 0));
	assert_null(withdrawn_at(w, "10.0.5.0/24", 0));
	assert_non_null(withdrawn_at(w, "10.1.49.0/24", 0));
	/* as many as there are, the oldest go */
	for (unsigned i = 0; i < 300; i++) {
		snprintf(line, sizeof(line), STAMP "<RMT> c_%u: Invalid route 11.0.0.0/8 withdrawn",
			 i);
		withdrawn_heard(w, line);
	}
	assert_null(withdrawn_at(w, "44.2.0.0/16", 0));
	/* what was not sent is something else */
	withdrawn_heard(w, STAMP "<ERR> c_two_4: Attribute list too long");
	withdrawn_heard(w, STAMP "<ERR> c_two_4: - withdrawing 44.9.0.0/16");
	assert_string_equal(withdrawn_unsent(w, "c_two_4", "44.9.0.0/16", 0)->why,
			    "Attribute list too long");
	assert_null(withdrawn_unsent(w, "c_three_4", NULL, 0));
	assert_null(withdrawn_at(w, "44.9.0.0/16", 0));
	withdrawn_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),	  cmocka_unit_test(test_long_line),
		cmocka_unit_test(test_protocols), cmocka_unit_test(test_routes),
		cmocka_unit_test(test_causes),	  cmocka_unit_test(test_withdrawn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
