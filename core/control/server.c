// SPDX-License-Identifier: GPL-2.0-or-later
#include "server.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/api/log.h"
#include "core/base/loop.h"
#include "core/base/mem.h"
#include "frame.h"

struct client {
	struct server *server;
	struct client *next;
	struct bufferevent *stream;
	struct server_ticket *ticket; /* of the request that waits; others wait behind it */
	char user[64];
	bool viewer; /* came in by the socket of those who only look */
};

struct server_ticket {
	struct client *client; /* NULL: it has left */
	void (*room)(void *arg);
	void *room_arg;
};

struct server {
	struct server_handler handler;
	struct entry {
		struct server *server;
		struct evconnlistener *listener;
		char *path;
		bool full;
	} control, view;
	struct client *clients;
	unsigned count, viewers;
	bool ends;
};

static void client_drop(struct client *client, const char *why)
{
	struct server *server = client->server;
	struct server_ticket *ticket = client->ticket;

	if (why)
		fer_log_warn("control: client of user %s dropped: %s", client->user, why);
	for (struct client **at = &server->clients; *at; at = &(*at)->next) {
		if (*at != client)
			continue;
		*at = client->next;
		break;
	}
	server->count--;
	server->viewers -= client->viewer;
	if (ticket)
		ticket->client = NULL;
	bufferevent_free(client->stream);
	free(client);
	if (ticket && ticket->room && !server->ends)
		ticket->room(ticket->room_arg);
}

static void client_send(struct client *client, const char *json)
{
	uint8_t header[FRAME_HEADER];
	size_t length = strlen(json);

	frame_header_write(header, length);
	bufferevent_write(client->stream, header, sizeof(header));
	bufferevent_write(client->stream, json, length);
}

/* While a request is incomplete the clock runs; between requests a shell may idle for ever. */
static void client_clock(struct client *client, bool waiting)
{
	struct timeval read_limit = {SERVER_REQUEST_SECONDS, 0};
	struct timeval write_limit = {SERVER_REPLY_SECONDS, 0};

	bufferevent_set_timeouts(client->stream, waiting ? &read_limit : NULL, &write_limit);
}

static void requests_take_next(struct bufferevent *stream, struct client *client)
{
	struct server *server = client->server;
	struct evbuffer *input = bufferevent_get_input(stream);
	struct evbuffer *output = bufferevent_get_output(stream);
	uint8_t header[FRAME_HEADER];

	while (!client->ticket &&
	       evbuffer_copyout(input, header, sizeof(header)) == sizeof(header)) {
		size_t length = frame_header_read(header);
		mem_auto char *request = NULL;

		if (evbuffer_get_length(output) > SERVER_OUTPUT_MAX) {
			/* it does not read its replies: its requests wait, see client_drained() */
			bufferevent_disable(stream, EV_READ);
			return;
		}

		if (length > FRAME_REQUEST_MAX) {
			client_drop(client, "a request longer than 5 MiB");
			return;
		}
		if (evbuffer_get_length(input) < sizeof(header) + length)
			break;
		request = mem_zalloc(length + 1);
		evbuffer_drain(input, sizeof(header));
		evbuffer_remove(input, request, length);
		client->ticket = mem_zalloc(sizeof(*client->ticket));
		client->ticket->client = client;
		server->handler.request(server->handler.arg, client->ticket, request, client->user);
	}
	if (!client->ticket || !client->ticket->room)
		client_clock(client, !client->ticket && evbuffer_get_length(input) > 0);
}

static void client_read(struct bufferevent *stream, void *arg)
{
	loop_enter();
	requests_take_next(stream, arg);
	loop_leave();
}

void server_reply(struct server_ticket *ticket, const char *json)
{
	struct client *client = ticket->client;

	free(ticket);
	if (!client)
		return;
	client->ticket = NULL;
	client_send(client, json);
	/* requests that came meanwhile; from the loop, as the reply may come from within one */
	bufferevent_trigger(client->stream, EV_READ, BEV_TRIG_DEFER_CALLBACKS);
}

int server_part(struct server_ticket *ticket, const char *data, size_t length)
{
	uint8_t header[FRAME_HEADER];
	struct bufferevent *stream = ticket->client ? ticket->client->stream : NULL;

	if (!stream)
		return -EPIPE;
	frame_header_write(header, length | FRAME_PART);
	bufferevent_write(stream, header, sizeof(header));
	bufferevent_write(stream, data, length);
	return evbuffer_get_length(bufferevent_get_output(stream)) > SERVER_PARTS_MAX ? -EAGAIN : 0;
}

void server_on_room(struct server_ticket *ticket, void (*room)(void *arg), void *arg)
{
	struct timeval patience = {SERVER_PARTS_SECONDS, 0};

	ticket->room = room;
	ticket->room_arg = arg;
	if (ticket->client && room)
		bufferevent_set_timeouts(ticket->client->stream, NULL, &patience);
	else if (ticket->client)
		client_clock(ticket->client, false);
}

/* All replies are out: on with the parts of one, and with the requests that waited. */
static void client_drained(struct bufferevent *stream, void *arg)
{
	struct client *client = arg;

	if (client->ticket && client->ticket->room) {
		client->ticket->room(client->ticket->room_arg);
		return;
	}
	if (bufferevent_get_enabled(stream) & EV_READ)
		return;
	bufferevent_enable(stream, EV_READ);
	client_read(stream, arg);
}

static void client_event(struct bufferevent *stream, short what, void *arg)
{
	(void)stream;
	if (what & BEV_EVENT_TIMEOUT)
		client_drop(arg, what & BEV_EVENT_READING ? "its request does not come to an end"
							  : "it does not read its replies");
	else
		client_drop(arg, NULL);
}

static void user_read(int fd, char *name, size_t size)
{
	struct ucred peer = {0};
	socklen_t length = sizeof(peer);
	struct passwd *entry;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length)) {
		snprintf(name, size, "?");
		return;
	}
	entry = getpwuid(peer.uid);
	if (entry)
		snprintf(name, size, "%s", entry->pw_name);
	else
		snprintf(name, size, "uid %u", peer.uid);
}

/* Some places are root's, who must always get in to repair. Clients of the view socket fill only a
 * part of the places, and leave the others to those who change something. */
static bool is_full(const struct entry *entry, int fd)
{
	const struct server *server = entry->server;
	struct ucred peer = {.uid = 1};
	socklen_t length = sizeof(peer);

	if (entry == &server->view && server->viewers >= SERVER_VIEWERS_MAX)
		return true;
	getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length);
	return server->count >= SERVER_CLIENTS_MAX + (peer.uid ? 0 : SERVER_CLIENTS_ROOT);
}

/* In place of a greeting, as far as the socket takes it. */
static void refuse(int fd)
{
	static const char why[] = "{\"ferrule-control:error\":{\"message\":\"too many clients: "
				  "close one, or be root\"}}";
	uint8_t header[FRAME_HEADER];

	frame_header_write(header, sizeof(why) - 1);
	(void)!send(fd, header, sizeof(header), MSG_NOSIGNAL | MSG_DONTWAIT);
	(void)!send(fd, why, sizeof(why) - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
	close(fd);
}

static void client_accept(struct evconnlistener *listener, evutil_socket_t fd,
			  struct sockaddr *address, int length, void *arg)
{
	struct entry *entry = arg;
	struct server *server = entry->server;
	struct client *client;
	mem_auto char *hello = NULL;

	(void)listener;
	(void)address;
	(void)length;
	if (is_full(entry, fd)) {
		if (!entry->full)
			fer_log_warn("control: %s: more than %d clients, one refused", entry->path,
				     entry == &server->view ? SERVER_VIEWERS_MAX
							    : SERVER_CLIENTS_MAX);
		entry->full = true; /* said once, until there is room again */
		refuse(fd);
		return;
	}
	entry->full = false;
	client = mem_zalloc(sizeof(*client));
	client->server = server;
	client->viewer = entry == &server->view;
	server->viewers += client->viewer;
	client->stream = bufferevent_socket_new(loop_base(), fd, BEV_OPT_CLOSE_ON_FREE);
	user_read(fd, client->user, sizeof(client->user));
	client->next = server->clients;
	server->clients = client;
	server->count++;
	bufferevent_setcb(client->stream, client_read, client_drained, client_event, client);
	bufferevent_setwatermark(client->stream, EV_READ, 0, FRAME_REQUEST_MAX + FRAME_HEADER);
	client_clock(client, false);
	bufferevent_enable(client->stream, EV_READ | EV_WRITE);
	hello = server->handler.hello(server->handler.arg);
	client_send(client, hello);
}

static int socket_bind(const char *path, const char *name)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct group *group = getgrnam(name);
	int fd, err = 0;

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	unlink(path);
	umask(0117); /* never a moment with wider access than 0660 */
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)))
		err = -errno;
	umask(022);
	if (!err && group && chown(path, -1, group->gr_gid))
		fer_log_warn("control: %s: cannot be given to group %s: %s", path, name,
			     strerror(errno));
	if (err) {
		close(fd);
		return err;
	}
	return fd;
}

static int entry_open(struct server *s, struct entry *entry, const char *run_dir, const char *name,
		      const char *group)
{
	int fd;

	entry->server = s;
	entry->path = mem_printf("%s/%s", run_dir, name);
	fd = socket_bind(entry->path, group);
	if (fd < 0)
		return fd;
	entry->listener = evconnlistener_new(loop_base(), client_accept, entry,
					     LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 64, fd);
	return entry->listener ? 0 : -ENOMEM;
}

static void entry_close(struct entry *entry)
{
	if (entry->listener)
		evconnlistener_free(entry->listener);
	if (entry->listener)
		unlink(entry->path);
	free(entry->path);
}

int server_start(struct server **server, const char *run_dir, const struct server_handler *handler)
{
	struct server *s = mem_zalloc(sizeof(*s));
	int err;

	s->handler = *handler;
	err = entry_open(s, &s->control, run_dir, "control", "ferrule");
	if (err) {
		entry_close(&s->control);
		free(s);
		return err;
	}
	err = entry_open(s, &s->view, run_dir, "view", "ferrule-view");
	if (err)
		fer_log_warn("control: %s: %s: who may only look cannot come in", s->view.path,
			     strerror(-err));
	*server = s;
	return 0;
}

bool server_is_viewer(const struct server_ticket *ticket)
{
	return !ticket->client || ticket->client->viewer;
}

void server_stop(struct server *server)
{
	if (!server)
		return;
	server->ends = true;
	while (server->clients)
		client_drop(server->clients, NULL);
	entry_close(&server->control);
	entry_close(&server->view);
	free(server);
}
