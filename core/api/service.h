/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One supervised process: started, watched, and tried again for ever, slower and slower. It
 * outlives the supervisor and is adopted by the next one.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct fer_process;
struct fer_state;

enum fer_process_state {
	FER_PROCESS_STOPPED,
	FER_PROCESS_STARTING,
	FER_PROCESS_READY,
	FER_PROCESS_STOPPING,
	FER_PROCESS_BACKOFF, /* tried again soon, later each time */
	FER_PROCESS_FAILED,  /* somebody must do something; tried again all the same, rarely */
};

/* What an exit means. */
enum fer_exit {
	FER_EXIT_AGAIN,	 /* tried again with a growing backoff */
	FER_EXIT_SOON,	 /* something outside is missing: tried again within seconds */
	FER_EXIT_FAILED, /* its configuration: trying does not help, telling the user does */
	FER_EXIT_DONE,	 /* it has done what it should: left stopped */
};

/* How a process says that it serves. */
enum fer_ready {
	FER_READY_ALIVE,  /* it lived for `ready_after` */
	FER_READY_NOTIFY, /* READY=1 to $NOTIFY_SOCKET (sd_notify(3)) */
	FER_READY_FD,	  /* a line to the descriptor $READY_FD (as s6 has it) */
	FER_READY_PROBE,  /* an answer to `probe`, which goes on to be asked afterwards */
};

/* A folder or file that the process sees in place of another: it gets a mount namespace. */
struct fer_process_bind {
	const char *from;
	const char *to;
};

struct fer_process_spec {
	const char *name; /* unique; in logs, status and the run folder */
	const char *role; /* whose log it writes; NULL: its own, under its name */
	const char *run_dir;
	char *const *argv;		     /* up to a NULL; argv[0] is a path */
	char *const *env;		     /* NAME=VALUE up to a NULL; may be NULL */
	const struct fer_process_bind *bind; /* up to one without `to`; may be NULL */
	const char *folder;		     /* to work in, as it sees it; NULL: / */
	const char *user;      /* NULL: root. An unknown name becomes a number, see fer_user_id() */
	const char *group;     /* instead of the user's own; NULL: that one */
	bool privileged;       /* a login daemon as root: nothing is taken from it */
	uint64_t capabilities; /* that it keeps, 1 << CAP_x (capabilities(7)); others never come
				  back */
	uint64_t memory_max;   /* octets, 0: no bound. cgroup v2, or RLIMIT_DATA */
	uint64_t data_max;     /* octets of RLIMIT_DATA instead of memory_max, for what reserves
				  more than it uses; 0: memory_max */
	bool lasting; /* others feel its restart: one whose program was replaced runs on, and is
			 said */
	bool elastic; /* another memory_max is no other process: the one that runs gets it */
	bool batch;   /* SCHED_BATCH (sched(7)): woken up, it waits for the others' turn to end, and
			 finds more to do at once */
	unsigned cpu_max; /* percent of one CPU, 0: no bound. cgroup v2, or a nice value */
	enum fer_ready ready;
	unsigned ready_after;  /* ms that it must live, with FER_READY_ALIVE; 0: at once */
	unsigned ready_within; /* ms until a start has failed; 0: 10 s */
	unsigned patience;     /* ms without an answer until it is hung; 0: 8 s */
	const char *version; /* of its configuration: another one is another process. May be NULL */

	/* Before each start: what the one before left half done is put right. May be NULL. */
	void (*starting)(void *arg);
	/* One more argument for this start, that another one does without; NULL: none. May be NULL.
	 */
	const char *(*extra)(void *arg);
	/* Opened before each start, and the process has it as descriptor 3. Not with FER_READY_FD.
	 * A negative errno: the start has failed. May be NULL. */
	int (*descriptor)(void *arg);
	/* Asks whether it serves; the answer comes by fer_process_probed(), or never. */
	void (*probe)(void *arg);
	/* An exit of its own, status as of waitpid(2). May be NULL: FER_EXIT_AGAIN. `why` may be
	 * overwritten with what the user should know. */
	enum fer_exit (*exited)(void *arg, int status, char *why, unsigned size);
	/* It serves, after each start: time to put back what went with the one before. May be NULL.
	 */
	void (*serving)(void *arg);
	/* It was told to stop, and has. May be NULL. */
	void (*stopped)(void *arg);
	/* True: the line is an echo of our own probe, and goes nowhere. May be NULL. */
	bool (*is_echo)(void *arg, const char *line);
	/* A line that it wrote. May be NULL; the line goes to the log all the same. */
	void (*line)(void *arg, const char *line);
	void *arg;
};

/* Copies the spec. A process of the same name that still runs from before is adopted by start. */
struct fer_process *fer_process_new(const struct fer_process_spec *spec);

/*
 * Runs it so. One that runs so already, ours or from before, is left alone; one that runs otherwise
 * (arguments, user, limits or version differ) is stopped, and started anew when it is gone.
 */
void fer_process_apply(struct fer_process *process, const struct fer_process_spec *spec);

void fer_process_start(struct fer_process *process);

/* TERM, and KILL after some time. One from before that was not adopted yet is found and stopped. */
void fer_process_stop(struct fer_process *process);

/* Stops and starts, by intention: no backoff, no restart counted. */
void fer_process_restart(struct fer_process *process);

/* A signal to it, where it runs. 0 or a negative errno. */
int fer_process_signal(struct fer_process *process, int signal);

/* The answer to `probe`; why: what is wrong, where it is not serving. */
void fer_process_probed(struct fer_process *process, bool serving, const char *why);

/* Frees the object; the process itself goes on. */
void fer_process_free(struct fer_process *process);

/* Of one that has stopped and will not be again: what is in the run folder of it goes, too. */
void fer_process_remove(struct fer_process *process);

enum fer_process_state fer_process_state(const struct fer_process *process);
pid_t fer_process_pid(const struct fer_process *process);

/* Found running at the start, not started by this supervisor. */
bool fer_process_adopted(const struct fer_process *process);

/* Why it is not serving, in words; "" where it is. */
const char *fer_process_reason(const struct fer_process *process);

/* Shows it as a `service` of ferrule-control.yang. */
void fer_process_show(const struct fer_process *process, struct fer_state *state);

/*
 * The number of a user. A name that the machine does not have becomes a number of the range that
 * systemd keeps for such (61184 to 65519), always the same one.
 */
uid_t fer_user_id(const char *name);

/* Of its primary group; of such a number the same number. */
gid_t fer_group_id(const char *name);
