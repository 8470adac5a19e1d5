// SPDX-License-Identifier: GPL-2.0-or-later
#include "guard.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/api/event.h"
#include "core/api/file.h"
#include "core/api/log.h"
#include "core/api/model.h"
#include "core/api/task.h"
#include "load.h"
#include "paths.h"

enum {
	DEADLINE_MS = 10000,
	AGAIN_MS = 5000,
	FROM = 0xb0,  /* of connections that came through tunnel 0, and so on */
	SITE = 0x1b0, /* of those that go on to the site, beside that */
	SITE_MASK = 0x1f0,
};

struct guard {
	char kept[256]; /* interfaces that forward because of us */
	char *text, *closed;
	struct fer_task *task;
	struct fer_event *again;
	void (*in_force)(void *arg);
	void *arg;
};

/* "22, 443", or nothing */
static void ports(const struct fer_model *at, const char *name, FILE *file)
{
	const struct fer_model *port = fer_model_find(at, name);
	unsigned count = 0;

	for (; port; port = fer_model_next(port))
		fprintf(file, "%s%s", count++ ? ", " : "", fer_model_text(port, NULL));
}

static void own_ports(const struct fer_model *own, const char *protocol, FILE *file)
{
	if (!fer_model_find(own, protocol))
		return;
	fprintf(file, "\t\t%s dport { ", protocol);
	ports(own, protocol, file);
	fprintf(file, " } accept\n");
}

static void ssh_ports(const struct fer_model *ssh, FILE *file)
{
	const struct fer_model *from = fer_model_find(ssh, "from");

	if (ssh && !from)
		fprintf(file, "\t\ttcp dport %s accept\n", fer_model_text(ssh, "listen"));
	for (; from; from = fer_model_next(from)) {
		const char *text = fer_model_text(from, NULL);

		fprintf(file, "\t\t%s saddr %s tcp dport %s accept\n",
			strchr(text, ':') ? "ip6" : "ip", text, fer_model_text(ssh, "listen"));
	}
}

static void console_ports(const struct fer_model *console, FILE *file)
{
	for (; console; console = fer_model_next(console))
		fprintf(file, "\t\ttcp dport %s accept\n", fer_model_text(console, "port"));
}

static void reach_ports(const struct fer_model *reach, const char *protocol, FILE *file)
{
	const char *address = fer_model_text(reach, "address");

	if (!fer_model_find(reach, protocol))
		return;
	fprintf(file, "\t\t%s daddr %s %s dport { ", strchr(address, ':') ? "ip6" : "ip", address,
		protocol);
	ports(reach, protocol, file);
	fprintf(file, " } ct mark set ct mark or %u accept\n", SITE);
}

/* { "oob0", "oob1" } */
static void tunnels(const struct oob_config *c, FILE *file)
{
	char name[16];

	for (unsigned i = 0; i < oob_tunnels(c); i++) {
		oob_interface(c, i, name);
		fprintf(file, "%s \"%s\"", i ? "," : "{", name);
	}
	fprintf(file, " }");
}

/* "WHAT { ... } REST", of the tunnels' interfaces */
static void rule(const struct oob_config *c, const char *what, const char *rest, FILE *file)
{
	fprintf(file, "\t\t%s ", what);
	tunnels(c, file);
	fprintf(file, " %s\n", rest);
}

static void chain(const char *name, const char *hook, FILE *file)
{
	fprintf(file, "\tchain %s {\n\t\ttype filter hook %s priority -5; policy accept;\n", name,
		hook);
}

/* What listens in the tunnel does so nowhere else, whoever sends to its address. Behind what lets
 * in from the tunnel. */
static void own_addresses(const struct oob_config *c, FILE *file)
{
	for (unsigned i = 0; i < c->addresses; i++)
		fprintf(file, "\t\tiifname != \"lo\" %s daddr %.*s drop\n",
			strchr(c->address[i], ':') ? "ip6" : "ip", (int)strcspn(c->address[i], "/"),
			c->address[i]);
}

static void print_input(const struct oob_config *c, FILE *file)
{
	const struct fer_model *own = fer_model_find(c->at, "own");

	fprintf(file, "\tchain from-tunnel {\n"
		      "\t\tct state established,related accept\n"
		      "\t\tmeta l4proto { icmp, ipv6-icmp } accept\n");
	own_ports(own, "tcp", file);
	own_ports(own, "udp", file);
	ssh_ports(fer_model_find(c->at, "ssh"), file);
	console_ports(fer_model_find(c->at, "console"), file);
	fprintf(file, "\t\tcounter reject with icmpx admin-prohibited\n\t}\n");
	chain("input", "input", file);
	rule(c, "iifname", "jump from-tunnel", file);
	own_addresses(c, file);
	fprintf(file, "\t}\n");
}

static void print_forward(const struct oob_config *c, FILE *file)
{
	const struct fer_model *reach = fer_model_find(c->at, "reach");

	fprintf(file, "\tchain through-tunnel {\n"
		      "\t\ttcp flags syn tcp option maxseg size set rt mtu\n"
		      "\t\tct state established,related accept\n");
	for (; reach; reach = fer_model_next(reach)) {
		reach_ports(reach, "tcp", file);
		reach_ports(reach, "udp", file);
	}
	fprintf(file, "\t\tcounter reject with icmpx admin-prohibited\n\t}\n");
	chain("forward", "forward", file);
	rule(c, "iifname", "jump through-tunnel", file);
	rule(c, "oifname", "tcp flags syn tcp option maxseg size set rt mtu", file);
	/* the tunnel is no way out for the site, */
	rule(c, "oifname", "ct state != { established, related } drop", file);
	/* nor is the module a router, though answers are forwarded now */
	if (fer_model_find(c->at, "reach"))
		fprintf(file, "\t\tiifname \"%s\" ct state new drop\n", c->site);
	fprintf(file,
		"\t}\n\tchain source {\n\t\ttype nat hook postrouting priority 100;\n"
		"\t\tct mark and %u == %u masquerade\n\t}\n",
		SITE_MASK, SITE);
}

static void replies(const struct oob_config *c, FILE *file)
{
	for (unsigned i = 0; i < oob_tunnels(c); i++)
		fprintf(file, "\t\tct direction reply ct mark and 0xff == %u meta mark set %u\n",
			FROM + i, PATHS_REPLY + i);
}

/* What came through a tunnel is answered through it, by us and by the site. */
static void print_answers(const struct oob_config *c, FILE *file)
{
	char name[16];

	fprintf(file, "\tchain came {\n\t\ttype filter hook prerouting priority -150;\n");
	for (unsigned i = 0; i < oob_tunnels(c); i++) {
		oob_interface(c, i, name);
		fprintf(file, "\t\tiifname \"%s\" ct direction original ct mark set %u\n", name,
			FROM + i);
	}
	replies(c, file);
	fprintf(file, "\t}\n\tchain answers {\n\t\ttype route hook output priority -150;\n");
	replies(c, file);
	fprintf(file, "\t}\n");
}

/* What the tunnel itself sends never goes into a tunnel. */
static void print_output(const struct oob_config *c, FILE *file)
{
	char rest[40];

	snprintf(rest, sizeof(rest), "meta mark %u drop", PATHS_MARK);
	chain("output", "output", file);
	rule(c, "oifname", rest, file);
	fprintf(file, "\t}\n");
}

static void print_table(const struct oob_config *c, FILE *file,
			void (*print)(const struct oob_config *c, FILE *file))
{
	fprintf(file, "table inet " GUARD_TABLE " {}\ndelete table inet " GUARD_TABLE "\n");
	fprintf(file, "table inet " GUARD_TABLE " {\n");
	print(c, file);
	fprintf(file, "}\n");
}

static void print_all(const struct oob_config *c, FILE *file)
{
	print_input(c, file);
	print_forward(c, file);
	if (oob_tunnels(c) > 1) /* each rule is paid for by each packet */
		print_answers(c, file);
	print_output(c, file);
}

/* For a kernel that does not take all of it: answers to ping, and nothing else. */
static void print_closed(const struct oob_config *c, FILE *file)
{
	chain("input", "input", file);
	rule(c, "iifname", "meta l4proto != { icmp, ipv6-icmp } drop", file);
	rule(c, "iifname", "accept", file);
	own_addresses(c, file);
	fprintf(file, "\t}\n");
	chain("forward", "forward", file);
	rule(c, "iifname", "drop", file);
	fprintf(file, "\t}\n");
}

static char *text_make(const struct oob_config *c,
		       void (*print)(const struct oob_config *c, FILE *file))
{
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	if (!file)
		abort();
	print_table(c, file, print);
	fclose(file);
	return text;
}

/* ---- in force ---- */

static void run(struct guard *g, const char *text,
		void (*done)(void *arg, int code, const char *output))
{
	char *argv[] = {(char *)"/usr/sbin/nft", (char *)"-f", (char *)"-", NULL};
	const struct fer_task_spec task = {
		.name = "nft",
		.argv = argv,
		.capabilities = 1ULL << CAP_NET_ADMIN,
		.input = text,
		.deadline = DEADLINE_MS,
		.done = done,
		.arg = g,
	};

	fer_task_cancel(g->task);
	g->task = fer_task_start(&task);
	if (!g->task)
		fer_timer_start(g->again, AGAIN_MS);
}

static void failed(int code, const char *output)
{
	fer_log_err("oob: nftables do not take the rules: %s",
		    *output ? output : strerror(code < 0 ? -code : EIO));
}

static void closed(void *arg, int code, const char *output)
{
	struct guard *g = arg;

	g->task = NULL;
	if (code) {
		/* a way that nobody guards is not opened */
		failed(code, output);
		fer_timer_start(g->again, AGAIN_MS);
		return;
	}
	fer_log_err("oob: only ping is answered through the tunnel");
	g->in_force(g->arg);
}

static void applied(void *arg, int code, const char *output)
{
	struct guard *g = arg;

	g->task = NULL;
	if (!code) {
		g->in_force(g->arg);
		return;
	}
	failed(code, output);
	run(g, g->closed, closed);
}

static void apply(void *arg)
{
	struct guard *g = arg;

	run(g, g->text, applied);
}

static void texts_free(struct guard *g)
{
	free(g->text);
	free(g->closed);
	g->text = g->closed = NULL;
}

struct guard *guard_new(const char *run_dir, void (*in_force)(void *arg), void *arg)
{
	struct guard *g = calloc(1, sizeof(*g));

	if (!g)
		abort();
	snprintf(g->kept, sizeof(g->kept), "%.200s/oob-forwarding", run_dir);
	g->in_force = in_force;
	g->arg = arg;
	g->again = fer_timer_new(apply, g);
	return g;
}

void guard_free(struct guard *g)
{
	if (!g)
		return;
	fer_task_cancel(g->task);
	fer_event_free(g->again);
	texts_free(g);
	free(g);
}

void guard_apply(struct guard *g, const struct oob_config *c)
{
	texts_free(g);
	g->text = text_make(c, print_all);
	g->closed = text_make(c, print_closed);
	fer_event_stop(g->again);
	apply(g);
}

/* ---- forwarding, of single interfaces ---- */

/* "ipv4/conf/sfp0" */
static int forwarding_write(const char *what, const char *value)
{
	char path[96];
	int fd, err = 0;

	snprintf(path, sizeof(path), "/proc/sys/net/%.60s/forwarding", what);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (write(fd, value, 1) != 1)
		err = -errno;
	close(fd);
	return err;
}

static bool forwards(const char *what)
{
	char path[96], *text;
	bool on;

	snprintf(path, sizeof(path), "/proc/sys/net/%.60s/forwarding", what);
	if (fer_file_read(path, 16, &text, NULL))
		return true; /* there is none to be changed */
	on = *text != '0';
	free(text);
	return on;
}

/* What was off is remembered, and off again when nothing is to be reached. */
static void forward(const struct guard *g, const char *family, const char *interface)
{
	char what[64], lines[2048] = "", *text;

	snprintf(what, sizeof(what), "%s/conf/%s", family, interface);
	if (forwards(what) || forwarding_write(what, "1"))
		return;
	if (!fer_file_read(g->kept, sizeof(lines) - sizeof(what) - 1, &text, NULL)) {
		snprintf(lines, sizeof(lines), "%.1900s", text);
		free(text);
	}
	if (strstr(lines, what))
		return;
	snprintf(lines + strlen(lines), sizeof(lines) - strlen(lines), "%s\n", what);
	fer_file_write(g->kept, lines, strlen(lines), 0600, NULL);
}

static void forwarding_restore(const struct guard *g)
{
	char *text, *save = NULL;

	if (fer_file_read(g->kept, 4096, &text, NULL))
		return;
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		forwarding_write(line, "0");
	free(text);
	unlink(g->kept);
}

static bool reaches(const struct oob_config *c, bool six)
{
	const struct fer_model *at = fer_model_find(c->at, "reach");

	for (; at; at = fer_model_next(at))
		if (!strchr(fer_model_text(at, "address"), ':') == !six)
			return true;
	return false;
}

void guard_forward(struct guard *g, const struct oob_config *c)
{
	static const char *const families[] = {"ipv4", "ipv6"};
	char name[16];

	if (!fer_model_find(c->at, "reach"))
		forwarding_restore(g);
	/* IPv6 only where it is needed: an interface that forwards does not listen to routers */
	for (int six = 0; six < 2; six++) {
		if (!reaches(c, six))
			continue;
		forward(g, families[six], c->site);
		for (unsigned i = 0; i < oob_tunnels(c); i++) {
			oob_interface(c, i, name);
			forward(g, families[six], name);
		}
	}
}

static void cleared(void *arg, int code, const char *output)
{
	struct guard *g = arg;

	g->task = NULL;
	if (code)
		failed(code, output);
}

void guard_clear(struct guard *g)
{
	fer_event_stop(g->again);
	forwarding_restore(g);
	run(g, "table inet " GUARD_TABLE " {}\ndelete table inet " GUARD_TABLE "\n", cleared);
}
