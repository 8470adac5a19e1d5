// SPDX-License-Identifier: GPL-2.0-or-later
#include "guard.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "netlink.h"
#include "port.h"

enum {
	LOOK_MS = 500,
	LOOKS = 6, /* with carrier in a row: longer than a supervisor takes, hold times aside */
};

static bool has_carrier(const char *name)
{
	struct link_info info;

	return !netlink_link_get(name, &info) && info.up && info.carrier;
}

/* Another process than the supervisor: it may sleep. */
static void watch(const char *run_dir, const char *fault, const char *held)
{
	const struct timespec pause = {.tv_nsec = LOOK_MS * 1000000L};
	int looks = 0;

	while (port_held(held, run_dir)) {
		looks = has_carrier(fault) ? looks + 1 : 0;
		if (looks > LOOKS && port_let_go(held, run_dir))
			looks = 0;
		nanosleep(&pause, NULL);
	}
}

static void become_guard(const char *run_dir, const char *fault, const char *held)
{
	sigset_t none;

	setsid();
	if (fork())
		_exit(0);
	prctl(PR_SET_NAME, "ferrule-guard");
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (int signal = 1; signal < 32; signal++)
		sigaction(signal, &(struct sigaction){.sa_handler = SIG_DFL}, NULL);
	close_range(3, ~0U, 0);
	watch(run_dir, fault, held);
	_exit(0);
}

int guard_start(const char *run_dir, const char *fault, const char *held)
{
	pid_t child = fork();

	if (child < 0)
		return -errno;
	if (!child)
		become_guard(run_dir, fault, held);
	/* it ends at once, and its own child belongs to init */
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
	return 0;
}
