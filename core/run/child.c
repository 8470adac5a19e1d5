// SPDX-License-Identifier: GPL-2.0-or-later
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cgroup.h"
#include "core/api/service.h"

enum { UID_FIRST = 61184, UID_LAST = 65519, ENV_MAX = 16 };

uid_t fer_user_id(const char *name)
{
	struct passwd *entry = name ? getpwnam(name) : NULL;
	uint32_t hash = 2166136261u; /* FNV-1a */

	if (!name)
		return 0;
	if (entry)
		return entry->pw_uid;
	for (; *name; name++)
		hash = (hash ^ (unsigned char)*name) * 16777619u;
	return UID_FIRST + hash % (UID_LAST - UID_FIRST + 1);
}

gid_t fer_group_id(const char *name)
{
	struct passwd *entry = name ? getpwnam(name) : NULL;

	return entry ? entry->pw_gid : fer_user_id(name);
}

/* A group that the machine does not have is nobody's. */
static gid_t group_id(const char *name)
{
	struct group *entry = getgrnam(name);

	return entry ? entry->gr_gid : fer_user_id(name);
}

static void die(const char *what, const char *which)
{
	dprintf(2, "%s%s: %s\n", what, which, strerror(errno));
	_exit(127);
}

static void enter_binds(const struct fer_process_bind *bind)
{
	if (!bind || !bind->to)
		return;
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		die("no mount namespace", "");
	for (; bind->to; bind++)
		if (mount(bind->from, bind->to, NULL, MS_BIND, NULL))
			die("cannot mount at ", bind->to);
}

/* What is not in the bounding set cannot come back, by no program and no file capability. */
static void bound_capabilities(uint64_t keep)
{
	for (int cap = 0; cap <= CAP_LAST_CAP; cap++)
		if (!(keep >> cap & 1) && prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) && errno != EINVAL)
			die("cannot give up a capability", "");
}

static void set_capabilities(uint64_t keep)
{
	struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct data[2] = {
		{keep, keep, keep},
		{keep >> 32, keep >> 32, keep >> 32},
	};

	if (syscall(SYS_capset, &header, data))
		die("cannot set capabilities", "");
	for (int cap = 0; cap <= CAP_LAST_CAP; cap++)
		if (keep >> cap & 1 && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0))
			die("cannot keep a capability", "");
}

static void become(const struct child *child, uid_t uid, gid_t gid)
{
	if (child->privileged)
		return;
	bound_capabilities(child->capabilities);
	if (uid) {
		if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) || setgroups(0, NULL) ||
		    setresgid(gid, gid, gid) || setresuid(uid, uid, uid))
			die("cannot become user ", child->user);
		set_capabilities(child->capabilities);
	}
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		die("cannot give up new privileges", "");
}

static void set_bounds(const struct child *child)
{
	struct rlimit memory = {child->memory_max, child->memory_max};
	struct rlimit core = {0, 0};
	const struct sched_param none = {0};

	if (child->cgroup && *child->cgroup) {
		if (cgroup_enter(child->cgroup))
			die("cannot enter cgroup ", child->cgroup);
	} else {
		if (child->memory_max && setrlimit(RLIMIT_DATA, &memory))
			die("cannot bound the memory", "");
		if (child->nice)
			setpriority(PRIO_PROCESS, 0, child->nice);
	}
	if (child->batch)
		sched_setscheduler(0, SCHED_BATCH, &none);
	setrlimit(RLIMIT_CORE, &core);
}

static void set_descriptors(const struct child *child)
{
	int input = child->input >= 0 ? child->input : open("/dev/null", O_RDONLY);

	dup2(input, 0);
	dup2(child->output, 1);
	dup2(child->output, 2);
	if (child->extra >= 0 && child->extra != 3)
		dup2(child->extra, 3);
	else if (child->extra == 3)
		fcntl(3, F_SETFD, 0);
	close_range(child->extra >= 0 ? 4 : 3, ~0U, 0);
}

static void run(const struct child *child, uid_t uid, gid_t gid)
{
	char *env[ENV_MAX + 3] = {(char *)"PATH=/usr/sbin:/usr/bin:/sbin:/bin",
				  (char *)"LANG=C.UTF-8"};
	sigset_t none;

	setsid();
	for (int number = 1; number < NSIG; number++)
		signal(number, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	set_descriptors(child);
	for (int i = 0; child->env && child->env[i] && i < ENV_MAX; i++)
		env[i + 2] = child->env[i];
	set_bounds(child);
	enter_binds(child->bind);
	if (chdir(child->folder ? child->folder : "/"))
		die("cannot work in ", child->folder);
	become(child, uid, gid);
	execve(child->argv[0], child->argv, env);
	die("cannot run ", child->argv[0]);
}

pid_t child_start(const struct child *child)
{
	/* read files: not between fork and exec */
	uid_t uid = fer_user_id(child->user);
	gid_t gid = child->group ? group_id(child->group) : fer_group_id(child->user);
	sigset_t all, before;
	pid_t pid;
	int err;

	/* Until the child has put the handlers back, a signal to it would be handled as ours: the
	 * loop's handlers write into a pipe that both have. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	pid = fork();
	err = -errno;
	if (pid == 0)
		run(child, uid, gid);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return pid < 0 ? err : pid;
}

int child_bound(pid_t pid, uint64_t memory_max)
{
	const struct rlimit limit = {memory_max, memory_max};

	return prlimit(pid, RLIMIT_DATA, &limit, NULL) ? -errno : 0;
}
