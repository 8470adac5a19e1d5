// SPDX-License-Identifier: GPL-2.0-or-later
#include "access.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/api/file.h"
#include "core/api/log.h"
#include "core/api/model.h"
#include "core/api/state.h"
#include "core/api/task.h"
#include "load.h"
#include "services/netdev/prefix.h"

#define TABLE	 "ferrule-lan"
#define NO_TABLE "table inet " TABLE " {}\ndelete table inet " TABLE "\n"

enum { DEADLINE_MS = 10000, CONNECTIONS = 64 /* of one client to the web server */ };

struct access {
	char note[300]; /* path: what is in force, for the next supervisor */
	char *text;	/* in force, or on its way */
	struct fer_task *task;
	bool unbounded; /* connections of one client are not counted */
	char problem[200];
};

/* ---- prefixes ---- */

static void prefix_line(const struct prefix *prefix, FILE *file)
{
	char text[PREFIX_TEXT];

	prefix_print(prefix, text);
	fprintf(file, "\t\t%s saddr %s return\n", prefix->family == AF_INET ? "ip" : "ip6", text);
}

static unsigned mask_length(const uint8_t *octets, unsigned count)
{
	unsigned length = 0;

	for (unsigned i = 0; i < count; i++)
		length += __builtin_popcount(octets[i]);
	return length;
}

static bool network_of(const struct ifaddrs *i, struct prefix *to)
{
	*to = (struct prefix){.family = i->ifa_addr->sa_family};
	if (to->family == AF_INET) {
		memcpy(to->octets, &((struct sockaddr_in *)i->ifa_addr)->sin_addr, 4);
		to->length = mask_length(
			(uint8_t *)&((struct sockaddr_in *)i->ifa_netmask)->sin_addr, 4);
	} else if (to->family == AF_INET6) {
		memcpy(to->octets, &((struct sockaddr_in6 *)i->ifa_addr)->sin6_addr, 16);
		to->length = mask_length(
			(uint8_t *)&((struct sockaddr_in6 *)i->ifa_netmask)->sin6_addr, 16);
	} else {
		return false;
	}
	prefix_network(to);
	return true;
}

/* Also the one that it is about to have, and those behind a relay. */
static void own_networks(const struct lan_config *lan, FILE *file)
{
	const struct fer_model *subnet = fer_model_find(lan->at, "dhcp/subnet");
	struct ifaddrs *all = NULL;
	struct prefix prefix = {.family = AF_INET, .length = lan->own.length};

	fprintf(file, "\t\tip6 saddr fe80::/10 return\n");
	memcpy(prefix.octets, &lan->own.address, 4);
	prefix_network(&prefix);
	if (lan->own.known)
		prefix_line(&prefix, file);
	for (; subnet; subnet = fer_model_next(subnet))
		if (prefix_parse(fer_model_text(subnet, "prefix"), &prefix)) {
			prefix_network(&prefix);
			prefix_line(&prefix, file);
		}
	if (getifaddrs(&all))
		return;
	for (struct ifaddrs *i = all; i; i = i->ifa_next)
		if (i->ifa_addr && i->ifa_netmask && !strcmp(i->ifa_name, lan->interface) &&
		    network_of(i, &prefix))
			prefix_line(&prefix, file);
	freeifaddrs(all);
}

/* ---- the table ---- */

static void chain(const struct lan_config *lan, const char *name, FILE *file)
{
	const struct fer_model *from = fer_model_find(fer_model_find(lan->at, name), "from");
	struct prefix prefix;

	fprintf(file, "\tchain %s {\n", name);
	if (!from)
		own_networks(lan, file);
	for (; from; from = fer_model_next(from))
		if (prefix_parse(fer_model_text(from, NULL), &prefix)) {
			prefix_network(&prefix);
			prefix_line(&prefix, file);
		}
	fprintf(file, "\t\tcounter drop\n\t}\n");
}

/* One client that opens connections and says nothing leaves room for others. */
static void client_sets(FILE *file)
{
	for (int family = 4; family <= 6; family += 2)
		fprintf(file,
			"\tset clients%d {\n\t\ttype ipv%d_addr\n\t\tsize 4096\n"
			"\t\tflags dynamic\n\t}\n",
			family, family);
}

static void client_bounds(unsigned port, FILE *file)
{
	for (int family = 4; family <= 6; family += 2)
		fprintf(file,
			"\t\ttcp dport %u ct state new add @clients%d { ip%s saddr ct count over "
			"%d } "
			"counter reject with tcp reset\n",
			port, family, family == 6 ? "6" : "", CONNECTIONS);
}

/* bounded: as this kernel can count connections. */
static char *text_make(const struct lan_config *lan, bool bounded)
{
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	if (!file)
		abort();
	fprintf(file, NO_TABLE);
	if (lan->on) {
		fprintf(file, "table inet " TABLE " {\n");
		chain(lan, "dns", file);
		chain(lan, "boot", file);
		if (lan->boot && bounded)
			client_sets(file);
		fprintf(file,
			"\tchain input {\n\t\ttype filter hook input priority -4;\n"
			"\t\tiifname != \"%s\" return\n",
			lan->interface);
		if (lan->dnsmasq.dns)
			fprintf(file, "\t\tudp dport 53 jump dns\n\t\ttcp dport 53 jump dns\n");
		if (lan->boot && bounded)
			client_bounds(lan->dnsmasq.http_port, file);
		if (lan->boot)
			fprintf(file, "\t\tudp dport 69 jump boot\n\t\ttcp dport %u jump boot\n",
				lan->dnsmasq.http_port);
		fprintf(file, "\t}\n}\n");
	}
	fclose(file);
	return text;
}

/* ---- in force ---- */

static void done(void *arg, int code, const char *output)
{
	struct access *a = arg;
	const char *why = code < 0 ? strerror(-code) : output;
	bool first = !*a->problem;

	a->task = NULL;
	if (code > 0 && !a->unbounded && strstr(a->text, "ct count")) {
		/* nft_connlimit may be what is missing: tried without it at the next look */
		fer_log_warn("lan: connections of one client cannot be bounded here: %.*s",
			     (int)strcspn(output, "\n"), output);
		a->unbounded = true;
		free(a->text);
		a->text = NULL;
		return;
	}
	if (!code) {
		a->problem[0] = '\0';
		if (!strcmp(a->text, NO_TABLE))
			unlink(a->note);
		else
			fer_file_write(a->note, a->text, strlen(a->text), 0600, NULL);
		return;
	}
	snprintf(a->problem, sizeof(a->problem), "nftables do not take the rules: %.*s",
		 (int)strcspn(why, "\n"), why);
	if (first)
		fer_log_err("lan: anybody may ask: %s", a->problem);
	/* tried again at the next look */
	free(a->text);
	a->text = NULL;
}

void access_apply(struct access *a, const struct lan_config *lan)
{
	char *argv[] = {(char *)"/usr/sbin/nft", (char *)"-f", (char *)"-", NULL};
	struct fer_task_spec task = {
		.name = "nft",
		.argv = argv,
		.capabilities = 1ULL << CAP_NET_ADMIN,
		.deadline = DEADLINE_MS,
		.done = done,
		.arg = a,
	};
	char *text;

	/* nothing was ever there */
	if (!lan->on && !a->text && access(a->note, F_OK))
		return;
	text = text_make(lan, !a->unbounded);
	if (a->text && !strcmp(text, a->text)) {
		free(text);
		return;
	}
	fer_task_cancel(a->task);
	free(a->text);
	a->text = text;
	task.input = text;
	a->task = fer_task_start(&task);
	if (!a->task)
		done(a, -EAGAIN, "");
}

struct access *access_new(const char *run_dir)
{
	struct access *a = calloc(1, sizeof(*a));

	if (!a)
		abort();
	snprintf(a->note, sizeof(a->note), "%.250s/lan-access", run_dir);
	return a;
}

void access_free(struct access *a)
{
	if (!a)
		return;
	fer_task_cancel(a->task);
	free(a->text);
	free(a);
}

void access_show(const struct access *a, struct fer_state *state)
{
	if (*a->problem)
		fer_state_trouble(state, "lan", "access", true,
				  "anybody may ask for names and boot files: %s", a->problem);
}
