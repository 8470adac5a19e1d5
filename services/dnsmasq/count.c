// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * dnsmasq tells its counters to those who ask for TXT records of class CHAOS (dnsmasq(8), "cache
 * statistics"). Any answer also says that it serves.
 */
#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <errno.h>
#include <resolv.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/api/event.h"
#include "internal.h"

enum { ANSWER_MAX = 4096 };

static const char *const names[] = {"cachesize.bind", "insertions.bind", "evictions.bind",
				    "misses.bind",    "hits.bind",	 "servers.bind"};

struct counting {
	struct dnsmasq_counters *to;
	void (*heard)(void *arg);
	void *arg;
	int fd;
	unsigned next; /* of names */
	struct fer_event *event;
};

/* "192.0.2.53#53 12 0": address, queries, failed ones */
static void add_upstream(struct dnsmasq_counters *to, const char *text)
{
	struct dnsmasq_upstream upstream = {.address = ""};
	unsigned long long queries, failed;
	char *hash;

	if (sscanf(text, "%63s %llu %llu", upstream.address, &queries, &failed) != 3 ||
	    to->upstreams == sizeof(to->upstream) / sizeof(*to->upstream))
		return;
	hash = strchr(upstream.address, '#');
	if (hash && !strcmp(hash, "#53"))
		*hash = '\0';
	upstream.queries = queries;
	upstream.failed = failed;
	to->upstream[to->upstreams++] = upstream;
}

static void take(struct dnsmasq_counters *to, unsigned which, const char *text)
{
	uint64_t *const counter[] = {&to->cache, &to->insertions, &to->evictions, &to->misses,
				     &to->hits};

	if (which < sizeof(counter) / sizeof(*counter))
		*counter[which] = strtoull(text, NULL, 10);
	else
		add_upstream(to, text);
}

/* The strings of a TXT record, each behind an octet of its length. */
static void take_record(struct dnsmasq_counters *to, unsigned which, const ns_rr *record)
{
	const unsigned char *at = ns_rr_rdata(*record), *end = at + ns_rr_rdlen(*record);
	char text[256];

	while (at < end && at + 1 + *at <= end) {
		memcpy(text, at + 1, *at);
		text[*at] = '\0';
		take(to, which, text);
		at += 1 + *at;
	}
}

/* Which of the names an answer is about; -1: none */
static int name_of(ns_msg *message)
{
	ns_rr question;

	if (ns_parserr(message, ns_s_qd, 0, &question))
		return -1;
	for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcasecmp(ns_rr_name(question), names[i]))
			return i;
	return -1;
}

static void readable(void *arg)
{
	struct counting *c = arg;
	unsigned char packet[ANSWER_MAX];
	ns_msg message;
	ns_rr record;
	ssize_t n;
	int which;

	while ((n = recv(c->fd, packet, sizeof(packet), MSG_DONTWAIT)) > 0) {
		if (ns_initparse(packet, n, &message) || (which = name_of(&message)) < 0)
			continue;
		if (which == 5)
			c->to->upstreams = 0;
		for (int i = 0; i < ns_msg_count(message, ns_s_an); i++)
			if (!ns_parserr(&message, ns_s_an, i, &record) &&
			    ns_rr_type(record) == ns_t_txt)
				take_record(c->to, which, &record);
		c->to->fresh = true;
		c->heard(c->arg);
	}
}

struct counting *counting_new(struct dnsmasq_counters *to, void (*heard)(void *arg), void *arg)
{
	struct sockaddr_in server = {.sin_family = AF_INET,
				     .sin_port = htons(53),
				     .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct counting *c = calloc(1, sizeof(*c));

	if (!c)
		abort();
	c->to = to;
	c->heard = heard;
	c->arg = arg;
	c->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	/* connected: answers of others do not arrive, and a closed port is an error at once */
	if (c->fd >= 0 && !connect(c->fd, (struct sockaddr *)&server, sizeof(server)))
		c->event = fer_reader_new(c->fd, readable, c);
	return c;
}

void counting_free(struct counting *c)
{
	if (!c)
		return;
	fer_event_free(c->event);
	if (c->fd >= 0)
		close(c->fd);
	free(c);
}

int counting_ask(struct counting *c)
{
	unsigned char packet[512];
	int length = res_mkquery(ns_o_query, names[c->next], ns_c_chaos, ns_t_txt, NULL, 0, NULL,
				 packet, sizeof(packet));

	c->next = (c->next + 1) % (sizeof(names) / sizeof(*names));
	if (length < 0 || send(c->fd, packet, length, MSG_DONTWAIT) < 0)
		return length < 0 ? -EINVAL : -errno;
	return 0;
}
