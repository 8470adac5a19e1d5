// SPDX-License-Identifier: GPL-2.0-or-later
#include "redirect.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/capability.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
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
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/engine/rules.h"
#include "answers.h"
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
	char *note; /* path: the text that is in force, for the next supervisor */
	char *text; /* to be in force */
	bool in_force;
	char *problem;
	void (*changed)(void *arg);
	void *arg;
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
				 : "\t\tmeta l4proto { 6, 17 } redirect to "
				   "ether saddr map { ");
		mac_text(text, 1, rules->rule[i].slot);
		text_add(text, " : %u", rules->rule[i].to_port);
	}
	if (count)
		text_add(text, " }\n");
}

static void lent_print(struct text *text, unsigned slot, const char *protocol,
		       const struct rule_ranges *ranges)
{
	if (!ranges->count)
		return;
	text_add(text, "\t\tether saddr ");
	mac_text(text, 2, slot);
	text_add(text, " %s dport { ", protocol);
	for (unsigned i = 0; i < ranges->count; i++)
		text_add(text, "%s%u-%u", i ? ", " : "", ranges->at[i].low, ranges->at[i].high);
	text_add(text, " } redirect\n");
}

static void window_print(struct text *text, const char *guest, const struct rule_loan *loan)
{
	const char *six = loan->family == 6 ? "6" : "";

	text_add(text,
		 "\t\toifname \"%s\" meta nfproto ipv%u meta l4proto { 6, 17 } snat ip%s to "
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
	struct rule_ranges ports = answers_ports(rules);
	struct text text = {0};

	text_add(&text, NO_TABLE "table inet " REDIRECT_TABLE " {\n");
	answers_print_sets(&text, &ports);
	text_add(&text,
		 "\tchain arrives {\n\t\ttype nat hook prerouting priority %d;\n"
		 "\t\tiifname != \"%s\" return\n",
		 PRIORITY_IN, guest);
	services_print(&text, rules);
	for (unsigned i = 0; i < rules->loans; i++) {
		lent_print(&text, rules->loan[i].slot, "tcp", &rules->loan[i].tcp);
		lent_print(&text, rules->loan[i].slot, "udp", &rules->loan[i].udp);
	}
	text_add(&text, "\t}\n\tchain leaves {\n\t\ttype nat hook postrouting priority %d;\n",
		 PRIORITY_OUT);
	windows_print(&text, guest, rules);
	text_add(&text, "\t}\n\tchain input {\n\t\ttype filter hook input priority -5;\n");
	answers_print_input(&text, guest, &ports);
	text_add(&text,
		 "\t\tiifname \"%s\" ct status dnat accept\n"
		 "\t\tiifname \"%s\" ct state established,related accept\n"
		 "\t\tiifname \"%s\" drop\n"
		 "\t\tiifname != { \"lo\", \"%s\" } ip daddr " GUEST_ADDRESS4 " drop\n"
		 "\t\tiifname != { \"lo\", \"%s\" } ip6 daddr " GUEST_ADDRESS6 " drop\n",
		 guest, guest, guest, guest, guest);
	text_add(&text,
		 "\t}\n\tchain forward {\n\t\ttype filter hook forward priority -5;\n"
		 "\t\tiifname \"%s\" drop\n\t\toifname \"%s\" drop\n\t}\n",
		 guest, guest);
	answers_print_chain(&text, &ports);
	text_add(&text, "}\n");
	free(ports.at);
	return text_take(&text);
}

/* ---- in force ---- */

/* Said when it is news. */
static void failed(struct redirect *r, int code, const char *output)
{
	const char *why = *output ? output : strerror(code < 0 ? -code : EIO);
	bool first = !r->problem;

	free(r->problem);
	r->problem =
		mem_printf("nftables do not take the rules: %.*s", (int)strcspn(why, "\n"), why);
	if (first)
		fer_log_err("guest: %s", r->problem);
	fer_timer_start(r->again, AGAIN_MS);
}

static void into_force(struct redirect *r)
{
	r->in_force = true;
	r->changed(r->arg);
}

static void done(void *arg, int code, const char *output)
{
	struct redirect *r = arg;

	r->task = NULL;
	if (code) {
		failed(r, code, output);
		return;
	}
	free(r->problem);
	r->problem = NULL;
	into_force(r);
	file_write(r->note, r->text, strlen(r->text), 0600);
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
		failed(r, -EAGAIN, "");
}

struct redirect *redirect_new(const char *run_dir, void (*changed)(void *arg), void *arg)
{
	struct redirect *r = mem_zalloc(sizeof(*r));

	r->note = mem_printf("%s/redirect", run_dir);
	r->changed = changed;
	r->arg = arg;
	r->again = fer_timer_new(apply, r);
	return r;
}

void redirect_free(struct redirect *r)
{
	if (!r)
		return;
	fer_task_cancel(r->task);
	fer_event_free(r->again);
	free(r->note);
	free(r->text);
	free(r->problem);
	free(r);
}

static void out_of_force(struct redirect *r)
{
	r->in_force = false;
	unlink(r->note);
	r->changed(r->arg);
}

/* The supervisor before has put in the same rules: no new flow has to wait for them. */
static bool is_adopted(const struct redirect *r, const char *text)
{
	mem_auto char *noted = NULL;

	return !file_read(r->note, 1 << 20, &noted, NULL) && !strcmp(noted, text) &&
	       redirect_is_there();
}

/* What connections have been redirected by stays as it is, where it is the same. */
static void text_stage(struct redirect *r, char *text)
{
	if (r->text && !strcmp(text, r->text)) {
		free(text);
		return;
	}
	if (!r->text && is_adopted(r, text)) {
		r->text = text;
		into_force(r);
		return;
	}
	free(r->text);
	r->text = text;
	/* what is under way is not what is wanted */
	fer_task_cancel(r->task);
	r->task = NULL;
	fer_event_stop(r->again);
	out_of_force(r);
}

void redirect_stage(struct redirect *r, const char *guest, const struct rule_set *rules)
{
	if (guest)
		text_stage(r, redirect_text(guest, rules));
	else if (r->text || redirect_is_there())
		text_stage(r, mem_strdup(NO_TABLE));
}

void redirect_enforce(struct redirect *r)
{
	if (r->text && !r->in_force && !r->task)
		apply(r);
}

void redirect_look(struct redirect *r)
{
	if (!r->in_force || !strcmp(r->text, NO_TABLE) || redirect_is_there())
		return;
	fer_log_warn("guest: the table %s is gone from nftables; it is put back", REDIRECT_TABLE);
	out_of_force(r);
	apply(r);
}

bool redirect_in_force(const struct redirect *r)
{
	return r->in_force;
}

const char *redirect_problem(const struct redirect *r)
{
	return r->problem;
}

/* ---- what is there ---- */

/* Asked of nf_tables: -ENOENT where there is no such table (nft_get_table() of Linux). */
bool redirect_is_there(void)
{
	struct nl_sock *sk = nl_socket_alloc();
	struct nl_msg *message = nlmsg_alloc_simple(NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETTABLE,
						    NLM_F_REQUEST | NLM_F_ACK);
	struct nfgenmsg head = {.nfgen_family = NFPROTO_INET, .version = NFNETLINK_V0};
	int err = -NLE_NOMEM;

	if (sk && message && !nl_connect(sk, NETLINK_NETFILTER)) {
		nlmsg_append(message, &head, sizeof(head), NLMSG_ALIGNTO);
		nla_put_string(message, NFTA_TABLE_NAME, REDIRECT_TABLE);
		err = nl_send_auto(sk, message);
		if (err >= 0)
			err = nl_recvmsgs_default(sk);
	}
	nlmsg_free(message);
	nl_socket_free(sk);
	return err >= 0;
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
