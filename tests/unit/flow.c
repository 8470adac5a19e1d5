// SPDX-License-Identifier: GPL-2.0-or-later
/* The pure parts of the tunnel: its MTU, its shaper, addresses for those who are invited. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "plugins/oob/ladder.h"
#include "plugins/oob/jumbo.h"
#include "plugins/oob/mtu.h"
#include "services/netdev/prefix.h"
#include "plugins/oob/shape.h"

/* ---- MTU ---- */

static void test_mtu_of_path(void **state)
{
	struct mtu mtu = {0};

	(void)state;
	assert_int_equal(mtu_path(&mtu, 1000, 1500), 1420);
	assert_int_equal(mtu_path(&mtu, 1000, 1400), 1320);
	assert_int_equal(mtu_path(&mtu, 1000, 9000), 1420);
	assert_int_equal(mtu_path(&mtu, 1000, 600), 1280);
	assert_int_equal(mtu_path(&mtu, 1000, 0), 1420);
}

static void test_jumbo(void **state)
{
	struct jumbo jumbo = {.on = false};
	uint64_t now = 1000;

	(void)state;
	/* tried at once, but nothing is said of it before an answer */
	assert_true(jumbo_due(&jumbo, now));
	assert_true(jumbo_asked(&jumbo, now, false));
	assert_true(jumbo.on && !jumbo.proven);
	assert_false(jumbo_due(&jumbo, now + 250));
	assert_true(jumbo_due(&jumbo, now + 251));
	assert_false(jumbo_asked(&jumbo, now += 251, true));
	assert_true(jumbo.on && jumbo.proven);
	/* then rarely; three that are lost are three that are lost */
	assert_false(jumbo_due(&jumbo, now + 10000));
	assert_true(jumbo_due(&jumbo, now + 10001));
	for (int i = 0; i < 3; i++)
		assert_false(jumbo_asked(&jumbo, now += 10001, false));
	assert_true(jumbo.on);
	assert_true(jumbo_due(&jumbo, now + 251));
	assert_true(jumbo_asked(&jumbo, now += 251, false));
	assert_false(jumbo.on);
	/* and not again before an hour has passed */
	assert_false(jumbo_due(&jumbo, now + 3600000));
	assert_true(jumbo_due(&jumbo, now + 3600001));
	assert_true(jumbo_asked(&jumbo, now + 3600001, false));
	assert_true(jumbo.on && !jumbo.proven);
}

static void test_mtu_black_hole(void **state)
{
	struct mtu mtu = {0};
	uint64_t now = 100000;
	unsigned asked = 0;

	(void)state;
	mtu_path(&mtu, now, 1500);
	for (; mtu.now > 1300 && asked < 100; now += 250) {
		if (mtu_due(&mtu, now)) {
			mtu_asked(&mtu, now, false);
			asked++;
		}
		mtu_path(&mtu, now, 1500);
	}
	/* the first question has nothing behind it; then three for each step of 40 */
	assert_int_equal(asked, 1 + 3 * 3);
	/* one answer, and it stays */
	mtu_asked(&mtu, now, true);
	mtu_asked(&mtu, now, false);
	mtu_asked(&mtu, now, false);
	mtu_asked(&mtu, now, true);
	assert_int_equal(mtu_path(&mtu, now, 1500), 1300);
	/* paths change: all of it is tried again */
	assert_int_equal(mtu_path(&mtu, now + 700000, 1500), 1420);
	/* and never less than IPv6 needs */
	for (unsigned i = 0; i < 50; i++) {
		mtu_asked(&mtu, now, false);
		mtu_path(&mtu, now, 1500);
	}
	assert_int_equal(mtu_path(&mtu, now, 1500), 1280);
}

/* ---- the shaper ---- */

struct link {
	uint64_t now, sent, got;
	uint64_t capacity; /* bit/s; more waits: `queue` */
	double queue;	   /* octets behind us */
};

/* A quarter of a second in which somebody would send `offered` bit/s, and gets `back` bit/s. */
static bool quarter(struct shape *shape, struct link *link, uint64_t offered, uint64_t back)
{
	uint64_t rate = shape->limit && offered > shape->limit ? shape->limit : offered;
	struct shape_input in;

	link->now += 250;
	link->sent += rate / 32;
	link->got += back / 32;
	link->queue += ((double)rate - link->capacity) / 32;
	link->queue = link->queue < 0 ? 0 : link->queue > 500000 ? 500000 : link->queue;
	in = (struct shape_input){
		.now = link->now,
		.octets = link->sent,
		.received = link->got,
		.round_trip = 20000 + link->queue * 8e6 / link->capacity,
		.backlog = 0,
	};
	return shape_next(shape, &in);
}

static void quarters(unsigned count, struct shape *shape, struct link *link, uint64_t offered,
		     uint64_t back)
{
	while (count--)
		quarter(shape, link, offered, back);
}

static void test_shape_finds_capacity(void **state)
{
	struct shape shape = {0};
	struct link link = {.now = 1000, .capacity = 10000000};
	double waited = 0;

	(void)state;
	quarters(40, &shape, &link, 100000, 100000);
	assert_int_equal(shape.limit, 0);
	quarters(240, &shape, &link, 12000000, 400000);
	for (unsigned i = 0; i < 240; i++) {
		quarter(&shape, &link, 12000000, 400000);
		assert_in_range(shape.limit, 7000000, 11500000);
		waited += link.queue * 8 / link.capacity / 240;
	}
	/* on average less than 60 ms, of 400 that would fit */
	assert_in_range((unsigned)(waited * 1000), 0, 60);
	/* unused for long: forgotten */
	quarters(4 * 700, &shape, &link, 100000, 100000);
	assert_int_equal(shape.limit, 0);
}

/* What does not slow down, and what of it is too much is dropped at the far end. */
static void test_shape_finds_what_gets_through(void **state)
{
	struct shape shape = {0};
	struct link link = {.now = 1000, .capacity = 10000000};
	double waited = 0;

	(void)state;
	quarters(40, &shape, &link, 100000, 100000);
	quarters(160, &shape, &link, 40000000, 400000);
	for (unsigned i = 0; i < 240; i++) {
		quarter(&shape, &link, 40000000, 400000);
		assert_in_range(shape.limit, 6000000, 11500000);
		waited += link.queue * 8 / link.capacity / 240;
	}
	assert_in_range((unsigned)(waited * 1000), 0, 60);
}

/* A CPU that is shared: late under any load, and much later without a limit. */
static void test_shape_holds_where_it_helps(void **state)
{
	struct shape shape = {0};
	struct link link = {.now = 1000, .capacity = 10000000};
	unsigned limited = 0, changes = 0;

	(void)state;
	quarters(40, &shape, &link, 100000, 100000);
	for (unsigned i = 0; i < 4 * 1200; i++) {
		bool much = i > 8 && (!shape.limit || shape.limit > 7500000);

		link.queue = much ? 500000 : i > 8 ? 170000 : 0;
		changes += quarter(&shape, &link, 10000000, 400000);
		limited += shape.limit != 0;
		assert_true(!shape.limit || shape.limit >= 6900000);
	}
	assert_in_range(limited, 4 * 1140, 4 * 1200);
	/* it does look whether it still helps */
	assert_in_range(changes, 5, 30);
}

static void test_shape_leaves_slow_alone(void **state)
{
	struct shape shape = {0};
	struct link link = {.now = 1000, .capacity = 500000};

	(void)state;
	quarters(40, &shape, &link, 50000, 50000);
	for (unsigned i = 0; i < 400; i++) {
		link.queue = 100000;
		quarter(&shape, &link, 500000, 20000);
		assert_true(!shape.limit || shape.limit > 200000);
	}
	assert_int_equal(shape.limit, 0);
}

static void test_shape_waits_for_answers(void **state)
{
	struct shape shape = {0};
	struct link link = {.now = 1000, .capacity = 10000000};
	struct shape_input in;
	uint64_t limit;

	(void)state;
	quarters(40, &shape, &link, 100000, 100000);
	for (unsigned i = 0; i < 40; i++) {
		link.queue = 500000;
		quarter(&shape, &link, 20000000, 400000);
	}
	limit = shape.limit;
	assert_true(limit);
	for (unsigned i = 0; i < 100; i++) {
		link.now += 250;
		link.sent += limit / 32;
		in = (struct shape_input){
			.now = link.now, .octets = link.sent, .received = link.got};
		shape_next(&shape, &in);
	}
	assert_int_equal(shape.limit, limit);
}

static void test_shape_leaves_receiver_alone(void **state)
{
	struct shape shape = {0};
	struct link link = {.now = 1000, .capacity = 10000000};

	(void)state;
	quarters(40, &shape, &link, 100000, 100000);
	link.queue = 300000; /* the other direction's */
	for (unsigned i = 0; i < 200; i++) {
		link.queue = 300000;
		assert_false(quarter(&shape, &link, 500000, 12000000));
	}
	assert_int_equal(shape.limit, 0);
}

static void test_shape_lets_go(void **state)
{
	struct shape shape = {0};
	struct link link = {.now = 1000, .capacity = 10000000};
	bool ever = false;

	(void)state;
	quarters(40, &shape, &link, 100000, 100000);
	/* answers are late whatever is sent: it is not us */
	for (unsigned i = 0; i < 400; i++) {
		link.queue = 400000;
		quarter(&shape, &link, 8000000, 400000);
		ever = ever || shape.limit;
		/* at the fourth floor, each of 70 percent, it is not lowered again */
		assert_true(!shape.limit || shape.limit >= 1900000);
	}
	assert_true(ever);
	assert_int_equal(shape.limit, 0);
}

/* ---- prefixes ---- */

static void text_is(const struct prefix *prefix, const char *text)
{
	char printed[PREFIX_TEXT];

	prefix_print(prefix, printed);
	assert_string_equal(printed, text);
}

static void test_prefix_hosts(void **state)
{
	struct prefix network, host;

	(void)state;
	assert_true(prefix_parse("10.66.0.9/30", &network));
	assert_true(prefix_host(&network, 1, &host));
	text_is(&host, "10.66.0.9/32");
	assert_true(prefix_host(&network, 2, &host));
	text_is(&host, "10.66.0.10/32");
	assert_false(prefix_host(&network, 3, &host)); /* for all of them */
	assert_true(prefix_parse("fd66::1/64", &network));
	assert_true(prefix_host(&network, 258, &host));
	text_is(&host, "fd66::102/128");
	prefix_network(&network);
	text_is(&network, "fd66::/64");
	assert_true(prefix_is_host(&host));
	assert_false(prefix_is_host(&network));
	assert_true(prefix_overlap(&network, &host));
	assert_false(prefix_parse("10.66.0.0/33", &network));
	assert_false(prefix_parse("10.66.0.0", &network));
}

/* ---- the ladder, told what to use ---- */

static void test_chosen_stays(void **state)
{
	struct ladder ladder = {0};
	struct ladder_input in = {.now = 1000, .hubs = 2, .uplinks = 2, .hold = 1000};

	(void)state;
	in.hub_works[0] = in.hub_works[1] = in.uplink_usable[0] = in.uplink_usable[1] = true;
	assert_int_equal(ladder_next(&ladder, &in), LADDER_NONE);
	assert_int_equal(ladder_choose_hub(&ladder, 1), LADDER_HUB);
	assert_int_equal(ladder_choose_uplink(&ladder, 1, in.now), LADDER_UPLINK);
	for (unsigned i = 0; i < 100; i++) {
		in.now += 1000;
		assert_int_equal(ladder_next(&ladder, &in), LADDER_NONE);
	}
	assert_int_equal(ladder_choose_uplink(&ladder, 1, in.now), LADDER_NONE);
	/* for as long as it works */
	in.hub_works[1] = false;
	in.now += 2000;
	assert_int_equal(ladder_next(&ladder, &in), LADDER_HUB);
	assert_int_equal(ladder.hub, 0);
	assert_false(ladder.hub_chosen);
	in.hub_works[1] = true;
	assert_int_equal(ladder_next(&ladder, &in), LADDER_NONE);
	/* and the better uplink again, when nobody minds */
	ladder_choose_none(&ladder);
	in.now += 5000;
	assert_int_equal(ladder_next(&ladder, &in), LADDER_UPLINK);
	assert_int_equal(ladder.uplink, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mtu_of_path),
		cmocka_unit_test(test_mtu_black_hole),
		cmocka_unit_test(test_jumbo),
		cmocka_unit_test(test_shape_finds_capacity),
		cmocka_unit_test(test_shape_finds_what_gets_through),
		cmocka_unit_test(test_shape_holds_where_it_helps),
		cmocka_unit_test(test_shape_leaves_slow_alone),
		cmocka_unit_test(test_shape_waits_for_answers),
		cmocka_unit_test(test_shape_leaves_receiver_alone),
		cmocka_unit_test(test_shape_lets_go),
		cmocka_unit_test(test_prefix_hosts),
		cmocka_unit_test(test_chosen_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
