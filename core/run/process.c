// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A child with a pidfd, moved through the states of machine.h. What happens on the way into each
 * state stands in entered(); everything else turns what was observed into an event.
 */
#include "process.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cgroup.h"
#include "child.h"
#include "core/api/event.h"
#include "core/api/log.h"
#include "core/base/clock.h"
#include "core/base/mem.h"
#include "note.h"
#include "notify.h"
#include "output.h"
#include "ring.h"
#include "shed.h"
#include "spec.h"

static void enter(struct fer_process *p, enum machine_event event);

/* To the process and its helpers, which share its session. */
static void signal_all(const struct fer_process *p, int number)
{
	if (p->pid > 1 && kill(-p->pid, number) && errno == ESRCH)
		kill(p->pid, number);
}

/* Killed for a reason; the rest follows from its exit. */
static void condemn(struct fer_process *p)
{
	p->condemned = true;
	fer_log_warn("%s: %s", p->spec->name, p->reason);
	signal_all(p, SIGKILL);
}

static void note_save(const struct fer_process *p)
{
	struct note note = {
		.pid = p->pid,
		.started = note_start_time(p->pid),
		.version = p->version,
		.ready = p->state == FER_PROCESS_READY,
	};

	snprintf(note.cgroup, sizeof(note.cgroup), "%s", p->cgroup);
	note_write(p->note, &note);
}

/* ---- health ---- */

static void probe_missed(struct fer_process *p, const char *why)
{
	unsigned failures =
		p->spec->patience ? p->spec->patience / PROBE_EVERY : (unsigned)PROBE_FAILURES;

	p->misses++;
	if (p->state == FER_PROCESS_STARTING) {
		snprintf(p->reason, sizeof(p->reason), "starting: %s", why);
		return;
	}
	if (p->state != FER_PROCESS_READY || p->misses < failures || p->condemned)
		return;
	snprintf(p->reason, sizeof(p->reason), "does not serve: %s", why);
	condemn(p);
}

static void probe_fired(void *arg)
{
	struct fer_process *p = arg;
	bool starting = p->state == FER_PROCESS_STARTING;

	if (!p->pid || (!starting && p->state != FER_PROCESS_READY))
		return;
	fer_timer_start(p->probe_timer, starting ? PROBE_STARTING : PROBE_EVERY);
	if (p->asked)
		probe_missed(p, "no answer");
	p->asked = true;
	p->spec->probe(p->spec->arg);
}

void fer_process_probed(struct fer_process *p, bool serving, const char *why)
{
	if (!p->asked)
		return;
	p->asked = false;
	if (!serving) {
		probe_missed(p, why ? why : "no answer");
		return;
	}
	p->misses = 0;
	if (p->state == FER_PROCESS_STARTING)
		enter(p, MACHINE_READY);
}

static void ready_said(void *arg)
{
	struct fer_process *p = arg;

	if (p->state == FER_PROCESS_STARTING)
		enter(p, MACHINE_READY);
}

/* ---- the end of a process ---- */

static void unwatch(struct fer_process *p)
{
	fer_event_free(p->exit_event);
	p->exit_event = NULL;
	if (p->pidfd >= 0)
		close(p->pidfd);
	p->pidfd = -1;
	output_close(p->output);
	p->output = NULL;
	notify_free(p->watch);
	p->watch = NULL;
	fer_event_stop(p->timer);
	fer_event_stop(p->probe_timer);
	turn_done(&p->turn);
	p->pid = 0;
	p->asked = p->condemned = false;
	p->misses = 0;
}

static void exit_describe(struct fer_process *p, int status)
{
	char when[48] = "failed while starting";
	uint64_t s = p->served ? (clock_ms() - p->served) / 1000 : 0;

	if (p->served)
		snprintf(when, sizeof(when), "ended after serving for %llu s",
			 (unsigned long long)s);
	if (p->outgrown)
		snprintf(p->reason, sizeof(p->reason),
			 "%s: needs more memory than its bound of %llu MiB", when,
			 (unsigned long long)p->spec->memory_max >> 20);
	else if (p->adopted)
		snprintf(p->reason, sizeof(p->reason), "%s", when);
	else if (WIFSIGNALED(status))
		snprintf(p->reason, sizeof(p->reason), "%s: signal %d (%s)", when, WTERMSIG(status),
			 strsignal(WTERMSIG(status)));
	else
		snprintf(p->reason, sizeof(p->reason), "%s: exit code %d", when,
			 WEXITSTATUS(status));
}

static enum machine_event exit_judge(struct fer_process *p, int status)
{
	p->verdict = FER_EXIT_AGAIN;
	if (p->state == FER_PROCESS_STOPPING || p->condemned)
		return MACHINE_EXIT;
	exit_describe(p, status);
	if (p->spec->exited && !p->adopted)
		p->verdict = p->spec->exited(p->spec->arg, status, p->reason, sizeof(p->reason));
	if (p->verdict == FER_EXIT_DONE)
		return MACHINE_DONE;
	fer_log_warn("%s: %s", p->spec->name, p->reason);
	return p->verdict == FER_EXIT_FAILED ? MACHINE_FAIL : MACHINE_EXIT;
}

static void exited(void *arg)
{
	struct fer_process *p = arg;
	enum machine_event event;
	pid_t pid = p->pid;
	int status = 0;

	if (!p->adopted && waitpid(pid, &status, WNOHANG) != pid)
		return;
	/* whatever is left of its helpers goes too */
	kill(-pid, SIGKILL);
	p->outgrown = cgroup_outgrown(p->cgroup);
	if (!p->spec->privileged) /* who has logged in stays */
		cgroup_remove(p->cgroup);
	p->cgroup[0] = '\0';
	unlink(p->note);
	output_close(p->output); /* its last words, before its exit is judged */
	p->output = NULL;
	event = exit_judge(p, status);
	unwatch(p);
	enter(p, event);
}

/* ---- the start of one ---- */

static void watch(struct fer_process *p, pid_t pid, bool adopted)
{
	p->pid = pid;
	p->adopted = adopted;
	p->pidfd = syscall(SYS_pidfd_open, pid, 0);
	if (p->pidfd >= 0)
		p->exit_event = fer_reader_new(p->pidfd, exited, p);
}

/* "2026-11-22T18:23:53Z " in front of a line is said by the ring already. */
static const char *time_skip(const char *text)
{
	static const char like[] = "dddd-dd-ddTdd:dd:ddZ ";

	for (size_t i = 0; like[i]; i++)
		if (like[i] == 'd' ? text[i] < '0' || text[i] > '9' : text[i] != like[i])
			return text;
	return text + sizeof(like) - 1;
}

static void line_came(void *arg, char *text)
{
	struct fer_process *p = arg;

	if (p->spec->is_echo && p->spec->is_echo(p->spec->arg, time_skip(text)))
		return;
	ring_add(p->ring, p->spec->name, time_skip(text));
	if (p->spec->line)
		p->spec->line(p->spec->arg, text);
}

static int output_start(struct fer_process *p)
{
	if (!p->output)
		p->output = output_open(p->fifo, line_came, p);
	return p->output ? 0 : -errno;
}

/* Its environment: the spec's, and where it says that it is ready. */
static char **env_make(struct fer_process *p, const char *socket)
{
	char *const *from = p->spec->env;
	size_t count = 0;
	char **env;

	while (from && from[count])
		count++;
	env = mem_zalloc((count + 2) * sizeof(*env));
	for (size_t i = 0; i < count; i++)
		env[i] = mem_strdup(from[i]);
	if (p->spec->ready == FER_READY_NOTIFY)
		env[count] = mem_printf("NOTIFY_SOCKET=%s", socket);
	else if (p->spec->ready == FER_READY_FD)
		env[count] = mem_strdup("READY_FD=3");
	return env;
}

static pid_t spawn(struct fer_process *p)
{
	mem_auto char **argv = spec_argv(p->spec);
	mem_auto char *socket = mem_printf("%s/%s.notify", p->spec->run_dir, p->spec->name);
	struct child child = {
		.argv = argv,
		.bind = p->spec->bind,
		.folder = p->spec->folder,
		.user = p->spec->user,
		.group = p->spec->group,
		.privileged = p->spec->privileged,
		.capabilities = p->spec->capabilities,
		.memory_max = p->spec->data_max ? p->spec->data_max : p->spec->memory_max,
		.nice = p->spec->cpu_max ? 1 : 0,
		.batch = p->spec->batch,
		.cgroup = p->cgroup,
		.input = -1,
		.extra = -1,
	};
	char **env = env_make(p, socket);
	pid_t pid;

	cgroup_make(p->spec->name, p->spec->memory_max, p->spec->cpu_max, p->cgroup,
		    sizeof(p->cgroup));
	child.output = output_end(p->output);
	if (p->spec->ready == FER_READY_NOTIFY)
		p->watch = notify_socket_open(socket, ready_said, p);
	else if (p->spec->ready == FER_READY_FD)
		p->watch = notify_pipe_open(ready_said, p, &child.extra);
	else if (p->spec->descriptor)
		child.extra = p->spec->descriptor(p->spec->arg);
	child.env = env;
	if (p->spec->descriptor && child.extra < 0)
		pid = child.extra;
	else
		pid = child.output < 0 ? -errno : child_start(&child);
	texts_free(env);
	if (child.output >= 0)
		close(child.output);
	if (child.extra >= 0)
		close(child.extra);
	return pid;
}

static void start_failed(struct fer_process *p, int err)
{
	snprintf(p->reason, sizeof(p->reason), "cannot be started: %s", strerror(-err));
	fer_log_warn("%s: %s", p->spec->name, p->reason);
	p->verdict = FER_EXIT_AGAIN;
	unwatch(p);
	enter(p, MACHINE_EXIT);
}

/* Its turn has come. */
static void granted(void *arg)
{
	struct fer_process *p = arg;
	unsigned within = p->spec->ready_within ? p->spec->ready_within : READY_WITHIN;
	int err = output_start(p);
	pid_t pid;

	if (p->spec->starting)
		p->spec->starting(p->spec->arg);
	pid = err ? err : spawn(p);
	if (pid < 0) {
		start_failed(p, pid);
		return;
	}
	p->version = spec_version(p->spec);
	watch(p, pid, false);
	note_save(p);
	snprintf(p->reason, sizeof(p->reason), "starting");
	if (p->spec->ready != FER_READY_ALIVE) {
		fer_timer_start(p->timer, within);
		if (p->spec->ready == FER_READY_PROBE)
			fer_timer_start(p->probe_timer, PROBE_STARTING / 4);
	} else if (p->spec->ready_after) {
		fer_timer_start(p->timer, p->spec->ready_after);
	} else {
		enter(p, MACHINE_READY);
	}
}

/* One from before: as if it had been started just now, but for what it says itself. */
static void adopt(struct fer_process *p, const struct note *note)
{
	unsigned within = p->spec->ready_within ? p->spec->ready_within : READY_WITHIN;

	fer_log_notice("%s: adopted process %d", p->spec->name, note->pid);
	output_start(p);
	p->version = note->version;
	snprintf(p->cgroup, sizeof(p->cgroup), "%s", note->cgroup);
	watch(p, note->pid, true);
	if (note->ready || p->spec->ready != FER_READY_PROBE) {
		enter(p, MACHINE_READY);
		return;
	}
	fer_timer_start(p->timer, within);
	fer_timer_start(p->probe_timer, 0);
}

/* Looks for one from before. */
static bool adopt_any(struct fer_process *p)
{
	struct note note;

	if (note_read(p->note, &note))
		return false;
	adopt(p, &note);
	return true;
}

/* ---- states ---- */

static void entered_stopped(struct fer_process *p)
{
	snprintf(p->reason, sizeof(p->reason), "%s", shed_reason(p));
	p->policy.failures = 0;
	if (p->again) {
		p->again = false;
		enter(p, MACHINE_START);
	} else if (p->spec->stopped) {
		p->spec->stopped(p->spec->arg);
	}
}

static void entered_ready(struct fer_process *p)
{
	turn_done(&p->turn);
	fer_event_stop(p->timer);
	p->reason[0] = '\0';
	p->served = clock_ms();
	note_save(p);
	if (p->spec->ready == FER_READY_PROBE)
		fer_timer_start(p->probe_timer, PROBE_EVERY);
	if (p->spec->serving)
		p->spec->serving(p->spec->arg);
}

static void entered_waiting(struct fer_process *p)
{
	unsigned long served = p->served ? clock_ms() - p->served : 0;
	unsigned delay = policy_delay(&p->policy, p->verdict, served, random());

	p->served = 0;
	p->retry = clock_ms() + delay;
	fer_timer_start(p->timer, delay);
}

static void enter(struct fer_process *p, enum machine_event event)
{
	enum fer_process_state from = p->state;

	p->state = machine_next(from, event);
	if (p->state == from)
		return;
	p->retry = 0;
	fer_event_stop(p->timer);
	switch (p->state) {
	case FER_PROCESS_STARTING:
		if (event == MACHINE_TIMER)
			p->restarts++;
		p->served = 0;
		snprintf(p->reason, sizeof(p->reason), "waits for others to start");
		if (!adopt_any(p))
			turn_take(&p->turn);
		break;
	case FER_PROCESS_READY:
		entered_ready(p);
		break;
	case FER_PROCESS_STOPPING:
		p->served = 0;
		if (!p->pid) { /* it waited for its turn */
			unwatch(p);
			enter(p, MACHINE_EXIT);
			break;
		}
		kill(p->pid, SIGTERM);
		fer_timer_start(p->timer, KILL_AFTER);
		break;
	case FER_PROCESS_BACKOFF:
	case FER_PROCESS_FAILED:
		entered_waiting(p);
		break;
	case FER_PROCESS_STOPPED:
		p->served = 0;
		entered_stopped(p);
		break;
	}
}

static void timer_fired(void *arg)
{
	struct fer_process *p = arg;

	if (p->state == FER_PROCESS_STOPPING) {
		fer_log_warn("%s: did not end on TERM, killed", p->spec->name);
		signal_all(p, SIGKILL);
	} else if (p->state != FER_PROCESS_STARTING) {
		enter(p, MACHINE_TIMER);
	} else if (p->spec->ready == FER_READY_ALIVE) {
		enter(p, MACHINE_READY);
	} else {
		mem_auto char *last = mem_strdup(p->reason);

		snprintf(p->reason, sizeof(p->reason), "not ready in time (%s)", last);
		condemn(p);
	}
}

/* ---- what others call ---- */

struct fer_process *fer_process_new(const struct fer_process_spec *spec)
{
	struct fer_process *p = mem_zalloc(sizeof(*p));

	p->spec = spec_copy(spec);
	p->note = mem_printf("%s/%s.process", spec->run_dir, spec->name);
	p->fifo = mem_printf("%s/%s.output", spec->run_dir, spec->name);
	p->ring = ring_get(p->spec->role);
	p->pidfd = -1;
	p->turn = (struct turn){.granted = granted, .arg = p};
	p->timer = fer_timer_new(timer_fired, p);
	p->probe_timer = fer_timer_new(probe_fired, p);
	snprintf(p->reason, sizeof(p->reason), "stopped");
	shed_add(p);
	return p;
}

void fer_process_start(struct fer_process *p)
{
	if (shed_waits(p))
		return;
	if (p->state == FER_PROCESS_STOPPING)
		p->again = true;
	enter(p, MACHINE_START);
}

/* One that runs, ours or from before, and otherwise than it should: also by a program that an
 * upgrade has replaced since, which nobody would ever notice. */
static bool is_outdated(const struct fer_process *p)
{
	struct note note;

	if (p->pid)
		return p->version != spec_version(p->spec);
	return p->state == FER_PROCESS_STOPPED && !note_read(p->note, &note) &&
	       (note.version != spec_version(p->spec) ||
		(!p->spec->lasting && note_program_is_gone(note.pid)));
}

void fer_process_apply(struct fer_process *p, const struct fer_process_spec *spec)
{
	struct fer_process_spec *old = p->spec;
	bool waiting = p->state == FER_PROCESS_BACKOFF || p->state == FER_PROCESS_FAILED;
	bool same = spec_version(old) == spec_version(spec);
	bool bound = spec->elastic && p->pid && old->memory_max != spec->memory_max;

	p->spec = spec_copy(spec);
	if (bound && same &&
	    cgroup_make(p->spec->name, p->spec->memory_max, p->spec->cpu_max, p->cgroup,
			sizeof(p->cgroup)) &&
	    child_bound(p->pid, p->spec->memory_max))
		fer_log_warn("%s: its new bound of memory counts from its next start on",
			     p->spec->name);
	spec_free(old);
	if (waiting && same)
		return;
	if (waiting)
		p->policy.failures = 0;
	if (is_outdated(p))
		fer_process_restart(p);
	else
		fer_process_start(p);
}

void fer_process_stop(struct fer_process *p)
{
	struct note note;

	p->again = false;
	shed_release(p);
	if (p->state == FER_PROCESS_STOPPED && !note_read(p->note, &note)) {
		output_start(p);
		snprintf(p->cgroup, sizeof(p->cgroup), "%s", note.cgroup);
		watch(p, note.pid, true);
		p->state = FER_PROCESS_READY;
	}
	enter(p, MACHINE_STOP);
}

void fer_process_restart(struct fer_process *p)
{
	fer_process_stop(p);
	fer_process_start(p);
}

int fer_process_signal(struct fer_process *p, int number)
{
	if (!p->pid)
		return -ESRCH;
	return syscall(SYS_pidfd_send_signal, p->pidfd, number, NULL, 0) ? -errno : 0;
}

void fer_process_free(struct fer_process *p)
{
	if (!p)
		return;
	shed_forget(p);
	p->spec->line = NULL; /* its last words go to the log, but to nobody who is about to go */
	unwatch(p);
	fer_event_free(p->timer);
	fer_event_free(p->probe_timer);
	spec_free(p->spec);
	free(p->note);
	free(p->fifo);
	free(p);
}

void fer_process_remove(struct fer_process *p)
{
	unlink(p->fifo);
	unlink(p->note);
	fer_process_free(p);
}

enum fer_process_state fer_process_state(const struct fer_process *p)
{
	return p->state;
}

pid_t fer_process_pid(const struct fer_process *p)
{
	return p->pid;
}

const char *fer_process_reason(const struct fer_process *p)
{
	return p->reason;
}

bool fer_process_adopted(const struct fer_process *p)
{
	return p->adopted;
}
