// SPDX-License-Identifier: GPL-2.0-or-later
#include "rtr.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/api/event.h"
#include "core/api/log.h"

enum {
	RTR_VERSION = 1,
	CLIENTS = 4,
	AGAIN_MS = 10, /* until the client may have read */

	/* RFC 8210 section 5 */
	SERIAL_QUERY = 1,
	RESET_QUERY = 2,
	CACHE_RESPONSE = 3,
	IPV4_PREFIX = 4,
	IPV6_PREFIX = 6,
	END_OF_DATA = 7,
	CACHE_RESET = 8,
	ERROR_REPORT = 10,
	HEADER = 8,
	ANNOUNCES = 1,
	CORRUPT = 0,
	UNSUPPORTED_VERSION = 4,
	REFRESH = 3600, /* s; section 6: what is recommended */
	RETRY = 600,
	EXPIRE = 7200,
};

struct client {
	struct rtr *rtr;
	int fd;
	struct fer_event *reader, *timer;
	uint8_t in[64];
	size_t got;
	FILE *file; /* what is left to be sent; NULL: nothing */
	uint8_t out[4096];
	size_t length, sent;
	bool ends;
};

struct rtr {
	int fd;
	struct fer_event *reader;
	struct client *client[CLIENTS];
	unsigned next;
	char path[300];
	uint32_t serial;
};

static uint16_t session_of(const struct rtr *rtr)
{
	return rtr->serial >> 16 ^ rtr->serial;
}

/* ---- PDUs ---- */

static void put16(uint8_t *at, uint16_t value)
{
	at[0] = value >> 8;
	at[1] = value;
}

static void put32(uint8_t *at, uint32_t value)
{
	put16(at, value >> 16);
	put16(at + 2, value);
}

static uint32_t get32(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | at[1] << 16 | at[2] << 8 | at[3];
}

/* Room for one more: in an empty buffer, or one that refill() looked at. */
static uint8_t *pdu(struct client *c, uint8_t type, uint16_t session, size_t length)
{
	uint8_t *at = c->out + c->length;

	memset(at, 0, length);
	at[0] = RTR_VERSION;
	at[1] = type;
	put16(at + 2, session);
	put32(at + 4, length);
	c->length += length;
	return at + HEADER;
}

static void add_vrp(struct client *c, const struct vrp *vrp)
{
	bool six = vrp->family == 6;
	uint8_t *at = pdu(c, six ? IPV6_PREFIX : IPV4_PREFIX, 0, six ? 32 : 20);

	at[0] = ANNOUNCES;
	at[1] = vrp->length;
	at[2] = vrp->most;
	memcpy(at + 4, vrp->address, six ? 16 : 4);
	put32(at + (six ? 20 : 8), vrp->asn);
}

static void add_end(struct client *c)
{
	uint8_t *at = pdu(c, END_OF_DATA, session_of(c->rtr), 24);

	put32(at, c->rtr->serial);
	put32(at + 4, REFRESH);
	put32(at + 8, RETRY);
	put32(at + 12, EXPIRE);
}

/* ---- sending ---- */

static void client_free(struct client *c)
{
	for (unsigned i = 0; i < CLIENTS; i++)
		if (c->rtr->client[i] == c)
			c->rtr->client[i] = NULL;
	fer_event_free(c->reader);
	fer_event_free(c->timer);
	if (c->file)
		fclose(c->file);
	close(c->fd);
	free(c);
}

static void refill(struct client *c)
{
	struct vrp vrp;

	while (c->file && sizeof(c->out) - c->length >= 64) {
		if (fread(&vrp, sizeof(vrp), 1, c->file) == 1) {
			add_vrp(c, &vrp);
			continue;
		}
		fclose(c->file);
		c->file = NULL;
		add_end(c);
	}
}

static bool take(struct client *c);

static void flush(void *arg)
{
	struct client *c = arg;

	for (;;) {
		ssize_t n;

		if (c->sent == c->length) {
			c->sent = c->length = 0;
			refill(c);
		}
		/* one answer at a time: whoever asks on without reading waits for his */
		if (!c->length && !take(c))
			break;
		if (!c->length)
			continue;
		n = send(c->fd, c->out + c->sent, c->length - c->sent, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
			fer_timer_start(c->timer, AGAIN_MS);
			return;
		}
		if (n <= 0) {
			client_free(c);
			return;
		}
		c->sent += n;
	}
	if (c->ends)
		client_free(c);
}

/* ---- what is asked ---- */

static void refuse(struct client *c, uint16_t code)
{
	pdu(c, ERROR_REPORT, code, HEADER + 8); /* no copy, no text */
	c->ends = true;
}

static void send_all(struct client *c)
{
	c->file = fopen(c->rtr->path, "re");
	if (!c->file) {
		fer_log_warn("rtr: %s: %s", c->rtr->path, strerror(errno));
		refuse(c, 2); /* no data available */
		return;
	}
	pdu(c, CACHE_RESPONSE, session_of(c->rtr), HEADER);
}

static void send_news(struct client *c, uint16_t session, uint32_t serial)
{
	if (session != session_of(c->rtr) || serial != c->rtr->serial) {
		pdu(c, CACHE_RESET, 0, HEADER);
		return;
	}
	pdu(c, CACHE_RESPONSE, session, HEADER);
	add_end(c);
}

/* One question; false: it is not whole, or nothing more is to be read. */
static bool take(struct client *c)
{
	uint32_t length;

	if (c->got < HEADER || c->length || c->file || c->ends)
		return false;
	length = get32(c->in + 4);
	if (c->in[0] != RTR_VERSION)
		refuse(c, UNSUPPORTED_VERSION);
	else if (length < HEADER || length > sizeof(c->in))
		refuse(c, CORRUPT);
	if (c->ends || c->got < length)
		return false;
	if (c->in[1] == RESET_QUERY)
		send_all(c);
	else if (c->in[1] == SERIAL_QUERY && length == HEADER + 4)
		send_news(c, c->in[2] << 8 | c->in[3], get32(c->in + HEADER));
	else if (c->in[1] == ERROR_REPORT)
		c->ends = true;
	else
		refuse(c, CORRUPT);
	memmove(c->in, c->in + length, c->got - length);
	c->got -= length;
	return true;
}

static void readable(void *arg)
{
	struct client *c = arg;
	ssize_t n = 0;

	if (c->got < sizeof(c->in))
		n = recv(c->fd, c->in + c->got, sizeof(c->in) - c->got, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	/* it has left, or asks on and on while it is told */
	if (n <= 0) {
		client_free(c);
		return;
	}
	c->got += n;
	flush(c);
}

/* ---- who comes ---- */

static void acceptable(void *arg)
{
	struct rtr *rtr = arg;
	int fd = accept4(rtr->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	unsigned i = rtr->next++ % CLIENTS;

	if (fd < 0 || !*rtr->path) {
		if (fd >= 0)
			close(fd);
		return;
	}
	/* the one that was there the longest, when there are too many */
	if (rtr->client[i])
		client_free(rtr->client[i]);
	rtr->client[i] = calloc(1, sizeof(**rtr->client));
	if (!rtr->client[i])
		abort();
	rtr->client[i]->rtr = rtr;
	rtr->client[i]->fd = fd;
	rtr->client[i]->reader = fer_reader_new(fd, readable, rtr->client[i]);
	rtr->client[i]->timer = fer_timer_new(flush, rtr->client[i]);
}

struct rtr *rtr_new(const char *address, uint16_t port)
{
	struct sockaddr_in at = {.sin_family = AF_INET,
				 .sin_port = htons(port),
				 .sin_addr.s_addr = inet_addr(address)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1;
	struct rtr *rtr;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
	    bind(fd, (struct sockaddr *)&at, sizeof(at)) || listen(fd, CLIENTS)) {
		fer_log_warn("rtr: %s port %u: %s", address, port, strerror(errno));
		if (fd >= 0)
			close(fd);
		return NULL;
	}
	rtr = calloc(1, sizeof(*rtr));
	if (!rtr)
		abort();
	rtr->fd = fd;
	rtr->reader = fer_reader_new(fd, acceptable, rtr);
	return rtr;
}

void rtr_free(struct rtr *rtr)
{
	if (!rtr)
		return;
	for (unsigned i = 0; i < CLIENTS; i++)
		if (rtr->client[i])
			client_free(rtr->client[i]);
	fer_event_free(rtr->reader);
	close(rtr->fd);
	free(rtr);
}

void rtr_serve(struct rtr *rtr, const char *path, uint32_t serial)
{
	snprintf(rtr->path, sizeof(rtr->path), "%s", path);
	rtr->serial = serial;
}
