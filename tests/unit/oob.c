// SPDX-License-Identifier: GPL-2.0-or-later
/* The pure parts of the tunnel: the ladder, keys, and what is said on wireguard-go's socket. */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/oob/clock.h"
#include "plugins/oob/ladder.h"
#include "plugins/oob/twokeys.h"
#include "services/wireguard/uapi.h"

/* ---- the ladder ---- */

static struct ladder_input input(uint64_t now, unsigned hubs, unsigned uplinks)
{
	struct ladder_input in = {.now = now, .hubs = hubs, .uplinks = uplinks, .hold = 10000};

	for (unsigned i = 0; i < uplinks; i++)
		in.uplink_usable[i] = true;
	return in;
}

static void test_hub_fails_over_and_back(void **state)
{
	struct ladder ladder = {0};
	struct ladder_input in = input(1000, 2, 0);

	(void)state;
	in.hub_works[0] = in.hub_works[1] = true;
	assert_int_equal(ladder_next(&ladder, &in), LADDER_NONE);
	in.now += 250;
	in.hub_works[0] = false;
	assert_int_equal(ladder_next(&ladder, &in), LADDER_HUB);
	assert_int_equal(ladder.hub, 1);
	/* it works again: not before the hold time */
	in.hub_works[0] = true;
	in.now += 250;
	assert_int_equal(ladder_next(&ladder, &in), LADDER_NONE);
	in.now += 9000;
	assert_int_equal(ladder_next(&ladder, &in), LADDER_NONE);
	in.now += 1000;
	assert_int_equal(ladder_next(&ladder, &in), LADDER_HUB);
	assert_int_equal(ladder.hub, 0);
}

static void test_hold_begins_anew(void **state)
{
	struct ladder ladder = {.hub = 1};
	struct ladder_input in = input(1000, 2, 0);

	(void)state;
	in.hub_works[1] = true;
	for (unsigned i = 0; i < 100; i++, in.now += 3000) {
		in.hub_works[0] = i % 3;
		assert_int_equal(ladder_next(&ladder, &in), LADDER_NONE);
	}
}

static void test_every_rung(void **state)
{
	struct ladder ladder = {0};
	struct ladder_input in = input(1000, 1, 2);
	unsigned seen[LADDER_RESTART + 1] = {0};
	uint64_t uplink_at = 0;

	(void)state;
	in.hub_works[0] = true;
	ladder_next(&ladder, &in);
	in.hub_works[0] = false;
	for (; in.now < 300000; in.now += 250) {
		enum ladder_step step = ladder_next(&ladder, &in);

		seen[step]++;
		if (step == LADDER_UPLINK && !uplink_at)
			uplink_at = in.now;
	}
	/* the other uplink at once; the rest of it again and again, but not in a hurry */
	assert_true(uplink_at && uplink_at <= 1500);
	for (unsigned step = LADDER_RESOLVE; step <= LADDER_RESTART; step++)
		assert_true(seen[step] >= 2);
	assert_true(seen[LADDER_RESTART] <= 300 / 15);
}

static void test_no_carrier(void **state)
{
	struct ladder ladder = {0};
	struct ladder_input in = input(1000, 1, 2);

	(void)state;
	in.hub_works[0] = true;
	in.uplink_usable[0] = false;
	assert_int_equal(ladder_next(&ladder, &in), LADDER_UPLINK);
	assert_int_equal(ladder.uplink, 1);
	/* nothing is usable: stays where it is */
	in.uplink_usable[1] = false;
	in.now += 250;
	assert_int_equal(ladder_next(&ladder, &in), LADDER_NONE);
}

/* A better uplink that looks well and leads nowhere is tried less and less. */
static void test_return_in_vain(void **state)
{
	struct ladder ladder = {0};
	struct ladder_input in = input(1000, 1, 2);
	unsigned early = 0, late = 0;

	(void)state;
	for (; in.now < 2000000; in.now += 250) {
		enum ladder_step step;

		in.hub_works[0] = ladder.uplink == 1;
		step = ladder_next(&ladder, &in);
		if (step == LADDER_UPLINK && ladder.uplink == 0)
			*(in.now < 200000 ? &early : &late) += 1;
	}
	assert_true(early >= 2);
	assert_true(late <= 5);
}

/* ---- keys ---- */

/* RFC 7748 section 6.1 */
static void test_public_key(void **state)
{
	uint8_t key[KEY_OCTETS], public_key[KEY_OCTETS];
	char hex[KEY_HEX], text[KEY_BASE64];

	(void)state;
	assert_true(key_parse_hex("77076d0a7318a57d3c16c17251b26645"
				  "df4c2f87ebc0992ab177fba51db92c2a",
				  key));
	assert_int_equal(key_public(key, public_key), 0);
	key_print_hex(public_key, hex);
	assert_string_equal(hex, "8520f0098930a754748b7ddcb43ef75a"
				 "0dbf3a0d26381af4eba4a98eaa9b4e6a");
	key_print(public_key, text);
	assert_true(key_parse(text, key));
	assert_memory_equal(key, public_key, KEY_OCTETS);
	assert_false(key_parse("abc", key));
	assert_false(key_parse("!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!=", key));
}

/* ---- wireguard-go's socket ---- */

#define HEX(octet) octet octet octet octet octet octet octet octet
#define KEY(octet) HEX(octet) HEX(octet) HEX(octet) HEX(octet)

static void test_reply(void **state)
{
	struct wireguard_state heard;

	(void)state;
	assert_int_equal(
		uapi_parse("private_key=" KEY("01") "\nlisten_port=51820\nfwmark=7\n"
						    "public_key=" KEY(
							    "02") "\nendpoint=192.0.2.1:1\n"
								  "last_handshake_time_sec=5\nlast_"
								  "handshake_time_nsec=6\n"
								  "tx_bytes=7\nrx_bytes=8\nallowed_"
								  "ip=10.0.0.0/8\nerrno=0\n\n",
			   &heard),
		0);
	assert_int_equal(heard.listen_port, 51820);
	assert_int_equal(heard.mark, 7);
	assert_int_equal(heard.peers, 1);
	assert_string_equal(heard.peer[0].endpoint, "192.0.2.1:1");
	assert_int_equal(heard.peer[0].handshake, 5);
	assert_int_equal(heard.peer[0].rx, 8);
	assert_int_equal(uapi_parse("errno=22\n\n", &heard), -22);
	assert_int_equal(uapi_parse("private_key=" KEY("01") "\n", &heard), -EPROTO);
	assert_int_equal(uapi_parse("what is this\n\n", &heard), -EPROTO);
	assert_int_equal(uapi_parse("", &heard), -EPROTO);
}

static char *told(const struct wireguard_config *config, const struct wireguard_state *now,
		  const struct wireguard_config *before)
{
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	uapi_print(config, now, before, false, file);
	fclose(file);
	return text;
}

static void test_request(void **state)
{
	static struct wireguard_config config = {.listen_port = 51820, .mark = 7, .peers = 1};
	static struct wireguard_state now;
	char *text;

	(void)state;
	memset(config.private_key, 1, KEY_OCTETS);
	memset(config.peer[0].public_key, 2, KEY_OCTETS);
	stpcpy(config.peer[0].endpoint, "192.0.2.1:1");
	stpcpy(config.peer[0].allowed[config.peer[0].alloweds++], "10.0.0.0/8");
	text = told(&config, &now, NULL);
	assert_non_null(strstr(text, "private_key=" KEY("01") "\n"));
	assert_non_null(strstr(text, "listen_port=51820\n"));
	assert_non_null(strstr(text, "endpoint=192.0.2.1:1\n"));
	assert_non_null(strstr(text, "allowed_ip=10.0.0.0/8\n"));
	free(text);

	/* it runs so: no new socket, no new session, and a peer that roamed stays where it is */
	memcpy(now.private_key, config.private_key, KEY_OCTETS);
	now.listen_port = 51820;
	now.mark = 7;
	now.peers = 2;
	memset(now.peer[0].public_key, 2, KEY_OCTETS);
	memset(now.peer[1].public_key, 3, KEY_OCTETS);
	text = told(&config, &now, &config);
	assert_null(strstr(text, "private_key"));
	assert_null(strstr(text, "listen_port"));
	assert_null(strstr(text, "endpoint"));
	assert_null(strstr(text, "replace_peers"));
	assert_non_null(strstr(text, "public_key=" KEY("03") "\nremove=true\n"));
	free(text);
}

/* A hub that is to be elsewhere: what is under way from the old endpoint must not count. */
static void test_move(void **state)
{
	static struct wireguard_config before = {.peers = 1}, config;
	static struct wireguard_state now = {.peers = 1};
	char *text;

	(void)state;
	memset(before.peer[0].public_key, 2, KEY_OCTETS);
	memset(now.peer[0].public_key, 2, KEY_OCTETS);
	stpcpy(before.peer[0].endpoint, "192.0.2.1:1");
	stpcpy(now.peer[0].endpoint, "192.0.2.1:1");
	config = before;
	stpcpy(config.peer[0].endpoint, "192.0.2.2:1");
	text = told(&config, &now, &before);
	assert_non_null(
		strstr(text, "public_key=" KEY("02") "\nremove=true\npublic_key=" KEY("02")));
	assert_non_null(strstr(text, "endpoint=192.0.2.2:1\n"));
	free(text);

	/* its handshakes from there prove nothing */
	now.peer[0].handshake = 7;
	assert_int_equal(uapi_handshake_kept(&config, &now, &before), 0);
	assert_int_equal(uapi_handshake_kept(&before, &now, &before), 7);

	/* it is there already, or nobody knows where it is, or it was told nothing: it keeps its
	 * session */
	stpcpy(now.peer[0].endpoint, "192.0.2.2:1");
	assert_false(uapi_moves(&config.peer[0], &now, &before));
	*now.peer[0].endpoint = '\0';
	assert_false(uapi_moves(&config.peer[0], &now, &before));
	stpcpy(now.peer[0].endpoint, "192.0.2.1:1");
	assert_false(uapi_moves(&config.peer[0], &now, NULL));
	assert_true(uapi_moves(&config.peer[0], &now, &before));
	/* one that roamed, and was told nothing else */
	assert_false(uapi_moves(&before.peer[0], &now, &before));
	/* a name that has no address yet is not the address of before */
	*config.peer[0].endpoint = '\0';
	assert_true(uapi_moves(&config.peer[0], &now, &before));
	assert_false(uapi_moves(&config.peer[0], &now, &config));
}

/* ---- a peer with two keys ---- */

static void test_two_keys(void **state)
{
	struct twokeys keys = {0};

	(void)state;
	assert_false(twokeys_hear(&keys, 0, 0));
	assert_false(twokeys_hear(&keys, 1000, 0));
	assert_true(twokeys_hear(&keys, 1000, 1060));
	assert_true(keys.next);
	assert_false(twokeys_hear(&keys, 1000, 1180));
	/* the clock was set back by an hour: what comes is the latest all the same */
	assert_false(twokeys_hear(&keys, 1000, 100));
	assert_true(keys.next);
	assert_true(twokeys_hear(&keys, 50, 100));
	assert_false(twokeys_hear(&keys, 50, 100));
	assert_true(twokeys_hear(&keys, 50, 60));
	assert_true(keys.next);
	/* gone, as it was told anew: no handshake of the other one */
	assert_false(twokeys_hear(&keys, 50, 0));
	assert_true(keys.next);
	/* all that a new supervisor knows, also on a tie */
	keys = (struct twokeys){0};
	assert_true(twokeys_hear(&keys, 1000, 1060));
	keys = (struct twokeys){0};
	assert_false(twokeys_hear(&keys, 1000, 1000));
	keys = (struct twokeys){.next = true};
	assert_false(twokeys_hear(&keys, 1000, 1000));
	assert_true(keys.next);
}

/* ---- the clock ---- */

/* Power may go at any moment, with hubs whose handshakes have the turns of the protocol; the clock
 * that is put back then has passed what they took, or does so soon. */
static void test_saved_often_enough(void **state)
{
	const uint64_t start = 1790000000;
	struct clock clock = {0};
	uint64_t saved = 0, last[2] = {0}, writes = 0;

	(void)state;
	assert_false(clock_is_due(&clock, 0, 1000));
	clock.ours = true;
	assert_true(clock_is_due(&clock, 0, 1000));
	clock = (struct clock){0};
	for (uint64_t ms = 1000; ms < 3600000; ms += 250) {
		/* one answers every 121 s, the other every 127 s, for half an hour; then none */
		uint64_t s = start + ms / 1000, answers = ms < 1800000;

		last[0] = answers && !(ms % 121000) ? s : last[0];
		last[1] = answers && !(ms % 127000) ? s : last[1];
		if (clock_is_due(&clock, last[0] > last[1] ? last[0] : last[1], ms)) {
			saved = s;
			writes++;
		}
		if (answers && saved)
			assert_true(saved + 15 >= last[0] && saved + 15 >= last[1]);
		/* stamps are sent all the same */
		if (saved)
			assert_true(s - saved <= 150);
	}
	assert_true(writes >= 3600 / 150 && writes <= 2 * 3600 / 121);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hub_fails_over_and_back),
		cmocka_unit_test(test_hold_begins_anew),
		cmocka_unit_test(test_every_rung),
		cmocka_unit_test(test_no_carrier),
		cmocka_unit_test(test_return_in_vain),
		cmocka_unit_test(test_public_key),
		cmocka_unit_test(test_reply),
		cmocka_unit_test(test_request),
		cmocka_unit_test(test_move),
		cmocka_unit_test(test_two_keys),
		cmocka_unit_test(test_saved_often_enough),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
