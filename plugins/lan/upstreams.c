// SPDX-License-Identifier: GPL-2.0-or-later
#include "upstreams.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <errno.h>
#include <fcntl.h>
#include <resolv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/api/event.h"
#include "core/api/log.h"
#include "core/api/model.h"
#include "core/api/state.h"

enum {
	TURN_MS = 1000,
	QUICK = 5, /* turns a second, while the way is not there: it counts from its first moment */
	EVERY_S = 30,	/* while all is well */
	FAILED_S = 5,	/* until it is well again */
	WAIT_S = 2,	/* for an answer */
	TRIES = 2,	/* in vain, before it is silent: a datagram may be lost */
	LARGEST = 1232, /* octets, of an answer (DNS Flag Day 2020) */
};

/* What it answers. */
enum health { UNKNOWN, NO_WAY, WELL, REFUSES, FAILS, STRIPS, SILENT };

static const char *const word[] = {"unknown", "no route",      "well",	"refuses",
				   "fails",   "no signatures", "silent"};

struct upstream {
	struct upstreams *all;
	char address[64];
	enum health health;
	unsigned in;	/* s, to the next question */
	unsigned asked; /* s that an answer is waited for; 0: none is */
	unsigned tries;
	unsigned short id;
	int fd;
	struct fer_event *reader;
};

struct upstreams {
	void (*changed)(void *arg);
	void *arg;
	bool dnssec;
	struct fer_event *timer;
	unsigned quick; /* turns since the last whole second */
	struct upstream at[UPSTREAMS_MAX];
	unsigned count;
	const char *bad[UPSTREAMS_MAX + 1];
};

/* ---- who is left out ---- */

static bool is_bad(enum health health)
{
	return health == FAILS || health == STRIPS;
}

/* Those that answer what they are asked for, as far as this can be known. */
static unsigned well_count(const struct upstreams *all)
{
	unsigned well = 0;

	for (unsigned i = 0; i < all->count; i++)
		well += all->at[i].health == WELL || all->at[i].health == REFUSES;
	return well;
}

static void bad_find(struct upstreams *all)
{
	const char *bad[UPSTREAMS_MAX + 1] = {NULL};
	unsigned count = 0;

	for (unsigned i = 0; i < all->count; i++) {
		if (is_bad(all->at[i].health))
			bad[count++] = all->at[i].address;
	}
	/* where none is well, who knows */
	if (!well_count(all))
		memset(bad, 0, sizeof(bad));
	if (!memcmp(bad, all->bad, sizeof(bad)))
		return;
	memcpy(all->bad, bad, sizeof(bad));
	all->changed(all->arg);
}

static void closed(struct upstream *u)
{
	fer_event_free(u->reader);
	if (u->fd >= 0)
		close(u->fd);
	u->reader = NULL;
	u->fd = -1;
	u->asked = 0;
}

static void found(struct upstream *u, enum health health)
{
	enum health before = u->health;

	closed(u);
	u->tries = health == SILENT ? u->tries + 1 : 0;
	u->in = health == WELL ? EVERY_S
		: well_count(u->all) || is_bad(health)
			? FAILED_S
			: 1; /* nobody works, or the way is not there yet */
	if (health == SILENT && u->tries < TRIES && before != SILENT) {
		u->in = 1;
		return;
	}
	u->health = health;
	if (health == before)
		return;
	if (health == WELL && before != UNKNOWN)
		fer_log_notice("lan: upstream %s is well", u->address);
	else if (health != WELL && health != NO_WAY)
		fer_log_warn("lan: upstream %s: %s", u->address, word[health]);
	bad_find(u->all);
}

/* ---- the answer ---- */

/* Signatures are in it (RFC 4035 section 3.2.1), or it does not fit into a datagram. */
static bool is_signed(const ns_msg *message)
{
	ns_rr record;

	if (ns_msg_getflag(*message, ns_f_tc))
		return true;
	for (int i = 0; i < ns_msg_count(*message, ns_s_an); i++)
		if (!ns_parserr((ns_msg *)message, ns_s_an, i, &record) &&
		    ns_rr_type(record) == ns_t_rrsig)
			return true;
	return false;
}

static enum health judge(const struct upstream *u, const ns_msg *message)
{
	switch (ns_msg_getflag(*message, ns_f_rcode)) {
	case ns_r_noerror:
		return u->all->dnssec && !is_signed(message) ? STRIPS : WELL;
	case ns_r_nxdomain:
		return u->all->dnssec ? STRIPS : WELL;
	case ns_r_refused: /* it may know names of its own, and dnsmasq waits for others */
		return REFUSES;
	default:
		return FAILS;
	}
}

static void readable(void *arg)
{
	struct upstream *u = arg;
	unsigned char answer[LARGEST * 2];
	ssize_t length = recv(u->fd, answer, sizeof(answer), 0);
	ns_msg message;

	if (length < 0 && errno == EAGAIN)
		return;
	if (length < 0) /* an ICMP error */
		found(u, SILENT);
	else if (!ns_initparse(answer, length, &message) && ns_msg_id(message) == u->id &&
		 ns_msg_getflag(message, ns_f_qr))
		found(u, judge(u, &message));
}

/* ---- the question ---- */

/* The record OPT with the bit DO (RFC 6891, 3225). */
static int add_edns(unsigned char *question, int length)
{
	static const unsigned char opt[] = {0, 0, ns_t_opt, LARGEST >> 8, LARGEST & 255, 0, 0, 0x80,
					    0, 0, 0};

	memcpy(question + length, opt, sizeof(opt));
	question[11]++; /* additional records */
	return length + sizeof(opt);
}

static int question_make(struct upstream *u, unsigned char *question, size_t size)
{
	int type = u->all->dnssec ? ns_t_dnskey : ns_t_ns;
	int length = res_mkquery(ns_o_query, ".", ns_c_in, type, NULL, 0, NULL, question, size);

	if (length < 12)
		return -1;
	if (getrandom(&u->id, sizeof(u->id), GRND_NONBLOCK) != sizeof(u->id))
		u->id++;
	question[0] = u->id >> 8;
	question[1] = u->id & 255;
	question[2] |= 1; /* recursion is desired */
	return u->all->dnssec ? add_edns(question, length) : length;
}

static int connected(const char *address)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(53)};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(53)};
	bool six = strchr(address, ':');
	int fd = socket(six ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int err;

	if (fd < 0)
		return -1;
	if (six)
		err = inet_pton(AF_INET6, address, &in6.sin6_addr) != 1 ||
		      connect(fd, (struct sockaddr *)&in6, sizeof(in6));
	else
		err = inet_pton(AF_INET, address, &in.sin_addr) != 1 ||
		      connect(fd, (struct sockaddr *)&in, sizeof(in));
	if (!err)
		return fd;
	err = errno;
	close(fd);
	errno = err;
	return -1;
}

static void ask(struct upstream *u)
{
	unsigned char question[NS_PACKETSZ];
	int length = question_make(u, question, sizeof(question) - 16);

	u->fd = length > 0 ? connected(u->address) : -1;
	if (u->fd < 0 && (errno == ENETUNREACH || errno == EADDRNOTAVAIL)) {
		found(u, NO_WAY);
		return;
	}
	if (u->fd < 0 || send(u->fd, question, length, 0) != length) {
		found(u, SILENT);
		return;
	}
	u->asked = WAIT_S;
	u->reader = fer_reader_new(u->fd, readable, u);
}

/* Each second. */
static void look(struct upstream *u)
{
	if (u->asked && !--u->asked)
		found(u, SILENT);
	else if (!u->asked && !(u->in && --u->in))
		ask(u);
}

static void turn(void *arg)
{
	struct upstreams *all = arg;
	bool quick = false, whole;

	for (unsigned i = 0; i < all->count; i++) {
		if (all->at[i].health == NO_WAY && !all->at[i].asked)
			ask(&all->at[i]);
		quick = quick || all->at[i].health == NO_WAY;
	}
	whole = !quick || ++all->quick >= QUICK;
	for (unsigned i = 0; whole && i < all->count; i++)
		look(&all->at[i]);
	if (whole)
		all->quick = 0;
	fer_timer_start(all->timer, quick ? TURN_MS / QUICK : TURN_MS);
}

/* ---- all of them ---- */

struct upstreams *upstreams_new(void (*changed)(void *arg), void *arg)
{
	struct upstreams *all = calloc(1, sizeof(*all));

	if (!all)
		abort();
	all->changed = changed;
	all->arg = arg;
	all->timer = fer_timer_new(turn, all);
	return all;
}

static void clear(struct upstreams *all)
{
	for (unsigned i = 0; i < all->count; i++)
		closed(&all->at[i]);
	all->count = 0;
	memset(all->bad, 0, sizeof(all->bad));
}

void upstreams_free(struct upstreams *all)
{
	clear(all);
	fer_event_free(all->timer);
	free(all);
}

static bool is_same(const struct upstreams *all, const struct fer_model *at, bool dnssec)
{
	unsigned count = 0;

	for (; at; at = fer_model_next(at), count++)
		if (count == all->count || strcmp(all->at[count].address, fer_model_text(at, NULL)))
			return false;
	return count == all->count && dnssec == all->dnssec;
}

void upstreams_set(struct upstreams *all, const struct fer_model *at, bool dnssec)
{
	if (is_same(all, at, dnssec))
		return;
	clear(all);
	fer_event_stop(all->timer);
	all->dnssec = dnssec;
	for (; at && all->count < UPSTREAMS_MAX; at = fer_model_next(at)) {
		struct upstream *u = &all->at[all->count++];

		*u = (struct upstream){.all = all, .fd = -1};
		snprintf(u->address, sizeof(u->address), "%s", fer_model_text(at, NULL));
		ask(u);
	}
	if (all->count)
		fer_timer_start(all->timer, TURN_MS / QUICK);
}

const char *const *upstreams_bad(const struct upstreams *all)
{
	return all->bad;
}

/* ---- what is said of them ---- */

static const char *words_of(enum health health)
{
	switch (health) {
	case FAILS:
		return "it answers, and fails (SERVFAIL)";
	case STRIPS:
		return "with dnssec: true its answers are of no use: it leaves the signatures of "
		       "the root's keys out";
	case NO_WAY:
		return "there is no route to it";
	case REFUSES:
		return "it refuses to say who serves the root";
	default:
		return "it does not answer";
	}
}

void upstreams_show(const struct upstreams *all, struct fer_state *state)
{
	unsigned well = well_count(all);

	for (unsigned i = 0; i < all->count; i++) {
		const struct upstream *u = &all->at[i];
		char what[96];

		fer_state_text(state, word[u->health],
			       "ferrule-lan:lan/dns/upstream[address='%s']/state", u->address);
		/* who refuses the root may be asked for names of its own, without dnssec */
		if (u->health == UNKNOWN || u->health == WELL ||
		    (u->health == REFUSES && !all->dnssec))
			continue;
		snprintf(what, sizeof(what), "upstream %s", u->address);
		fer_state_trouble(state, "lan", what, !well, "%s%s", words_of(u->health),
				  well && is_bad(u->health) ? "; it is left out" : "");
	}
}
