// SPDX-License-Identifier: GPL-2.0-or-later
#include "guard.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/api/log.h"
#include "core/api/model.h"
#include "core/api/task.h"
#include "load.h"

enum { DEADLINE_MS = 10000, MARK = 0x0b };

/* "22, 443", or nothing */
static unsigned ports(const struct fer_model *at, const char *name, FILE *file)
{
	const struct fer_model *port = fer_model_find(at, name);
	unsigned count = 0;

	for (; port; port = fer_model_next(port))
		fprintf(file, "%s%s", count++ ? ", " : "", fer_model_text(port, NULL));
	return count;
}

static void own_ports(const struct fer_model *own, const char *protocol, FILE *file)
{
	if (!fer_model_find(own, protocol))
		return;
	fprintf(file, "\t\t%s dport { ", protocol);
	ports(own, protocol, file);
	fprintf(file, " } accept\n");
}

static void reach_ports(const struct fer_model *reach, const char *protocol, FILE *file)
{
	const char *address = fer_model_text(reach, "address");

	if (!fer_model_find(reach, protocol))
		return;
	fprintf(file, "\t\t%s daddr %s %s dport { ", strchr(address, ':') ? "ip6" : "ip", address,
		protocol);
	ports(reach, protocol, file);
	fprintf(file, " } ct mark set %u accept\n", MARK);
}

static void print_input(const struct oob_config *c, FILE *file)
{
	const struct fer_model *own = fer_model_find(c->at, "own");

	fprintf(file, "\tchain from-tunnel {\n"
		      "\t\tct state established,related accept\n"
		      "\t\tmeta l4proto { icmp, ipv6-icmp } accept\n");
	own_ports(own, "tcp", file);
	own_ports(own, "udp", file);
	fprintf(file,
		"\t\tcounter reject with icmpx admin-prohibited\n\t}\n"
		"\tchain input {\n\t\ttype filter hook input priority -5; policy accept;\n"
		"\t\tiifname \"%s*\" jump from-tunnel\n\t}\n",
		c->base);
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
	fprintf(file,
		"\t\tcounter reject with icmpx admin-prohibited\n\t}\n"
		"\tchain forward {\n\t\ttype filter hook forward priority -5; policy accept;\n"
		"\t\tiifname \"%s*\" jump through-tunnel\n"
		"\t\toifname \"%s*\" tcp flags syn tcp option maxseg size set rt mtu\n"
		/* the tunnel is no way out for the site */
		"\t\toifname \"%s*\" ct state != { established, related } drop\n\t}\n"
		"\tchain source {\n\t\ttype nat hook postrouting priority 100;\n"
		"\t\tct mark %u oifname != \"%s*\" masquerade\n\t}\n",
		c->base, c->base, c->base, MARK, c->base);
}

/* What of the module itself goes in: nothing but what has its address in there. */
static void print_output(const struct oob_config *c, FILE *file)
{
	fprintf(file,
		"\tchain output {\n\t\ttype filter hook output priority -5; policy accept;\n"
		"\t\toifname \"%s*\" meta mark %u drop\n\t}\n",
		c->base, 0x0b0b0b);
}

void guard_print(const struct oob_config *c, FILE *file)
{
	fprintf(file, "table inet " GUARD_TABLE " {}\ndelete table inet " GUARD_TABLE "\n");
	fprintf(file, "table inet " GUARD_TABLE " {\n");
	print_input(c, file);
	print_forward(c, file);
	print_output(c, file);
	fprintf(file, "}\n");
}

/* ---- in force ---- */

struct closed {
	char base[16];
};

static void run(const char *text, void (*done)(void *arg, int code, const char *output), void *arg);

static void done(void *arg, int code, const char *output)
{
	free(arg);
	if (code)
		fer_log_err("oob: nftables do not take the rules: %s",
			    *output ? output : strerror(code < 0 ? -code : EIO));
}

/* Rules that a kernel does not take must not leave the way open: then nothing new comes in. */
static void applied(void *arg, int code, const char *output)
{
	struct closed *closed = arg;
	char text[640];

	if (code) {
		snprintf(text, sizeof(text),
			 "table inet " GUARD_TABLE " {}\ndelete table inet " GUARD_TABLE "\n"
			 "table inet " GUARD_TABLE " {\n"
			 "\tchain input {\n\t\ttype filter hook input priority -5; policy accept;\n"
			 "\t\tiifname \"%s*\" meta l4proto != { icmp, ipv6-icmp } drop\n\t}\n"
			 "\tchain forward {\n\t\ttype filter hook forward priority -5; policy "
			 "accept;\n"
			 "\t\tiifname \"%s*\" drop\n\t}\n}\n",
			 closed->base, closed->base);
		fer_log_err("oob: only ping is answered through the tunnel");
		run(text, done, NULL);
	}
	done(arg, code, output);
}

static void run(const char *text, void (*done_fn)(void *arg, int code, const char *output),
		void *arg)
{
	char *argv[] = {(char *)"/usr/sbin/nft", (char *)"-f", (char *)"-", NULL};
	const struct fer_task_spec task = {
		.name = "nft",
		.argv = argv,
		.capabilities = 1ULL << CAP_NET_ADMIN,
		.input = text,
		.deadline = DEADLINE_MS,
		.done = done_fn,
		.arg = arg,
	};

	if (fer_task_start(&task))
		return;
	fer_log_err("oob: nft cannot be started: apt-get install nftables");
	free(arg);
}

/* Of one interface: the module does not become a router between others. */
static void forwarding(const char *interface)
{
	static const char *const paths[] = {"/proc/sys/net/ipv4/conf/%s/forwarding",
					    "/proc/sys/net/ipv6/conf/%s/forwarding"};
	char path[96];

	for (int i = 0; i < 2; i++) {
		int fd;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(path, sizeof(path), paths[i], interface);
#pragma GCC diagnostic pop
		fd = open(path, O_WRONLY | O_CLOEXEC);
		if (fd < 0)
			continue;
		if (write(fd, "1", 1) != 1)
			fer_log_warn("oob: %s: %s", path, strerror(errno));
		close(fd);
	}
}

void guard_apply(const struct oob_config *c)
{
	struct closed *closed;
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	if (!file)
		abort();
	guard_print(c, file);
	fclose(file);
	closed = calloc(1, sizeof(*closed));
	if (!closed)
		abort();
	memcpy(closed->base, c->base, sizeof(closed->base));
	run(text, applied, closed);
	free(text);
}

void guard_forward(const struct oob_config *c)
{
	char name[16];

	if (!fer_model_find(c->at, "reach"))
		return;
	for (unsigned i = 0; i <= c->hubs; i++) {
		oob_interface(c, i, name);
		forwarding(name);
	}
	for (unsigned i = 0; i < c->uplinks; i++)
		forwarding(c->uplink[i]);
}

void guard_clear(void)
{
	run("table inet " GUARD_TABLE " {}\ndelete table inet " GUARD_TABLE "\n", done, NULL);
}
