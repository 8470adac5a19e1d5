// SPDX-License-Identifier: GPL-2.0-or-later
#include "redirect.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/capability.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/api/event.h"
#include "core/api/log.h"
#include "core/api/task.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/engine/rules.h"
#include "guest.h"

enum {
	DEADLINE_MS = 10000,
	AGAIN_MS = 5000,
	PRIORITY_IN = -101, /* before other people's destination NAT (nft(8): dstnat is -100) */
	PRIORITY_OUT = 99,  /* and source NAT */
};

#define NFT	 "/usr/sbin/nft"
#define NO_TABLE "table inet " REDIRECT_TABLE " {}\ndelete table inet " REDIRECT_TABLE "\n"

struct redirect {
	char *text; /* to be in force */
	char *problem;
	struct fer_task *task;
	struct fer_event *again;
};

/* ---- the text ---- */

static void mac_text(struct text *text, unsigned kind, unsigned number)
{
	text_add(text, "02:fe:%02x:00:%02x:%02x", kind, number >> 8, number & 255);
}

/* One rule however many filters there are. */
static void services_print(struct text *text, const struct rule_set *rules)
{
	unsigned count = 0;

	for (unsigned i = 0; i < rules->count; i++) {
		if (!rules->rule[i].to_port)
			continue;
		text_add(text, "%s",
			 count++ ? ", "
				 : "\t\tmeta l4proto { tcp, udp } redirect to "
				   "ether saddr map { ");
		mac_text(text, 1, i);
		text_add(text, " : %u", rules->rule[i].to_port);
	}
	if (count)
		text_add(text, " }\n");
}

static void lent_print(struct text *text, unsigned loan, const char *protocol,
		       const struct rule_ranges *ranges)
{
	if (!ranges->count)
		return;
	text_add(text, "\t\tether saddr ");
	mac_text(text, 2, loan);
	text_add(text, " %s dport { ", protocol);
	for (unsigned i = 0; i < ranges->count; i++)
		text_add(text, "%s%u-%u", i ? ", " : "", ranges->at[i].low, ranges->at[i].high);
	text_add(text, " } redirect\n");
}

static void window_print(struct text *text, const char *guest, const struct rule_loan *loan)
{
	const char *six = loan->family == 6 ? "6" : "";

	text_add(text,
		 "\t\toifname \"%s\" meta nfproto ipv%u meta l4proto { tcp, udp } snat ip%s to "
		 "%s%s%s:%u-%u\n",
		 guest, loan->family, six, *six ? "[" : "", loan->name, *six ? "]" : "",
		 loan->first_port, loan->last_port);
}

/* Connections leave from the first loan of their family that has a window. */
static void windows_print(struct text *text, const char *guest, const struct rule_set *rules)
{
	bool done[7] = {false};

	for (unsigned i = 0; i < rules->loans; i++) {
		const struct rule_loan *loan = &rules->loan[i];

		if (!loan->first_port || done[loan->family])
			continue;
		window_print(text, guest, loan);
		done[loan->family] = true;
	}
}

char *redirect_text(const char *guest, const struct rule_set *rules)
{
	struct text text = {0};

	text_add(&text, NO_TABLE "table inet " REDIRECT_TABLE " {\n");
	text_add(&text,
		 "\tchain arrives {\n\t\ttype nat hook prerouting priority %d;\n"
		 "\t\tiifname != \"%s\" return\n",
		 PRIORITY_IN, guest);
	services_print(&text, rules);
	for (unsigned i = 0; i < rules->loans; i++) {
		lent_print(&text, i, "tcp", &rules->loan[i].tcp);
		lent_print(&text, i, "udp", &rules->loan[i].udp);
	}
	text_add(&text, "\t}\n\tchain leaves {\n\t\ttype nat hook postrouting priority %d;\n",
		 PRIORITY_OUT);
	windows_print(&text, guest, rules);
	text_add(&text,
		 "\t}\n\tchain input {\n\t\ttype filter hook input priority -5;\n"
		 "\t\tiifname \"%s\" ct status dnat accept\n"
		 "\t\tiifname \"%s\" ct state established,related accept\n"
		 "\t\tiifname \"%s\" drop\n"
		 "\t\tiifname != { \"lo\", \"%s\" } ip daddr " GUEST_ADDRESS4 " drop\n"
		 "\t\tiifname != { \"lo\", \"%s\" } ip6 daddr " GUEST_ADDRESS6 " drop\n",
		 guest, guest, guest, guest, guest);
	text_add(&text,
		 "\t}\n\tchain forward {\n\t\ttype filter hook forward priority -5;\n"
		 "\t\tiifname \"%s\" drop\n\t\toifname \"%s\" drop\n\t}\n}\n",
		 guest, guest);
	return text_take(&text);
}

/* ---- in force ---- */

static void done(void *arg, int code, const char *output)
{
	struct redirect *r = arg;
	bool first = !r->problem;

	r->task = NULL;
	free(r->problem);
	r->problem = NULL;
	if (!code)
		return;
	r->problem =
		mem_printf("nftables do not take the rules: %.*s",
			   (int)strcspn(*output ? output : strerror(code < 0 ? -code : EIO), "\n"),
			   *output ? output : strerror(code < 0 ? -code : EIO));
	if (first)
		fer_log_err("guest: %s", r->problem);
	fer_timer_start(r->again, AGAIN_MS);
}

static void apply(void *arg)
{
	struct redirect *r = arg;
	char *argv[] = {(char *)NFT, (char *)"-f", (char *)"-", NULL};
	const struct fer_task_spec task = {
		.name = "nft",
		.argv = argv,
		.capabilities = 1ULL << CAP_NET_ADMIN,
		.input = r->text,
		.deadline = DEADLINE_MS,
		.done = done,
		.arg = r,
	};

	fer_task_cancel(r->task);
	r->task = fer_task_start(&task);
	if (!r->task)
		fer_timer_start(r->again, AGAIN_MS);
}

struct redirect *redirect_new(void)
{
	struct redirect *r = mem_zalloc(sizeof(*r));

	r->again = fer_timer_new(apply, r);
	return r;
}

void redirect_free(struct redirect *r)
{
	if (!r)
		return;
	fer_task_cancel(r->task);
	fer_event_free(r->again);
	free(r->text);
	free(r->problem);
	free(r);
}

static void text_set(struct redirect *r, char *text)
{
	/* what connections have been redirected by stays as it is */
	if (r->text && !strcmp(text, r->text)) {
		free(text);
		return;
	}
	free(r->text);
	r->text = text;
	fer_event_stop(r->again);
	apply(r);
}

void redirect_set(struct redirect *r, const char *guest, const struct rule_set *rules)
{
	text_set(r, redirect_text(guest, rules));
}

void redirect_end(struct redirect *r, bool left)
{
	if (left || r->text)
		text_set(r, mem_strdup(NO_TABLE));
}

const char *redirect_problem(const struct redirect *r)
{
	return r->problem;
}

void redirect_remove(void)
{
	char *argv[] = {(char *)"nft",	(char *)"delete",	(char *)"table",
			(char *)"inet", (char *)REDIRECT_TABLE, NULL};
	char *const env[] = {NULL};
	posix_spawn_file_actions_t actions;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	/* that there is none is no news */
	posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", 1, 0);
	if (!posix_spawn(&pid, NFT, &actions, NULL, argv, env))
		waitpid(pid, NULL, 0);
	posix_spawn_file_actions_destroy(&actions);
}
