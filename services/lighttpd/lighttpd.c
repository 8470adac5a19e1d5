// SPDX-License-Identifier: GPL-2.0-or-later
#include "lighttpd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/api/event.h"
#include "core/api/file.h"
#include "core/api/log.h"
#include "core/api/service.h"

#define LIGHTTPD      "/usr/sbin/lighttpd"
#define LIGHTTPD_USER "ferrule-http"

struct lighttpd {
	char run_dir[200];
	char folder[224];
	char conf[256];
	char access[256]; /* a named pipe, a line a request */
	char *text;
	struct lighttpd_events events;
	struct lighttpd_config config;
	struct fer_process *process;
	int log;
	struct fer_event *log_event;
	char line[1024];
	size_t length;
	int probe; /* a connection that asks whether it serves; -1: none */
	struct fer_event *probe_event;
};

bool lighttpd_available(void)
{
	return !access(LIGHTTPD, X_OK);
}

/* ---- who fetched what ---- */

/* "ADDRESS METHOD PATH?QUERY STATUS BYTES" */
static void line_take(struct lighttpd *l, char *line)
{
	char address[64], method[16], path[512], *query;
	unsigned long long bytes;
	unsigned status;

	if (sscanf(line, "%63s %15s %511s %u %llu", address, method, path, &status, &bytes) != 5)
		return;
	query = strchr(path, '?');
	if (query)
		*query++ = '\0';
	if (!strcmp(address, "127.0.0.1")) /* our own probe */
		return;
	l->events.served(l->events.arg, address, method, path, query ? query : "", status, bytes);
}

static void log_readable(void *arg)
{
	struct lighttpd *l = arg;
	char data[4096];
	ssize_t n = read(l->log, data, sizeof(data));

	for (ssize_t i = 0; i < n; i++) {
		if (data[i] != '\n' && l->length + 1 < sizeof(l->line)) {
			l->line[l->length++] = data[i];
			continue;
		}
		l->line[l->length] = '\0';
		l->length = 0;
		line_take(l, l->line);
	}
}

static int log_open(struct lighttpd *l)
{
	uid_t uid = fer_user_id(LIGHTTPD_USER);

	if (mkfifo(l->access, 0600) && errno != EEXIST)
		return -errno;
	if (lchown(l->access, uid, fer_group_id(LIGHTTPD_USER)))
		return -errno;
	l->log = open(l->access, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (l->log < 0)
		return -errno;
	l->log_event = fer_reader_new(l->log, log_readable, l);
	return 0;
}

/* ---- health: a request of our own ---- */

static void probe_close(struct lighttpd *l)
{
	fer_event_free(l->probe_event);
	l->probe_event = NULL;
	if (l->probe >= 0)
		close(l->probe);
	l->probe = -1;
}

static void probe_answered(void *arg)
{
	struct lighttpd *l = arg;
	char data[64];
	ssize_t n = recv(l->probe, data, sizeof(data), MSG_DONTWAIT);

	fer_process_probed(l->process, n > 9 && !strncmp(data, "HTTP/1.", 7), "it closes");
	probe_close(l);
}

static void probe(void *arg)
{
	static const char request[] = "HEAD / HTTP/1.0\r\n\r\n";
	struct lighttpd *l = arg;
	struct sockaddr_in to = {.sin_family = AF_INET,
				 .sin_port = htons(l->config.port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

	probe_close(l);
	l->probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	/* to an address of this machine it is there or refused at once: this does not block */
	if (l->probe < 0 || connect(l->probe, (struct sockaddr *)&to, sizeof(to)) ||
	    send(l->probe, request, sizeof(request) - 1, MSG_NOSIGNAL) < 0) {
		fer_process_probed(l->process, false, strerror(errno));
		probe_close(l);
		return;
	}
	l->probe_event = fer_reader_new(l->probe, probe_answered, l);
}

/* ---- the process ---- */

static char *render(const struct lighttpd *l)
{
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	if (!file)
		abort();
	fprintf(file,
		"# written by ferruled; changes are lost\n"
		"server.modules = (\"mod_accesslog\")\n"
		"server.document-root = \"%s\"\n"
		"server.port = %u\n"
		"server.bind = \"0.0.0.0\"\n"
		"$SERVER[\"socket\"] == \"[::]:%u\" { server.use-ipv6 = \"enable\" }\n"
		"server.tag = \"\"\n"
		"server.max-connections = 512\n"
		/* s, for a request: who says nothing makes room */
		"server.max-read-idle = 15\n"
		"server.max-fds = 2048\n"
		"server.follow-symlink = \"enable\"\n"
		"mimetype.assign = (\".ipxe\" => \"text/plain\", \"\" => "
		"\"application/octet-stream\")\n"
		"accesslog.filename = \"%s\"\n"
		"accesslog.format = \"%%h %%m %%U?%%q %%s %%B\"\n",
		l->config.root, l->config.port, l->config.port, l->access);
	fclose(file);
	return text;
}

static void process_spec(struct lighttpd *l, struct fer_process_spec *spec, char **argv)
{
	argv[0] = (char *)LIGHTTPD;
	argv[1] = (char *)"-D";
	argv[2] = (char *)"-f";
	argv[3] = l->conf;
	argv[4] = NULL;
	*spec = (struct fer_process_spec){
		.name = "lighttpd",
		.role = "lan",
		.run_dir = l->run_dir,
		.argv = argv,
		.user = LIGHTTPD_USER,
		.capabilities = 1ULL << CAP_NET_BIND_SERVICE,
		.memory_max = 64 << 20,
		.cpu_max = 80,
		.ready = FER_READY_PROBE,
		.version = l->text,
		.probe = probe,
		.arg = l,
	};
}

struct lighttpd *lighttpd_new(const char *run_dir, const struct lighttpd_events *events)
{
	struct lighttpd *l = calloc(1, sizeof(*l));
	struct fer_process_spec spec;
	char *argv[8];

	if (!l)
		abort();
	l->log = l->probe = -1;
	l->events = *events;
	snprintf(l->run_dir, sizeof(l->run_dir), "%s", run_dir);
	snprintf(l->folder, sizeof(l->folder), "%.190s/lighttpd", run_dir);
	snprintf(l->conf, sizeof(l->conf), "%s/lighttpd.conf", l->folder);
	snprintf(l->access, sizeof(l->access), "%s/access", l->folder);
	if (fer_folder_make(l->folder, 0755, LIGHTTPD_USER) || log_open(l)) {
		free(l);
		return NULL;
	}
	process_spec(l, &spec, argv);
	l->process = fer_process_new(&spec);
	return l;
}

void lighttpd_free(struct lighttpd *l)
{
	if (!l)
		return;
	fer_process_free(l->process);
	probe_close(l);
	fer_event_free(l->log_event);
	close(l->log);
	free(l->text);
	free(l);
}

void lighttpd_apply(struct lighttpd *l, const struct lighttpd_config *config)
{
	struct fer_process_spec spec;
	char *argv[8];
	int err;

	l->config = *config;
	free(l->text);
	l->text = render(l);
	err = fer_file_write(l->conf, l->text, strlen(l->text), 0644, LIGHTTPD_USER);
	if (err)
		fer_log_err("lighttpd: %s: %s", l->conf, strerror(-err));
	process_spec(l, &spec, argv);
	fer_process_apply(l->process, &spec);
}

void lighttpd_stop(struct lighttpd *l)
{
	fer_process_stop(l->process);
	probe_close(l);
}

void lighttpd_show(const struct lighttpd *l, struct fer_state *state)
{
	fer_process_show(l->process, state);
}
