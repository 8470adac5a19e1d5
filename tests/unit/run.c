// SPDX-License-Identifier: GPL-2.0-or-later
/* The pure parts of supervision: states, backoff, turns, and what makes two specs one process. */
#include "unit.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/run/machine.h"
#include "core/run/note.h"
#include "core/run/policy.h"
#include "core/run/spec.h"
#include "core/run/turn.h"

/* ---- states ---- */

static void test_machine(void **state)
{
	static const struct {
		enum fer_process_state from;
		enum machine_event event;
		enum fer_process_state to;
	} drawn[] = {
		{FER_PROCESS_STOPPED, MACHINE_START, FER_PROCESS_STARTING},
		{FER_PROCESS_STARTING, MACHINE_READY, FER_PROCESS_READY},
		{FER_PROCESS_STARTING, MACHINE_EXIT, FER_PROCESS_BACKOFF},
		{FER_PROCESS_STARTING, MACHINE_FAIL, FER_PROCESS_FAILED},
		{FER_PROCESS_STARTING, MACHINE_DONE, FER_PROCESS_STOPPED},
		{FER_PROCESS_STARTING, MACHINE_STOP, FER_PROCESS_STOPPING},
		{FER_PROCESS_READY, MACHINE_EXIT, FER_PROCESS_BACKOFF},
		{FER_PROCESS_READY, MACHINE_FAIL, FER_PROCESS_FAILED},
		{FER_PROCESS_READY, MACHINE_DONE, FER_PROCESS_STOPPED},
		{FER_PROCESS_READY, MACHINE_STOP, FER_PROCESS_STOPPING},
		{FER_PROCESS_STOPPING, MACHINE_EXIT, FER_PROCESS_STOPPED},
		{FER_PROCESS_STOPPING, MACHINE_FAIL, FER_PROCESS_STOPPED},
		{FER_PROCESS_STOPPING, MACHINE_DONE, FER_PROCESS_STOPPED},
		{FER_PROCESS_BACKOFF, MACHINE_TIMER, FER_PROCESS_STARTING},
		{FER_PROCESS_BACKOFF, MACHINE_START, FER_PROCESS_STARTING},
		{FER_PROCESS_BACKOFF, MACHINE_STOP, FER_PROCESS_STOPPED},
		{FER_PROCESS_FAILED, MACHINE_TIMER, FER_PROCESS_STARTING},
		{FER_PROCESS_FAILED, MACHINE_START, FER_PROCESS_STARTING},
		{FER_PROCESS_FAILED, MACHINE_STOP, FER_PROCESS_STOPPED},
	};
	unsigned arrows = 0;

	(void)state;
	for (unsigned i = 0; i < sizeof(drawn) / sizeof(*drawn); i++)
		assert_int_equal(machine_next(drawn[i].from, drawn[i].event), drawn[i].to);
	for (int from = 0; from < MACHINE_STATES; from++)
		for (int event = 0; event < MACHINE_EVENTS; event++)
			arrows += (int)machine_next(from, event) != from;
	/* there is no arrow but the drawn ones */
	assert_int_equal(arrows, sizeof(drawn) / sizeof(*drawn));
}

/* ---- backoff ---- */

static void test_hour_of_crashes(void **state)
{
	struct policy policy = {0};
	unsigned last = 0, starts = 0;

	(void)state;
	for (unsigned long now = 0; now < 3600000; starts++) {
		unsigned delay = policy_delay(&policy, FER_EXIT_AGAIN, 0, 0);

		assert_true(delay >= last || delay >= BACKOFF_MAX * 7 / 8);
		assert_true(delay <= BACKOFF_MAX);
		last = delay;
		now += delay;
	}
	assert_in_range(starts, 60, 90);
	assert_in_range(policy_delay(&policy, FER_EXIT_AGAIN, STABLE_AFTER, 0), 1, BACKOFF_FIRST);
	assert_in_range(policy_delay(&policy, FER_EXIT_AGAIN, 10, ~0U), 1,
			2 * BACKOFF_FIRST * 9 / 8);
}

static void test_verdicts(void **state)
{
	struct policy policy = {.failures = 30};

	(void)state;
	assert_in_range(policy_delay(&policy, FER_EXIT_SOON, 0, 0), 1, BACKOFF_SOON_MAX);
	assert_in_range(policy_delay(&policy, FER_EXIT_SOON, SOON_AFTER, 0), 1, BACKOFF_FIRST);
	assert_in_range(policy_delay(&policy, FER_EXIT_FAILED, 0, 0), BACKOFF_FAILED * 7 / 8,
			BACKOFF_FAILED);
}

static void test_jitter(void **state)
{
	unsigned low = ~0U, high = 0;

	(void)state;
	for (unsigned random = 0; random < 100000; random += 7) {
		struct policy policy = {.failures = 5};
		unsigned delay = policy_delay(&policy, FER_EXIT_AGAIN, 0, random);

		low = delay < low ? delay : low;
		high = delay > high ? delay : high;
	}
	assert_int_equal(low, 16000 - 2000);
	assert_int_equal(high, 16000 + 2000);
}

static void test_hang_is_found_in_time(void **state)
{
	(void)state;
	/* asked just before it hung, then missed each probe */
	assert_true(PROBE_EVERY * (PROBE_FAILURES + 1) < 10000);
}

/* ---- turns ---- */

static void count_granted(void *arg)
{
	++*(unsigned *)arg;
}

static void test_turns(void **state)
{
	struct turn turn[6];
	unsigned granted = 0;

	(void)state;
	for (int i = 0; i < 6; i++) {
		turn[i] = (struct turn){.granted = count_granted, .arg = &granted};
		turn_take(&turn[i]);
		turn_take(&turn[i]); /* a second time changes nothing */
	}
	assert_int_equal(granted, STARTS_AT_ONCE);
	turn_done(&turn[4]); /* gives up while it waits */
	assert_int_equal(granted, STARTS_AT_ONCE);
	turn_done(&turn[0]);
	assert_int_equal(granted, STARTS_AT_ONCE + 1);
	for (int i = 0; i < 6; i++)
		turn_done(&turn[i]);
	assert_int_equal(granted, 5);
}

/* ---- specs and notes ---- */

static void test_spec_version(void **state)
{
	char *argv1[] = {(char *)"/bin/a", (char *)"bc", NULL};
	char *argv2[] = {(char *)"/bin/ab", (char *)"c", NULL};
	struct fer_process_spec spec = {.name = "x", .run_dir = "/tmp", .argv = argv1};
	struct fer_process_spec *copy = spec_copy(&spec);
	uint64_t version = spec_version(&spec);

	(void)state;
	assert_true(spec_version(copy) == version);
	spec_free(copy);
	spec.argv = argv2;
	assert_true(spec_version(&spec) != version);
	spec.argv = argv1;
	spec.user = "u";
	assert_true(spec_version(&spec) != version);
	spec.user = NULL;
	spec.memory_max = 1;
	assert_true(spec_version(&spec) != version);
	spec.memory_max = 0;
	spec.batch = true;
	assert_true(spec_version(&spec) != version);
	spec.batch = false;
	spec.role = "another log is no other process";
	assert_true(spec_version(&spec) == version);
}

static void test_note(void **state)
{
	struct note note = {.pid = getpid(), .started = note_start_time(getpid()), .version = 7};
	char path[] = "/tmp/ferrule-note.XXXXXX";
	struct note read;

	(void)state;
	close(mkstemp(path));
	note.ready = true;
	note_write(path, &note);
	assert_int_equal(note_read(path, &read), 0);
	assert_int_equal(read.pid, getpid());
	assert_true(read.ready && read.version == 7 && !*read.cgroup);
	note.started++; /* the pid, but another process */
	note_write(path, &note);
	assert_int_not_equal(note_read(path, &read), 0);
	unlink(path);
	assert_int_not_equal(note_read(path, &read), 0);
}

static void test_users(void **state)
{
	(void)state;
	assert_int_equal(fer_user_id(NULL), 0);
	assert_int_equal(fer_user_id("root"), 0);
	assert_in_range(fer_user_id("no-such-user-here"), 61184, 65519);
	assert_int_equal(fer_user_id("no-such-user-here"), fer_user_id("no-such-user-here"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_machine),
		cmocka_unit_test(test_hour_of_crashes),
		cmocka_unit_test(test_verdicts),
		cmocka_unit_test(test_jitter),
		cmocka_unit_test(test_hang_is_found_in_time),
		cmocka_unit_test(test_turns),
		cmocka_unit_test(test_spec_version),
		cmocka_unit_test(test_note),
		cmocka_unit_test(test_users),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
