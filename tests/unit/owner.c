// SPDX-License-Identifier: GPL-2.0-or-later
/* Who owns a loan's address, by what was seen; and what a governor sheds. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "core/engine/rules.h"
#include "core/link/owner.h"
#include "core/link/redirect.h"
#include "core/run/governor.h"

struct world {
	struct owner owner;
	struct rule_loan rule;
	struct backend_sighting seen[8];
	unsigned count;
	uint64_t now;
	bool down;
};

static struct world world_make(void)
{
	static const struct backend_loan nothing;
	struct world w = {.now = 1000,
			  .rule = {.name = "192.0.2.2", .family = 4, .owner = PORT_ELECTRICAL}};

	owner_start(&w.owner, w.now, PORT_ELECTRICAL, &nothing);
	return w;
}

static struct backend_sighting *see(struct world *w, uint8_t mac, enum engine_port side)
{
	struct backend_sighting *s = &w->seen[w->count++];

	*s = (struct backend_sighting){
		.kind = SEEN_OWNER, .mac = {2, 0, 0, 0, 0, mac}, .side = side, .several = true};
	return s;
}

/* Seconds pass; who is in the list goes on speaking, but for those that are older than now. */
static void pass(struct world *w, unsigned seconds)
{
	while (seconds--) {
		struct owner_view view = {
			.now = ++w->now, .carrier = !w->down, .seen = w->seen, .count = w->count};

		owner_look(&w->owner, &w->rule, &view);
	}
}

static void state_is(const struct world *w, enum owner_state state, uint8_t mac)
{
	assert_int_equal(w->owner.state, state);
	assert_int_equal(w->owner.known.mac[5], mac);
}

static void test_learns(void **state)
{
	struct world w = world_make();
	struct backend_loan tell;

	(void)state;
	pass(&w, 3);
	assert_int_equal(w.owner.state, OWNER_LEARNING);
	see(&w, 1, PORT_ELECTRICAL)->several = false;
	pass(&w, 3);
	assert_int_equal(w.owner.state, OWNER_LEARNING);
	w.seen[0].several = true;
	pass(&w, 1);
	state_is(&w, OWNER_VERIFIED, 1);
	owner_tell(&w.owner, &tell);
	assert_false(tell.lent);
	pass(&w, OWNER_WATCH_S);
	state_is(&w, OWNER_ACTIVE, 1);
	owner_tell(&w.owner, &tell);
	assert_true(tell.lent && tell.kept);
}

/* A2: what stands behind the tags of a frame is no part of its owner. What the engine is told of
 * one that has not changed is the same to the octet: sessions that are kept are not let go for it.
 */
static void test_same_owner(void **state)
{
	struct world w = world_make();
	struct backend_loan before, after;

	(void)state;
	memset(see(&w, 1, PORT_ELECTRICAL)->tag, 0x45, sizeof(w.seen[0].tag));
	w.seen[0].tags = 1;
	pass(&w, 10);
	state_is(&w, OWNER_ACTIVE, 1);
	owner_tell(&w.owner, &before);
	w.down = true;
	pass(&w, 1);
	w.down = false;
	memset(w.seen[0].tag + 4, 0x86, sizeof(w.seen[0].tag) - 4);
	w.seen[0].tag[2] ^= 0xe0; /* priority */
	pass(&w, 10);
	state_is(&w, OWNER_ACTIVE, 1);
	owner_tell(&w.owner, &after);
	assert_memory_equal(before.tag, after.tag, sizeof(before.tag));
}

/* Packets with a forged source come through a router on the other side; ARP does not. */
static void test_forged_source(void **state)
{
	struct world w = world_make();

	(void)state;
	see(&w, 1, PORT_ELECTRICAL);
	pass(&w, 5);
	see(&w, 9, PORT_OPTICAL);
	pass(&w, 5);
	state_is(&w, OWNER_ACTIVE, 1);
	w.seen[1].neighbour = true;
	pass(&w, 1);
	state_is(&w, OWNER_SUSPENDED, 1);
}

static void test_change_of_owner(void **state)
{
	struct world w = world_make();
	struct backend_loan tell;

	(void)state;
	see(&w, 1, PORT_ELECTRICAL);
	pass(&w, 5);
	/* packets alone may be forged by anybody behind a router */
	see(&w, 2, PORT_ELECTRICAL);
	pass(&w, 5);
	state_is(&w, OWNER_ACTIVE, 1);
	w.seen[1].neighbour = true;
	pass(&w, 1);
	state_is(&w, OWNER_SUSPENDED, 1);
	owner_tell(&w.owner, &tell);
	assert_false(tell.lent || tell.kept);
	/* both speak: for as long as it takes */
	pass(&w, 100);
	state_is(&w, OWNER_SUSPENDED, 1);
	w.seen[0].last = OWNER_SETTLE_S + 1;
	for (int i = 0; i < 20; i++) {
		pass(&w, 1);
		w.seen[0].last++;
	}
	state_is(&w, OWNER_ACTIVE, 2);
	/* who stops speaking is no owner of it */
	w.seen[0].last = 0;
	pass(&w, 1);
	w.seen[0].last = OWNER_FRESH_S + 1;
	pass(&w, 1 + OWNER_WATCH_S);
	state_is(&w, OWNER_ACTIVE, 2);
}

static void test_used_port(void **state)
{
	struct world w = world_make();

	(void)state;
	rule_ranges_add(&w.rule.tcp, 22, 22);
	see(&w, 1, PORT_ELECTRICAL);
	w.seen[w.count++] = (struct backend_sighting){.kind = SEEN_PORT, .protocol = 6, .port = 22};
	pass(&w, 10);
	state_is(&w, OWNER_SUSPENDED, 1);
	w.rule.force = true;
	pass(&w, 5);
	state_is(&w, OWNER_ACTIVE, 1);
	w.rule.force = false;
	w.seen[1].protocol = 17; /* another protocol's */
	pass(&w, 5);
	state_is(&w, OWNER_ACTIVE, 1);
	free(w.rule.tcp.at);
}

static void test_link_and_age(void **state)
{
	struct world w = world_make();
	struct backend_loan tell;

	(void)state;
	see(&w, 1, PORT_ELECTRICAL);
	pass(&w, 5);
	w.down = true;
	pass(&w, 3);
	assert_int_equal(w.owner.state, OWNER_LEARNING);
	owner_tell(&w.owner, &tell);
	assert_true(!tell.lent && tell.kept); /* sessions go on */
	w.down = false;
	w.seen[0].last = 10; /* not since */
	pass(&w, 1);
	assert_int_equal(w.owner.state, OWNER_LEARNING);
	w.seen[0].last = 0;
	pass(&w, 1 + OWNER_WATCH_S);
	state_is(&w, OWNER_ACTIVE, 1);
	pass(&w, OWNER_AGE_S + 1);
	w.seen[0].last = OWNER_AGE_S + 1;
	pass(&w, 1);
	state_is(&w, OWNER_SUSPENDED, 1);
	w.seen[0].last = 0;
	pass(&w, 1 + OWNER_WATCH_S);
	state_is(&w, OWNER_ACTIVE, 1);
}

static void test_gateway(void **state)
{
	struct world w = world_make();

	(void)state;
	see(&w, 1, PORT_ELECTRICAL);
	see(&w, 7, PORT_OPTICAL)->kind = SEEN_REMOTE;
	see(&w, 8, PORT_OPTICAL)->kind = SEEN_REMOTE;
	pass(&w, 5);
	assert_false(w.owner.has_gateway);
	w.seen[2].addresses = 3; /* frames of several addresses */
	pass(&w, 1);
	assert_int_equal(w.owner.gateway[5], 8);
	w.seen[1].addresses = 4;
	pass(&w, 1);
	assert_int_equal(w.owner.gateway[5], 8); /* it still speaks */
	w.seen[2].last = OWNER_SETTLE_S + 1;
	pass(&w, 1);
	assert_int_equal(w.owner.gateway[5], 7);
	/* one that is named is known by ARP alone */
	memcpy(w.rule.gateway, "\xc0\x00\x02\x01", 4);
	w.seen[1].last = OWNER_SETTLE_S + 1;
	w.seen[2].own[0] = 0xc0000201;
	w.seen[2].neighbour = true;
	pass(&w, 1);
	assert_int_equal(w.owner.gateway[5], 8);
}

static void test_adopted(void **state)
{
	const struct backend_loan before = {
		.lent = true, .kept = true, .side = PORT_ELECTRICAL, .owner = {2, 0, 0, 0, 0, 5}};
	struct world w = world_make();

	(void)state;
	owner_start(&w.owner, w.now, PORT_ELECTRICAL, &before);
	pass(&w, 10);
	state_is(&w, OWNER_ACTIVE, 5);
	pass(&w, OWNER_AGE_S);
	state_is(&w, OWNER_SUSPENDED, 5);
}

/* ---- rules ---- */

static void test_redirect_text(void **state)
{
	struct rule_set *set = rule_set_new();
	struct rule *rule = rule_set_add(set, "dns");
	char *text;

	(void)state;
	rule->to_port = 5353;
	rule->slot = 258;
	set->loans = 1;
	set->loan[0] = (struct rule_loan){
		.name = "2001:db8::2", .family = 6, .first_port = 61000, .last_port = 61999};
	rule_ranges_add(&set->loan[0].tcp, 2222, 2230);
	text = redirect_text("sfp0-g", set);
	assert_non_null(strstr(text, "ether saddr map { 02:fe:01:00:01:02 : 5353 }"));
	assert_non_null(strstr(text, "ether saddr 02:fe:02:00:00:00 tcp dport { 2222-2230 }"));
	assert_non_null(strstr(text, "snat ip6 to [2001:db8::2]:61000-61999"));
	assert_null(strstr(text, "chain answers"));
	free(text);
	/* by UDP, of overlapping ports */
	rule_ranges_add(&rule->match.protocol, 17, 17);
	rule_ranges_add(&set->loan[0].udp, 5000, 5400);
	rule_ranges_add(&set->loan[0].udp, 5401, 5402);
	text = redirect_text("sfp0-g", set);
	assert_non_null(strstr(text, "udp sport != { 5000-5402 } return"));
	free(text);
	rule_set_free(set);
}

/* ---- the governor ---- */

static void test_governor(void **state)
{
	const struct governor_limits l = {
		.temperature = 85, .cpu = 90, .hold = 10, .back = 60, .steps = 3};
	struct governor g = {0};
	uint64_t now = 100;

	(void)state;
	assert_false(governor_look(&g, &l, now, 90, 10));
	assert_false(governor_look(&g, &l, now + 9, 90, 10));
	assert_true(governor_look(&g, &l, now + 10, 90, 10));
	assert_int_equal(g.step, 1);
	/* in between: neither */
	for (now = 111; now < 400; now++)
		assert_false(governor_look(&g, &l, now, 83, 10));
	for (now = 400; now < 460; now++)
		assert_false(governor_look(&g, &l, now, 60, 85));
	assert_false(governor_look(&g, &l, 500, 60, 80));
	assert_true(governor_look(&g, &l, 560, 60, 80));
	assert_int_equal(g.step, 0);
	for (now = 600; now < 700; now++)
		governor_look(&g, &l, now, -1, 95);
	assert_int_equal(g.step, 3); /* that is all there is */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_learns),	      cmocka_unit_test(test_same_owner),
		cmocka_unit_test(test_forged_source), cmocka_unit_test(test_change_of_owner),
		cmocka_unit_test(test_used_port),     cmocka_unit_test(test_link_and_age),
		cmocka_unit_test(test_gateway),	      cmocka_unit_test(test_adopted),
		cmocka_unit_test(test_redirect_text), cmocka_unit_test(test_governor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
