/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between commit.c, start.c, owed.c and observe.c: what a commit is while it is under way. */
#pragma once

#include <sys/types.h>

#include "commit.h"

struct fer_event;
struct fer_fact_watch;

/* Of the configuration file as it was found right. */
struct edited_mark {
	ino_t inode;
	off_t size;
	time_t seconds;
	long nanoseconds;
};

struct commit {
	const struct schema *schema;
	struct store *store;
	struct commit_parts parts;
	struct document *running;
	struct document *candidate; /* NULL: the running one, and no copy of it */
	unsigned number;	    /* in force */
	bool recorded;		    /* and it is in the history */
	struct edited_mark edited;
	struct store_pending pending; /* number 0: none */
	struct document *before;      /* what it comes back to, held; NULL: only the disk knows */
	struct omissions omissions;   /* of what is in force */
	char *unwritten;	      /* why the disk has something else; NULL: it has not */
	unsigned write_in;	      /* s */
	struct fer_event *owed_timer;
	struct fer_event *timer;
	char *observed; /* before the pending commit; NULL: nothing to compare with */
	struct fer_event *observe_timer;
	unsigned observe_left; /* s */
	char *rolled_back;
	char *differs;
	char *(*observe)(void *arg);
	void *observe_arg;
	char *until; /* who confirms the pending commit; NULL: a human */
	time_t until_after;
	struct fer_fact_watch *until_watch;
	struct operation *operation;	 /* under way; NULL: none */
	struct transaction *transaction; /* of it */
};

/* A commit or a way back, from the request for it to its end. */
struct operation {
	struct commit *commit;
	struct store_entry entry;
	struct store_pending pending;
	char *until;
	char *via;
	char *observed;		 /* before it, where it must be confirmed */
	struct document *before; /* held, likewise */
	unsigned target;	 /* of a way back */
	struct problems problems;
	void (*succeeded)(struct operation *operation);
	commit_seconds_fn *seconds; /* of a way back; NULL: for good */
	bool best_effort;
	bool sure;			 /* whatever it disturbs */
	bool dry;			 /* see transaction.h */
	bool reload;			 /* of the same, as files may have changed */
	bool unwritten;			 /* it is in force, and the disk did not take it */
	const struct commit_part *again; /* that is tried again; NULL: all */
	commit_done_fn *done;
	void *arg;
};

struct operation *operation_new(struct commit *commit, commit_done_fn *done, void *arg);

void operation_end(struct operation *operation, int err);

/* Another one is under way, which a problem says. A try of what was left out gives way. */
bool operation_is_busy(struct commit *commit, struct problems *problems);

/* The configuration file says something that is neither in force nor in `to`; where it is kept. */
bool edited_is(struct commit *commit, const struct document *to);
char *edited_path(const struct commit *commit);
void edited_keep(struct commit *commit, const struct document *to);

/* Brings `to` (which it takes) into force. An entry without a number: nothing is written. */
void operation_transact(struct operation *operation, struct document *to);

/* Back to `number`, as a commit of its own. */
void operation_go_back(struct operation *operation, unsigned number, const char *user,
		       const char *why);

int entry_make(const struct commit *commit, struct store_entry *entry, const char *user,
	       const char *comment, struct problems *problems);

/* Tries for ever what was left out or could not be written. */
void owed_begin(struct commit *commit);
void owed_end(struct commit *commit);

/* Somebody wants something else: a try that is under way is given up. */
void owed_cancel(struct commit *commit);

/* Writes what is in force now. 0 also where nothing is owed. */
int owed_write(struct commit *commit);

/* Says what is left out; part NULL: of all. */
void owed_log(const struct commit *commit, const char *part);

/* The fact `name` confirms what is pending, once it tells of a success after that time. */
void until_begin(struct commit *commit, const char *name, time_t after);
void until_end(struct commit *commit);

/* The deadline runs. */
void pending_arm(struct commit *commit);

/* Confirmed, or undone: 0, or why the disk still says that it waits. */
int pending_clear(struct commit *commit);

/* Compares what is with what was before the commit that came back; until both are equal, or for
 * OBSERVE_SECONDS: addresses take their time. */
enum { OBSERVE_SECONDS = 30 };
void observe_begin(struct commit *commit);
void observe_stop(struct commit *commit);
