// SPDX-License-Identifier: GPL-2.0-or-later
#include "client.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/control/frame.h"
#include "interrupt.h"
#include "reply.h"

enum { SILENT_SECONDS = 10 }; /* without a word, and it is taken for dead */

struct client {
	int fd;
	char path[128]; /* of its socket */
	char name[64];
	bool parts; /* the last answer had some */
	void (*tick)(void *arg);
	void *tick_arg;
};

static int read_all(int fd, void *data, size_t size)
{
	char *at = data;

	while (size) {
		ssize_t n = read(fd, at, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -ECONNRESET;
		at += n;
		size -= n;
	}
	return 0;
}

static int write_all(int fd, const void *data, size_t size)
{
	const char *at = data;

	while (size) {
		ssize_t n = send(fd, at, size, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		at += n;
		size -= n;
	}
	return 0;
}

/* A part of an answer, to whoever asked. */
static int part_pass(int fd, size_t left)
{
	char data[16384];

	while (left) {
		size_t now = left < sizeof(data) ? left : sizeof(data);
		int err = read_all(fd, data, now);

		if (err)
			return err;
		if (fwrite(data, 1, now, stdout) != now)
			return -EPIPE;
		left -= now;
	}
	return 0;
}

/* Up to the document; parts of it have no place elsewhere than before an answer. */
static char *document_read(struct client *client)
{
	uint8_t header[FRAME_HEADER];
	size_t length;
	char *text;

	if (read_all(client->fd, header, sizeof(header)))
		return NULL;
	length = frame_header_read(header);
	client->parts = length & FRAME_PART;
	while (length & FRAME_PART) {
		if (part_pass(client->fd, length & ~FRAME_PART) ||
		    read_all(client->fd, header, sizeof(header)))
			return NULL;
		length = frame_header_read(header);
	}
	if (length > FRAME_REPLY_MAX)
		return NULL;
	text = mem_zalloc(length + 1);
	if (!read_all(client->fd, text, length))
		return text;
	free(text);
	return NULL;
}

static const char is_silent[] =
	"ferrule: ferruled has said nothing for %d s: it hangs, or is stopped; the wire goes on "
	"without it. 'systemctl restart ferruled' replaces it\n";

static int greet(struct client *client)
{
	struct pollfd ready = {.fd = client->fd, .events = POLLIN};
	mem_auto char *text = NULL;
	struct reply reply;
	int version;

	if (poll(&ready, 1, SILENT_SECONDS * 1000) == 0) {
		fprintf(stderr, is_silent, SILENT_SECONDS);
		return -ETIMEDOUT;
	}
	text = document_read(client);
	if (!text || reply_parse(&reply, text)) {
		fprintf(stderr, "ferrule: what listens there is no ferruled, or it has just "
				"ended: try again\n");
		return -EPROTO;
	}
	if (reply.is_error) {
		reply_explain(&reply);
		reply_clear(&reply);
		return -EBUSY;
	}
	version = atoi(reply_text(reply.root, "version"));
	snprintf(client->name, sizeof(client->name), "%s", reply_text(reply.root, "name"));
	reply_clear(&reply);
	if (version == CONTROL_VERSION)
		return 0;
	fprintf(stderr,
		"ferrule: the supervisor speaks version %d, this client %d: install both from one "
		"release\n",
		version, CONTROL_VERSION);
	return -EPROTO;
}

static void connect_explain(const char *path, int err)
{
	if (err == -ENOENT || err == -ECONNREFUSED)
		fprintf(stderr,
			"ferrule: no ferruled listens at %s: start it, or name its folder with "
			"--run-dir\n",
			path);
	else if (err == -EACCES)
		fprintf(stderr,
			"ferrule: %s: not allowed: be root, or a member of group 'ferrule', or of "
			"'ferrule-view' to look\n",
			path);
	else
		fprintf(stderr, "ferrule: %s: %s\n", path, strerror(-err));
}

/* A descriptor, or a negative errno. A listener that takes nobody any more blocks connect(). */
static int socket_connect(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct timeval patience = {SILENT_SECONDS, 0};
	int fd, err;

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (!connect(fd, (struct sockaddr *)&address, sizeof(address)))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

struct client *client_open(const char *run_dir)
{
	mem_auto char *path = mem_printf("%s/control", run_dir);
	struct client *client = mem_zalloc(sizeof(*client));

	snprintf(client->path, sizeof(client->path), "%s", path);
	client->fd = socket_connect(path);
	if (client->fd == -EACCES) { /* perhaps one who may look */
		snprintf(client->path, sizeof(client->path), "%s/view", run_dir);
		client->fd = socket_connect(client->path);
		if (client->fd == -ENOENT)
			client->fd = -EACCES;
	}
	if (client->fd == -EAGAIN)
		fprintf(stderr, is_silent, SILENT_SECONDS);
	else if (client->fd < 0)
		connect_explain(path, client->fd);
	if (client->fd >= 0 && !greet(client))
		return client;
	client_close(client);
	return NULL;
}

void client_close(struct client *client)
{
	if (!client)
		return;
	if (client->fd >= 0)
		close(client->fd);
	free(client);
}

const char *client_peer_name(const struct client *client)
{
	return client->name;
}

bool client_had_parts(const struct client *client)
{
	return client->parts;
}

void client_on_wait(struct client *client, void (*tick)(void *arg), void *arg)
{
	client->tick = tick;
	client->tick_arg = arg;
}

/* An answer may take its time; a greeting does not, as long as the loop runs. */
static bool peer_lives(const struct client *client)
{
	int fd = socket_connect(client->path);
	struct pollfd ready = {.fd = fd, .events = POLLIN};
	bool lives = fd < 0 ? fd != -EAGAIN : poll(&ready, 1, SILENT_SECONDS * 1000) != 0;

	if (fd >= 0)
		close(fd);
	return lives;
}

/* 0, or -ETIMEDOUT after a word. */
static int wait_for_reply(const struct client *client)
{
	struct pollfd ready = {.fd = client->fd, .events = POLLIN};

	for (unsigned seconds = 1; !(ready.revents & (POLLIN | POLLHUP | POLLERR)); seconds++) {
		if (poll(&ready, 1, 1000) > 0)
			break;
		if (interrupt_came()) {
			fprintf(stderr, "ferrule: not waited for; what was asked for goes on\n");
			return -ETIMEDOUT;
		}
		if (client->tick)
			client->tick(client->tick_arg);
		if (seconds % SILENT_SECONDS || peer_lives(client))
			continue;
		fprintf(stderr, is_silent, SILENT_SECONDS);
		return -ETIMEDOUT;
	}
	return 0;
}

char *client_call(struct client *client, const char *json)
{
	uint8_t header[FRAME_HEADER];
	char *reply = NULL;
	int err;

	frame_header_write(header, strlen(json));
	err = write_all(client->fd, header, sizeof(header));
	if (!err)
		err = write_all(client->fd, json, strlen(json));
	if (!err)
		err = wait_for_reply(client);
	if (!err)
		reply = document_read(client);
	if (!reply && err != -ETIMEDOUT)
		fprintf(stderr, "ferrule: the supervisor closed the connection\n");
	return reply;
}
