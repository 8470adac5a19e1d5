// SPDX-License-Identifier: GPL-2.0-or-later
#include "rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/api/model.h"
#include "from.h"
#include "guard.h"
#include "load.h"
#include "mtu.h"
#include "paths.h"
#include "space.h"

/* ICMP is 1 and ICMPv6 58: names need /etc/protocols, which may not be there (package netbase). */

/* Connection tracking does not know these (RFC 4861). */
#define NEIGHBOURS "icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept"

enum {
	FROM = 0xb0,  /* of connections that came through tunnel 0, and so on */
	SITE = 0x1b0, /* of those that go on to the site, beside that */
	SITE_MASK = 0x1f0,
	HEADERS = 60, /* IPv6 and TCP, octets */
};

/* "22, 443", or nothing */
static void ports(const struct fer_model *at, const char *name, FILE *file)
{
	const struct fer_model *port = fer_model_find(at, name);
	unsigned count = 0;

	for (; port; port = fer_model_next(port))
		fprintf(file, "%s%s", count++ ? ", " : "", fer_model_text(port, NULL));
}

static const char *word_of(int family)
{
	return family == 6 ? "ip6" : "ip";
}

static int family_of(const char *text)
{
	return strchr(text, ':') ? 6 : 4;
}

/* What the module itself serves in the tunnel: each rule begins with `first` and ends with `last`.
 * family: only of this one; 0: of both. */
struct served {
	const char *first, *last;
	int family;
	FILE *file;
};

static void own_ports(const struct fer_model *own, const char *protocol, const struct served *to)
{
	if (!fer_model_find(own, protocol))
		return;
	fprintf(to->file, "\t\t%s%s dport { ", to->first, protocol);
	ports(own, protocol, to->file);
	fprintf(to->file, " } %s\n", to->last);
}

struct from_rule {
	const struct served *to;
	const char *port;
};

static void port_from_one(void *arg, const char *prefix)
{
	const struct from_rule *rule = arg;
	const struct served *to = rule->to;

	if (!to->family || to->family == family_of(prefix))
		fprintf(to->file, "\t\t%s%s saddr %s tcp dport %s %s\n", to->first,
			word_of(family_of(prefix)), prefix, rule->port, to->last);
}

/* at: with a leaf-list `from`. anybody: who may come is seen to elsewhere. */
static void port_from(const struct oob_config *c, const struct fer_model *at, const char *name,
		      bool anybody, const struct served *to)
{
	struct from_rule rule = {to, fer_model_text(at, name)};

	if (at && (anybody || !fer_model_find(at, "from")))
		fprintf(to->file, "\t\t%stcp dport %s %s\n", to->first, rule.port, to->last);
	else if (at)
		from_each(c, at, port_from_one, &rule);
}

static void console_ports(const struct oob_config *c, bool anybody, const struct served *to)
{
	const struct fer_model *console = fer_model_find(c->at, "console");

	for (; console; console = fer_model_next(console))
		port_from(c, console, "port", anybody, to);
}

static void served_ports(const struct oob_config *c, bool anybody, const struct served *to)
{
	const struct fer_model *own = fer_model_find(c->at, "own");

	own_ports(own, "tcp", to);
	own_ports(own, "udp", to);
	port_from(c, fer_model_find(c->at, "ssh"), "listen", anybody, to);
	console_ports(c, anybody, to);
}

struct reach_rule {
	const struct fer_model *reach;
	const char *protocol;
	FILE *file;
};

/* source: NULL is anybody in the tunnel. */
static void reach_rule(void *arg, const char *source)
{
	const struct reach_rule *rule = arg;
	const char *address = fer_model_text(rule->reach, "address");
	const char *word = word_of(family_of(address));

	if (source && family_of(source) != family_of(address))
		return;
	fprintf(rule->file, "\t\t");
	if (source)
		fprintf(rule->file, "%s saddr %s ", word, source);
	fprintf(rule->file, "%s daddr %s %s dport { ", word, address, rule->protocol);
	ports(rule->reach, rule->protocol, rule->file);
	fprintf(rule->file, " } ct mark set ct mark or %u accept\n", SITE);
}

static void reach_ports(const struct oob_config *c, const struct fer_model *reach,
			const char *protocol, FILE *file)
{
	struct reach_rule rule = {reach, protocol, file};

	if (!fer_model_find(reach, protocol))
		return;
	if (fer_model_find(reach, "from"))
		from_each(c, reach, reach_rule, &rule);
	else
		reach_rule(&rule, NULL);
}

static void all_reach_ports(const struct oob_config *c, FILE *file)
{
	const struct fer_model *reach = fer_model_find(c->at, "reach");

	for (; reach; reach = fer_model_next(reach)) {
		reach_ports(c, reach, "tcp", file);
		reach_ports(c, reach, "udp", file);
	}
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

/* Where what is let in or refused here comes from: the tunnels, or the namespace that has them. */
static void sources(const struct oob_config *c, enum rules_place place, FILE *file)
{
	char near[16];

	if (place == RULES_INSIDE || !*c->space) {
		tunnels(c, file);
		return;
	}
	space_near(c, near);
	fprintf(file, "\"%s\"", near);
}

/* "WHAT { ... } REST" */
static void rule(const struct oob_config *c, enum rules_place place, const char *what,
		 const char *rest, FILE *file)
{
	fprintf(file, "\t\t%s ", what);
	sources(c, place, file);
	fprintf(file, " %s\n", rest);
}

static void chain(const char *name, const char *hook, FILE *file)
{
	fprintf(file, "\tchain %s {\n\t\ttype filter hook %s priority -5; policy accept;\n", name,
		hook);
}

static void own_address(const char *address, FILE *file)
{
	fprintf(file, "\t\tiifname != \"lo\" %s daddr %.*s drop\n", word_of(family_of(address)),
		(int)strcspn(address, "/"), address);
}

/* What listens in the tunnel does so nowhere else, whoever sends to its address. Behind what lets
 * in from the tunnel. */
static void own_addresses(const struct oob_config *c, FILE *file)
{
	for (unsigned i = 0; !*c->space && i < c->addresses; i++)
		own_address(c->address[i], file);
	if (!*c->space)
		return;
	own_address(SPACE_MODULE4, file);
	own_address(SPACE_MODULE6, file);
}

/* ---- without connection tracking ---- */

/*
 * It costs a fifth of what gets through the tunnel, as all that the module sends and receives is
 * tracked once one rule asks for it. So it is asked for only where addresses are changed or
 * answers have a way of their own. Else a TCP connection begins with SYN alone (RFC 9293 3.10.7.2;
 * Linux takes it so), and who was asked by UDP is in a set for a while.
 */
static bool is_tracked(const struct oob_config *c)
{
	return *c->space || oob_marks_answers(c) || fer_model_find(c->at, "reach");
}

static void print_asked(FILE *file)
{
	for (int family = 4; family <= 6; family += 2)
		fprintf(file,
			"\tset asked%d {\n"
			"\t\ttype ipv%d_addr . inet_service . inet_service\n"
			"\t\tflags dynamic,timeout\n\t\ttimeout 2m\n\t\tsize 4096\n\t}\n",
			family, family);
}

static void print_answered(FILE *file)
{
	fprintf(file, "\t\ttcp flags & (syn | ack | rst) != syn accept\n"
		      /* nothing without the first one, which is looked at; IPv4's are one by now */
		      "\t\tfrag frag-off != 0 accept\n");
	for (int family = 4; family <= 6; family += 2)
		fprintf(file, "\t\t%s saddr . udp sport . udp dport @asked%d accept\n",
			word_of(family), family);
}

/* What is served to others are no questions of ours. */
static void print_asking(const struct oob_config *c, FILE *file)
{
	const struct fer_model *own = fer_model_find(c->at, "own");

	if (fer_model_find(own, "udp")) {
		fprintf(file, "\t\tudp sport { ");
		ports(own, "udp", file);
		fprintf(file, " } accept\n");
	}
	for (int family = 4; family <= 6; family += 2)
		fprintf(file, "\t\tupdate @asked%d { %s daddr . udp dport . udp sport }\n", family,
			word_of(family));
}

/* ---- here ---- */

static void print_input(const struct oob_config *c, FILE *file)
{
	const struct served served = {.first = "", .last = "accept", .file = file};

	if (!is_tracked(c))
		print_asked(file);
	fprintf(file, "\tchain from-tunnel {\n");
	if (is_tracked(c))
		fprintf(file, "\t\tct state established,related accept\n");
	else
		print_answered(file);
	fprintf(file, "\t\tmeta l4proto { 1, 58 } accept\n");
	served_ports(c, *c->space, &served);
	fprintf(file, "\t\tcounter reject with icmpx admin-prohibited\n\t}\n");
	chain("input", "input", file);
	rule(c, RULES_HERE, "iifname", "jump from-tunnel", file);
	own_addresses(c, file);
	fprintf(file, "\t}\n");
}

/* Nothing is to be reached. */
static void print_no_forward(const struct oob_config *c, FILE *file)
{
	chain("forward", "forward", file);
	rule(c, RULES_HERE, "iifname", "counter reject with icmpx admin-prohibited", file);
	rule(c, RULES_HERE, "oifname", "drop", file);
	fprintf(file, "\t}\n");
}

static void print_forward(const struct oob_config *c, FILE *file)
{
	char clamp[64];

	fprintf(file, "\tchain through-tunnel {\n"
		      "\t\ttcp flags syn tcp option maxseg size set rt mtu\n"
		      "\t\tct state established,related accept\n");
	all_reach_ports(c, file);
	fprintf(file, "\t\tcounter reject with icmpx admin-prohibited\n\t}\n");
	chain("forward", "forward", file);
	rule(c, RULES_HERE, "oifname", "tcp flags syn tcp option maxseg size set rt mtu", file);
	if (c->mtu > MTU_MOST) { /* the site's packets are not that large: one for one */
		snprintf(clamp, sizeof(clamp), "tcp flags syn tcp option maxseg size set %d",
			 MTU_MOST - HEADERS);
		rule(c, RULES_HERE, "iifname", clamp, file);
		rule(c, RULES_HERE, "oifname", clamp, file);
	}
	rule(c, RULES_HERE, "iifname", "jump through-tunnel", file);
	/* the tunnel is no way out for the site, */
	rule(c, RULES_HERE, "oifname", "ct state != { established, related } drop", file);
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

/* What the tunnel itself sends never goes into a tunnel; and into a namespace goes nothing that
 * did not come from there. */
static void print_output(const struct oob_config *c, FILE *file)
{
	chain("output", "output", file);
	rule(c, RULES_HERE, "oifname !=", "accept", file);
	if (*c->space)
		fprintf(file,
			"\t\t" NEIGHBOURS "\n\t\tct state != { established, related } drop\n");
	else
		fprintf(file, "\t\tmeta mark %u drop\n", PATHS_MARK);
	if (!is_tracked(c))
		print_asking(c, file);
	fprintf(file, "\t}\n");
}

static void print_here(const struct oob_config *c, FILE *file)
{
	print_input(c, file);
	if (is_tracked(c))
		print_forward(c, file);
	else
		print_no_forward(c, file);
	if (!*c->space && oob_marks_answers(c)) /* each rule is paid for by each packet */
		print_answers(c, file);
	print_output(c, file);
}

/* ---- in a namespace ---- */

/* What the module serves is on the other side, at an address of the pair. */
static void print_served(const struct oob_config *c, FILE *file)
{
	char first[200], last[64];
	const struct served served = {.first = first, .last = last, .file = file};

	fprintf(file, "\tchain served {\n\t\ttype nat hook prerouting priority -100;\n");
	for (unsigned i = 0; i < c->addresses; i++) {
		struct served one = served;

		one.family = family_of(c->address[i]);
		snprintf(first, sizeof(first), "iifname != \"" SPACE_INSIDE "\" %s daddr %.*s ",
			 word_of(one.family), (int)strcspn(c->address[i], "/"), c->address[i]);
		snprintf(last, sizeof(last), "dnat %s to %s", word_of(one.family),
			 one.family == 6 ? SPACE_MODULE6 : SPACE_MODULE4);
		served_ports(c, false, &one);
	}
	fprintf(file, "\t}\n");
}

static void print_inside_input(FILE *file)
{
	chain("input", "input", file);
	fprintf(file, "\t\tct state established,related accept\n"
		      "\t\t" NEIGHBOURS "\n"
		      "\t\tiifname \"" SPACE_INSIDE "\" drop\n"
		      "\t\tmeta l4proto { 1, 58 } accept\n"
		      "\t\tcounter reject with icmpx admin-prohibited\n\t}\n");
}

static void print_inside_forward(const struct oob_config *c, FILE *file)
{
	chain("forward", "forward", file);
	fprintf(file, "\t\ttcp flags syn tcp option maxseg size set rt mtu\n"
		      "\t\tct state established,related accept\n"
		      /* neither the module nor its site has a way out through the tunnel, nor has
		       * one tunnel a way into another */
		      "\t\tiifname \"" SPACE_INSIDE "\" drop\n"
		      "\t\toifname != \"" SPACE_INSIDE "\" reject with icmpx admin-prohibited\n"
		      "\t\tct status dnat accept\n");
	all_reach_ports(c, file);
	fprintf(file, "\t\tcounter reject with icmpx admin-prohibited\n\t}\n"
		      "\tchain source {\n\t\ttype nat hook postrouting priority 100;\n"
		      "\t\toifname \"" SPACE_INSIDE "\" masquerade\n\t}\n");
}

static void print_inside(const struct oob_config *c, FILE *file)
{
	print_served(c, file);
	print_inside_input(file);
	print_inside_forward(c, file);
	if (oob_marks_answers(c))
		print_answers(c, file);
}

/* ---- all of it ---- */

/* Also where nobody is let in: ping is answered at the tunnel's own address. */
static void print_closed(const struct oob_config *c, enum rules_place place, FILE *file)
{
	chain("input", "input", file);
	rule(c, place, "iifname", "meta l4proto != { 1, 58 } drop", file);
	rule(c, place, "iifname", "accept", file);
	if (place == RULES_HERE)
		own_addresses(c, file);
	else
		fprintf(file, "\t\t" NEIGHBOURS "\n\t\tiifname \"" SPACE_INSIDE "\" drop\n");
	fprintf(file, "\t}\n");
	chain("forward", "forward", file);
	rule(c, place, "iifname", "drop", file);
	rule(c, place, "oifname", "drop", file);
	fprintf(file, "\t}\n");
}

char *rules_text(const struct oob_config *c, enum rules_place place, bool closed)
{
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	if (!file)
		abort();
	fprintf(file, "table inet " GUARD_TABLE " {}\ndelete table inet " GUARD_TABLE "\n"
		      "table inet " GUARD_TABLE " {\n");
	if (closed)
		print_closed(c, place, file);
	else if (place == RULES_INSIDE)
		print_inside(c, file);
	else
		print_here(c, file);
	fprintf(file, "}\n");
	fclose(file);
	return text;
}
