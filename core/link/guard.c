// SPDX-License-Identifier: GPL-2.0-or-later
#include "guard.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/mem.h"
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

/* By the note in its lock: to try the lock itself could keep a supervisor from starting. */
static bool is_supervised(const char *run_dir)
{
	mem_auto char *lock = mem_printf("%s/lock", run_dir);
	mem_auto char *pid = NULL;
	mem_auto char *comm = NULL;
	mem_auto char *path = NULL;

	if (file_read(lock, 32, &pid, NULL))
		return false;
	path = mem_printf("/proc/%d/comm", atoi(pid));
	return !file_read(path, 64, &comm, NULL) && !strncmp(comm, "ferruled", 8);
}

/* One of a port is enough. One that is about to end makes room within a look. */
static bool is_first(const char *run_dir, const char *held)
{
	const struct timespec pause = {.tv_nsec = LOOK_MS * 1000000L};
	mem_auto char *path = mem_printf("%s/guard-%s", run_dir, held);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	for (int i = 0; fd >= 0 && i < 4; i++) {
		if (!flock(fd, LOCK_EX | LOCK_NB))
			return true; /* the descriptor stays open for as long as we live */
		nanosleep(&pause, NULL);
	}
	return false;
}

/* Another process than the supervisor: it may sleep. */
static void watch(const char *run_dir, const char *fault, const char *held)
{
	const struct timespec pause = {.tv_nsec = LOOK_MS * 1000000L};
	int looks = 0;

	while (port_held(held, run_dir)) {
		looks = has_carrier(fault) ? looks + 1 : 0;
		if (looks > LOOKS && !is_supervised(run_dir))
			port_let_go(held, run_dir);
		nanosleep(&pause, NULL);
	}
}

static void become_guard(const char *run_dir, const char *fault, const char *held)
{
	sigset_t none;
	pid_t child;

	setsid();
	child = fork();
	if (child)
		_exit(child < 0);
	prctl(PR_SET_NAME, "ferrule-guard");
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (int signal = 1; signal < 32; signal++)
		sigaction(signal, &(struct sigaction){.sa_handler = SIG_DFL}, NULL);
	close_range(3, ~0U, 0);
	if (is_first(run_dir, held))
		watch(run_dir, fault, held);
	_exit(0);
}

int guard_start(const char *run_dir, const char *fault, const char *held)
{
	pid_t child = fork();
	int status = 0;

	if (child < 0)
		return -errno;
	if (!child)
		become_guard(run_dir, fault, held);
	/* it ends at once, and its own child belongs to init */
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return status ? -EAGAIN : 0;
}
