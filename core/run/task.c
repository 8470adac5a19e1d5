// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/api/task.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "core/api/event.h"
#include "core/base/mem.h"
#include "core/base/text.h"

enum { OUTPUT_MAX = 64 * 1024 };

struct fer_task {
	pid_t pid;
	int pidfd;
	int output;
	bool late;
	struct text text;
	struct fer_event *exit_event;
	struct fer_event *output_event;
	struct fer_event *deadline;
	void (*done)(void *arg, int code, const char *output);
	void *arg;
};

static void output_read(void *arg)
{
	struct fer_task *task = arg;
	char data[4096];
	ssize_t n;

	while ((n = read(task->output, data, sizeof(data))) > 0)
		if (task->text.length + n <= OUTPUT_MAX)
			text_add_octets(&task->text, data, n);
	if (n == 0)
		fer_event_stop(task->output_event);
}

static void task_free(struct fer_task *task)
{
	fer_event_free(task->exit_event);
	fer_event_free(task->output_event);
	fer_event_free(task->deadline);
	if (task->pidfd >= 0)
		close(task->pidfd);
	close(task->output);
	text_clear(&task->text);
	free(task);
}

static void task_exited(void *arg)
{
	struct fer_task *task = arg;
	int status, code = -EINTR;

	if (waitpid(task->pid, &status, WNOHANG) != task->pid)
		return;
	kill(-task->pid, SIGKILL);
	output_read(task);
	if (task->late)
		code = -ETIMEDOUT;
	else if (WIFEXITED(status))
		code = WEXITSTATUS(status);
	if (task->done)
		task->done(task->arg, code, task->text.data ? task->text.data : "");
	task_free(task);
}

static void task_late(void *arg)
{
	struct fer_task *task = arg;

	task->late = true;
	if (kill(-task->pid, SIGKILL))
		kill(task->pid, SIGKILL);
}

/* A descriptor that reads as the text. */
static int input_make(const char *text)
{
	int fd;

	if (!text)
		return -1;
	fd = memfd_create("input", MFD_CLOEXEC);
	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		return fd;
	lseek(fd, 0, SEEK_SET);
	return fd;
}

struct fer_task *fer_task_start(const struct fer_task_spec *spec)
{
	struct child child = {
		.argv = spec->argv,
		.env = spec->env,
		.bind = spec->bind,
		.user = spec->user,
		.capabilities = spec->capabilities,
		.extra = -1,
	};
	struct fer_task *task;
	int fd[2];
	pid_t pid;

	if (pipe2(fd, O_CLOEXEC))
		return NULL;
	fcntl(fd[0], F_SETFL, O_NONBLOCK);
	child.output = fd[1];
	child.input = input_make(spec->input);
	pid = child_start(&child);
	close(fd[1]);
	if (child.input >= 0)
		close(child.input);
	if (pid < 0) {
		close(fd[0]);
		return NULL;
	}
	task = mem_zalloc(sizeof(*task));
	task->pid = pid;
	task->output = fd[0];
	task->done = spec->done;
	task->arg = spec->arg;
	task->pidfd = syscall(SYS_pidfd_open, pid, 0);
	task->exit_event = fer_reader_new(task->pidfd, task_exited, task);
	task->output_event = fer_reader_new(task->output, output_read, task);
	task->deadline = fer_timer_new(task_late, task);
	fer_timer_start(task->deadline, spec->deadline);
	return task;
}

void fer_task_cancel(struct fer_task *task)
{
	int status;

	if (!task)
		return;
	/* a child that was killed is gone at once: waiting for it blocks nothing */
	task_late(task);
	waitpid(task->pid, &status, 0);
	task_free(task);
}
