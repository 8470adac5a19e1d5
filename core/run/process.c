// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A child with a pidfd, its output read line by line, and a note in the run folder by which the
 * next supervisor finds it again: pid and start time, so that a recycled pid is never taken for it.
 */
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/api/event.h"
#include "core/api/log.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "policy.h"

enum { LINE_MAX_LENGTH = 240 };

struct fer_process {
	struct fer_process_spec spec;
	char *name;
	char *note; /* path of the note */
	char *fifo; /* path of its output */
	char **argv;
	struct fer_process_bind *bind;
	enum fer_process_state state;
	struct policy policy;
	pid_t pid;
	int pidfd;
	int output;
	bool adopted;	  /* not our child: its exit has no status */
	uint64_t started; /* ms */
	unsigned restarts;
	char line[LINE_MAX_LENGTH];
	size_t line_length;
	char reason[128];
	struct fer_event *exit_event;
	struct fer_event *output_event;
	struct fer_event *timer;
};

static const enum fer_process_state next_state[][PROCESS_EVENTS] = {
	[FER_PROCESS_STOPPED] = {[PROCESS_START] = FER_PROCESS_STARTING,
				 [PROCESS_ALIVE] = FER_PROCESS_STOPPED,
				 [PROCESS_EXIT] = FER_PROCESS_STOPPED,
				 [PROCESS_TIMER] = FER_PROCESS_STOPPED,
				 [PROCESS_STOP] = FER_PROCESS_STOPPED},
	[FER_PROCESS_STARTING] = {[PROCESS_START] = FER_PROCESS_STARTING,
				  [PROCESS_ALIVE] = FER_PROCESS_READY,
				  [PROCESS_EXIT] = FER_PROCESS_BACKOFF,
				  [PROCESS_TIMER] = FER_PROCESS_READY,
				  [PROCESS_STOP] = FER_PROCESS_STOPPING},
	[FER_PROCESS_READY] = {[PROCESS_START] = FER_PROCESS_READY,
			       [PROCESS_ALIVE] = FER_PROCESS_READY,
			       [PROCESS_EXIT] = FER_PROCESS_BACKOFF,
			       [PROCESS_TIMER] = FER_PROCESS_READY,
			       [PROCESS_STOP] = FER_PROCESS_STOPPING},
	[FER_PROCESS_STOPPING] = {[PROCESS_START] = FER_PROCESS_STOPPING,
				  [PROCESS_ALIVE] = FER_PROCESS_STOPPING,
				  [PROCESS_EXIT] = FER_PROCESS_STOPPED,
				  [PROCESS_TIMER] = FER_PROCESS_STOPPING,
				  [PROCESS_STOP] = FER_PROCESS_STOPPING},
	[FER_PROCESS_BACKOFF] = {[PROCESS_START] = FER_PROCESS_STARTING,
				 [PROCESS_ALIVE] = FER_PROCESS_BACKOFF,
				 [PROCESS_EXIT] = FER_PROCESS_BACKOFF,
				 [PROCESS_TIMER] = FER_PROCESS_STARTING,
				 [PROCESS_STOP] = FER_PROCESS_STOPPED},
};

enum fer_process_state process_next(enum fer_process_state state, enum process_event event)
{
	return next_state[state][event];
}

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ULL + now.tv_nsec / 1000000;
}

static void enter(struct fer_process *p, enum process_event event);

/* ---- the note ---- */

/* Field 22 of /proc/PID/stat (proc(5)); 0 where there is none. */
static uint64_t start_time(pid_t pid)
{
	mem_auto char *path = mem_printf("/proc/%d/stat", pid);
	mem_auto char *text = NULL;
	uint64_t value = 0;
	char *at;

	if (file_read(path, 4096, &text, NULL))
		return 0;
	at = strrchr(text, ')'); /* the name may hold anything */
	for (int field = 2; at && field < 22; field++)
		at = strchr(at + 1, ' ');
	if (at)
		value = strtoull(at + 1, NULL, 10);
	return value;
}

static void note_write(const struct fer_process *p)
{
	mem_auto char *text = mem_printf("%d %" PRIu64 "\n", p->pid, start_time(p->pid));

	file_write(p->note, text, strlen(text), 0600);
}

/* The process of the note, if it still is that one; else 0. */
static pid_t note_read(const struct fer_process *p)
{
	mem_auto char *text = NULL;
	uint64_t started;
	int pid;

	if (file_read(p->note, 256, &text, NULL) ||
	    sscanf(text, "%d %" SCNu64, &pid, &started) != 2)
		return 0;
	return started && start_time(pid) == started ? pid : 0;
}

/* ---- output ---- */

static void line_end(struct fer_process *p)
{
	p->line[p->line_length] = '\0';
	p->line_length = 0;
	if (!p->line[0])
		return;
	fer_log_info("%s: %s", p->name, p->line);
	if (p->spec.line)
		p->spec.line(p->spec.arg, p->line);
}

static void output_ready(void *arg)
{
	struct fer_process *p = arg;
	char data[4096];
	ssize_t n;

	while ((n = read(p->output, data, sizeof(data))) > 0) {
		for (ssize_t i = 0; i < n; i++) {
			if (data[i] == '\n' || p->line_length + 1 == sizeof(p->line))
				line_end(p);
			if (data[i] != '\n')
				p->line[p->line_length++] = data[i];
		}
	}
}

static void output_close(struct fer_process *p)
{
	if (p->output_event)
		output_ready(p);
	fer_event_free(p->output_event);
	p->output_event = NULL;
	if (p->output >= 0)
		close(p->output);
	p->output = -1;
}

/* ---- the child's side ---- */

static void child_binds(const struct fer_process *p)
{
	const struct fer_process_bind *bind = p->bind;

	if (!bind || !bind->to)
		return;
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL)) {
		dprintf(2, "no mount namespace: %s\n", strerror(errno));
		_exit(127);
	}
	for (; bind->to; bind++) {
		if (!mount(bind->from, bind->to, NULL, MS_BIND, NULL))
			continue;
		dprintf(2, "cannot mount %s at %s: %s\n", bind->from, bind->to, strerror(errno));
		_exit(127);
	}
}

static void child_run(const struct fer_process *p, int output)
{
	struct rlimit memory = {p->spec.memory_max, p->spec.memory_max};
	int null = open("/dev/null", O_RDONLY);
	sigset_t none;

	setsid();
	for (int signal_number = 1; signal_number < NSIG; signal_number++)
		signal(signal_number, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	dup2(null, 0);
	dup2(output, 1);
	dup2(output, 2);
	close_range(3, ~0U, 0);
	if (memory.rlim_cur)
		setrlimit(RLIMIT_AS, &memory);
	child_binds(p);
	execv(p->argv[0], p->argv);
	dprintf(2, "cannot run %s: %s\n", p->argv[0], strerror(errno));
	_exit(127);
}

/* ---- life ---- */

static void exited(void *arg);

static void watch(struct fer_process *p, pid_t pid, bool adopted)
{
	p->pid = pid;
	p->adopted = adopted;
	p->started = now_ms();
	p->pidfd = syscall(SYS_pidfd_open, pid, 0);
	if (p->pidfd >= 0)
		p->exit_event = fer_reader_new(p->pidfd, exited, p);
}

/*
 * A named pipe that both ends open for reading and writing: it outlives the supervisor, so that a
 * daemon never writes into nothing, and the next supervisor reads on. The daemon's end does not
 * block: lines are lost while nobody reads, and nothing hangs.
 */
static int output_open(struct fer_process *p)
{
	if (mkfifo(p->fifo, 0600) && errno != EEXIST)
		return -errno;
	p->output = open(p->fifo, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (p->output < 0)
		return -errno;
	p->output_event = fer_reader_new(p->output, output_ready, p);
	return 0;
}

static int spawn(struct fer_process *p)
{
	int end = open(p->fifo, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	sigset_t all, before;
	pid_t pid;
	int err;

	/* Until the child has put the handlers back, a signal to it would be handled as ours: the
	 * loop's handlers write into a pipe that both have. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	pid = end < 0 ? -1 : fork();
	err = -errno;
	if (pid == 0)
		child_run(p, end);
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (end >= 0)
		close(end);
	if (pid < 0)
		return err;
	watch(p, pid, false);
	note_write(p);
	return 0;
}

static void start(struct fer_process *p)
{
	pid_t before = note_read(p);
	int err = output_open(p);

	if (err) {
		before = 0;
	} else if (before) {
		fer_log_notice("%s: adopted process %d", p->name, before);
		watch(p, before, true);
	} else {
		err = spawn(p);
	}
	if (err) {
		snprintf(p->reason, sizeof(p->reason), "cannot be started: %s", strerror(-err));
		enter(p, PROCESS_EXIT);
		return;
	}
	snprintf(p->reason, sizeof(p->reason), "starting");
	if (p->spec.ready_after && !before)
		fer_timer_start(p->timer, p->spec.ready_after);
	else
		enter(p, PROCESS_ALIVE);
}

static void exit_describe(struct fer_process *p, int status)
{
	bool was_ready = p->state == FER_PROCESS_READY;

	if (WIFSIGNALED(status))
		snprintf(p->reason, sizeof(p->reason), "%s by signal %d",
			 was_ready ? "ended" : "ended while starting", WTERMSIG(status));
	else
		snprintf(p->reason, sizeof(p->reason), "%s with code %d",
			 was_ready ? "ended" : "ended while starting", WEXITSTATUS(status));
}

static void unwatch(struct fer_process *p)
{
	fer_event_free(p->exit_event);
	p->exit_event = NULL;
	if (p->pidfd >= 0)
		close(p->pidfd);
	p->pidfd = -1;
	output_close(p);
	fer_event_stop(p->timer);
	p->pid = 0;
}

static void exited(void *arg)
{
	struct fer_process *p = arg;
	bool again = true;
	int status = 0;
	pid_t pid = p->pid;

	if (!p->adopted && waitpid(pid, &status, WNOHANG) != pid)
		return;
	/* its helpers share the session; whatever is left of them goes too */
	kill(-pid, SIGKILL);
	unlink(p->note);
	if (p->adopted)
		snprintf(p->reason, sizeof(p->reason), "ended");
	else
		exit_describe(p, status);
	if (p->state != FER_PROCESS_STOPPING)
		fer_log_warn("%s: %s", p->name, p->reason);
	output_close(p);
	if (p->spec.exited && p->state != FER_PROCESS_STOPPING && !p->adopted)
		again = p->spec.exited(p->spec.arg, WIFEXITED(status) ? WEXITSTATUS(status) : -1,
				       WIFSIGNALED(status) ? WTERMSIG(status) : 0);
	unwatch(p);
	if (!again)
		p->state = FER_PROCESS_STOPPING; /* as if it had been asked to */
	enter(p, PROCESS_EXIT);
}

static void backoff(struct fer_process *p)
{
	unsigned delay = policy_delay(&p->policy, now_ms() - p->started, random());
	size_t used = strlen(p->reason);

	snprintf(p->reason + used, sizeof(p->reason) - used, ", next try in %u.%u s", delay / 1000,
		 delay % 1000 / 100);
	fer_timer_start(p->timer, delay);
}

static void enter(struct fer_process *p, enum process_event event)
{
	enum fer_process_state from = p->state;

	p->state = process_next(from, event);
	if (p->state == from)
		return;
	switch (p->state) {
	case FER_PROCESS_STARTING:
		if (from == FER_PROCESS_BACKOFF)
			p->restarts++;
		start(p);
		break;
	case FER_PROCESS_READY:
		p->reason[0] = '\0';
		break;
	case FER_PROCESS_STOPPING:
		kill(p->pid, SIGTERM);
		fer_timer_start(p->timer, KILL_AFTER);
		break;
	case FER_PROCESS_BACKOFF:
		backoff(p);
		break;
	case FER_PROCESS_STOPPED:
		fer_event_stop(p->timer);
		snprintf(p->reason, sizeof(p->reason), "stopped");
		if (p->spec.stopped)
			p->spec.stopped(p->spec.arg);
		break;
	}
}

static void timer_fired(void *arg)
{
	struct fer_process *p = arg;

	if (p->state == FER_PROCESS_STOPPING && p->pid) {
		kill(-p->pid, SIGKILL);
		return;
	}
	enter(p, p->state == FER_PROCESS_STARTING ? PROCESS_ALIVE : PROCESS_TIMER);
}

/* ---- the object ---- */

static char **argv_copy(char *const *argv)
{
	size_t count = 0;
	char **copy;

	while (argv[count])
		count++;
	copy = mem_zalloc((count + 1) * sizeof(*copy));
	for (size_t i = 0; i < count; i++)
		copy[i] = mem_strdup(argv[i]);
	return copy;
}

static struct fer_process_bind *bind_copy(const struct fer_process_bind *bind)
{
	struct fer_process_bind *copy;
	size_t count = 0;

	if (!bind)
		return NULL;
	while (bind[count].to)
		count++;
	copy = mem_zalloc((count + 1) * sizeof(*copy));
	for (size_t i = 0; i < count; i++) {
		copy[i].from = mem_strdup(bind[i].from);
		copy[i].to = mem_strdup(bind[i].to);
	}
	return copy;
}

struct fer_process *fer_process_new(const struct fer_process_spec *spec)
{
	struct fer_process *p = mem_zalloc(sizeof(*p));

	p->spec = *spec;
	p->name = mem_strdup(spec->name);
	p->note = mem_printf("%s/%s.process", spec->run_dir, spec->name);
	p->fifo = mem_printf("%s/%s.output", spec->run_dir, spec->name);
	p->argv = argv_copy(spec->argv);
	p->bind = bind_copy(spec->bind);
	p->pidfd = p->output = -1;
	p->timer = fer_timer_new(timer_fired, p);
	snprintf(p->reason, sizeof(p->reason), "stopped");
	return p;
}

void fer_process_start(struct fer_process *p)
{
	enter(p, PROCESS_START);
}

void fer_process_stop(struct fer_process *p)
{
	enter(p, PROCESS_STOP);
}

void fer_process_free(struct fer_process *p)
{
	if (!p)
		return;
	unwatch(p);
	fer_event_free(p->timer);
	for (size_t i = 0; p->argv[i]; i++)
		free(p->argv[i]);
	free(p->argv);
	for (size_t i = 0; p->bind && p->bind[i].to; i++) {
		free((char *)p->bind[i].from);
		free((char *)p->bind[i].to);
	}
	free(p->bind);
	free(p->name);
	free(p->note);
	free(p->fifo);
	free(p);
}

enum fer_process_state fer_process_state(const struct fer_process *p)
{
	return p->state;
}

const char *fer_process_state_name(const struct fer_process *p)
{
	static const char *const name[] = {"stopped", "starting", "ready", "stopping", "backoff"};

	return name[p->state];
}

pid_t fer_process_pid(const struct fer_process *p)
{
	return p->pid;
}

unsigned fer_process_restarts(const struct fer_process *p)
{
	return p->restarts;
}

const char *fer_process_reason(const struct fer_process *p)
{
	return p->reason;
}

bool fer_process_adopted(const struct fer_process *p)
{
	return p->adopted;
}
