// SPDX-License-Identifier: GPL-2.0-or-later
#include "ser2net.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/api/event.h"
#include "core/api/file.h"
#include "core/api/log.h"
#include "core/api/service.h"
#include "services/netdev/greet.h"

#define SER2NET	     "/usr/sbin/ser2net"
#define SER2NET_USER "ferrule-console"

enum { VIEWERS = 4, LOG_MAX = 1 << 20 /* octets */, LOG_LOOK_MS = 10000 };

struct ser2net {
	char run_dir[200], role[32], folder[240];
	char conf[280], admin[280], logs[240],
		seen[280]; /* of the state folder, and where it sees that */
	char addresses[SER2NET_ADDRESSES * 48];
	char name[SER2NET_PORTS][40]; /* of consoles that have a log */
	unsigned ports;
	struct fer_event *timer;
	struct fer_process_bind bind[2];
	char *text; /* in force; NULL: none yet */
	struct fer_process *process;
	struct greet *greet;
};

bool ser2net_available(void)
{
	return !access(SER2NET, X_OK);
}

/* ---- its file ---- */

/* Several see what a device says. The last of too many is let in, and the first goes: one who was
 * cut off must not lock the port. */
static void print_connection(const struct ser2net *s, const struct ser2net_port *port,
			     const char *address, unsigned number, FILE *file)
{
	static const char *const flow[] = {"", ",rtscts", ",xonxoff"};

	fprintf(file,
		"connection: &c%u\n"
		"  accepter: %stcp,%s,%u\n"
		/* DTR is left alone at the close: it resets some switches */
		"  connector: "
		"serialdev(nouucplock=true),%s,%u%c%u%u%s,local,hangup-when-done=false\n"
		"  options:\n"
		"    kickolduser: true\n"
		"    max-connections: %d\n",
		number, port->raw ? "" : "telnet(rfc2217),", address, port->port, port->device,
		port->speed, port->parity, port->data_bits, port->stop_bits, flow[port->flow],
		VIEWERS);
	if (port->log)
		fprintf(file, "    trace-read: %s/%s.log\n    trace-timestamp: true\n", s->seen,
			port->name);
}

static char *render(const struct ser2net *s, const struct ser2net_config *config)
{
	char *text = NULL;
	size_t size;
	unsigned number = 0;
	FILE *file = open_memstream(&text, &size);

	if (!file)
		abort();
	fprintf(file,
		"%%YAML 1.1\n---\n# written by ferruled; changes are lost\n"
		"admin:\n  accepter: telnet,unix,%s\n",
		s->admin);
	for (unsigned i = 0; i < config->ports; i++)
		for (unsigned k = 0; k < config->addresses; k++)
			print_connection(s, &config->port[i], config->address[k], number++, file);
	fclose(file);
	return text;
}

/* With other addresses it is another process: one that cannot listen yet is tried again. */
static void addresses_note(struct ser2net *s, const struct ser2net_config *config)
{
	*s->addresses = '\0';
	for (unsigned i = 0; i < config->addresses; i++)
		snprintf(s->addresses + strlen(s->addresses),
			 sizeof(s->addresses) - strlen(s->addresses), "%s ", config->address[i]);
}

/* ---- what devices say ---- */

static bool is_ours(const struct stat *st)
{
	return S_ISREG(st->st_mode) && st->st_nlink == 1 && st->st_uid == fer_user_id(SER2NET_USER);
}

/* The last of it becomes the older part. The folder is an unprivileged user's: nothing is followed
 * out of it. The file stays the same one, as ser2net holds it open (O_APPEND). */
static void log_cut(const struct ser2net *s, const char *name)
{
	char path[300], before[310], *text = NULL;
	struct stat st = {0};
	ssize_t size = 0;
	int fd;

	snprintf(path, sizeof(path), "%s/%s.log", s->logs, name);
	snprintf(before, sizeof(before), "%s.1", path);
	fd = open(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd >= 0 && !fstat(fd, &st) && is_ours(&st) && st.st_size >= LOG_MAX &&
	    (text = malloc(LOG_MAX)))
		size = pread(fd, text, LOG_MAX, st.st_size - LOG_MAX);
	if (size > 0 && !fer_file_write(before, text, size, 0640, SER2NET_USER) && ftruncate(fd, 0))
		fer_log_warn("ser2net: %s: %s", path, strerror(errno));
	free(text);
	if (fd >= 0)
		close(fd);
}

static void logs_look(void *arg)
{
	struct ser2net *s = arg;

	fer_timer_start(s->timer, LOG_LOOK_MS);
	for (unsigned i = 0; i < s->ports; i++)
		log_cut(s, s->name[i]);
}

static void logs_begin(struct ser2net *s, const struct ser2net_config *config)
{
	s->ports = 0;
	for (unsigned i = 0; i < config->ports; i++)
		if (config->port[i].log)
			snprintf(s->name[s->ports++], sizeof(*s->name), "%s", config->port[i].name);
	fer_event_stop(s->timer);
	if (s->ports)
		fer_timer_start(s->timer, LOG_LOOK_MS);
}

/* ---- the process ---- */

static void greeted(void *arg, bool good, const char *why)
{
	struct ser2net *s = arg;

	fer_process_probed(s->process, good, why);
}

/* Its administrator's socket: a port would throw out whoever uses it. */
static void probe(void *arg)
{
	struct ser2net *s = arg;

	greet_ask(s->greet, s->admin, 0);
}

/* One that was killed leaves its socket, and the next one would not take the name. */
static void starting(void *arg)
{
	struct ser2net *s = arg;

	unlink(s->admin);
}

static enum fer_exit ended(void *arg, int status, char *why, unsigned size)
{
	(void)arg;
	(void)status;
	(void)why;
	(void)size;
	return FER_EXIT_SOON; /* addresses and devices come and go */
}

/* Debian's is built with mDNS, which it has no bus for here, and says so at each start. */
static bool is_noise(void *arg, const char *line)
{
	(void)arg;
	return strstr(line, "Unable to start mdns");
}

static void process_spec(struct ser2net *s, struct fer_process_spec *spec, char **argv)
{
	argv[0] = (char *)SER2NET;
	argv[1] = (char *)"-n";
	argv[2] = (char *)"-d"; /* says what is wrong, and does not leave */
	argv[3] = (char *)"-c";
	argv[4] = s->conf;
	argv[5] = NULL;
	/* always, as with another one it is another process */
	s->bind[0] = (struct fer_process_bind){s->logs, s->seen};
	*spec = (struct fer_process_spec){
		.name = "ser2net",
		.bind = s->bind,
		.role = s->role,
		.run_dir = s->run_dir,
		.argv = argv,
		.user = SER2NET_USER,
		.group = "dialout", /* whose serial ports are in Debian */
		.capabilities = 1ULL << CAP_NET_BIND_SERVICE,
		.memory_max = 64 << 20,
		.ready = FER_READY_PROBE,
		.version = s->addresses,
		.probe = probe,
		.starting = starting,
		.is_echo = is_noise,
		.exited = ended,
		.arg = s,
	};
}

struct ser2net *ser2net_new(const char *run_dir, const char *state_dir, const char *role)
{
	struct ser2net *s = calloc(1, sizeof(*s));
	struct fer_process_spec spec;
	char *argv[8];

	if (!s)
		abort();
	snprintf(s->run_dir, sizeof(s->run_dir), "%s", run_dir);
	snprintf(s->role, sizeof(s->role), "%s", role);
	snprintf(s->folder, sizeof(s->folder), "%.190s/ser2net", run_dir);
	snprintf(s->logs, sizeof(s->logs), "%.220s/console", state_dir);
	snprintf(s->seen, sizeof(s->seen), "%s/logs", s->folder);
	snprintf(s->conf, sizeof(s->conf), "%s/ser2net.yaml", s->folder);
	snprintf(s->admin, sizeof(s->admin), "%s/admin", s->folder);
	if (fer_folder_make(s->folder, 0700, SER2NET_USER) ||
	    fer_folder_make(s->seen, 0750, NULL) || fer_folder_make(s->logs, 0750, SER2NET_USER)) {
		free(s);
		return NULL;
	}
	s->greet = greet_new("", greeted, s);
	s->timer = fer_timer_new(logs_look, s);
	process_spec(s, &spec, argv);
	s->process = fer_process_new(&spec);
	return s;
}

void ser2net_free(struct ser2net *s)
{
	if (!s)
		return;
	fer_process_free(s->process);
	fer_event_free(s->timer);
	greet_free(s->greet);
	free(s->text);
	free(s);
}

void ser2net_apply(struct ser2net *s, const struct ser2net_config *config)
{
	struct fer_process_spec spec;
	char *argv[8], *before = NULL;
	bool other;
	int err;

	free(s->text);
	s->text = NULL;
	logs_begin(s, config);
	if (!config->ports) {
		fer_process_stop(s->process);
		return;
	}
	s->text = render(s, config);
	addresses_note(s, config);
	other = fer_file_read(s->conf, 1 << 20, &before, NULL) || strcmp(before, s->text);
	free(before);
	err = fer_file_write(s->conf, s->text, strlen(s->text), 0600, SER2NET_USER);
	if (err)
		fer_log_err("ser2net: %s: %s", s->conf, strerror(-err));
	process_spec(s, &spec, argv);
	fer_process_apply(s->process, &spec);
	/* a port that has changed is opened anew; who is at another one stays */
	if (other && (fer_process_state(s->process) == FER_PROCESS_READY ||
		      fer_process_state(s->process) == FER_PROCESS_STARTING))
		fer_process_signal(s->process, SIGHUP);
}

void ser2net_wake(struct ser2net *s)
{
	if (fer_process_state(s->process) == FER_PROCESS_BACKOFF)
		fer_process_restart(s->process);
}

void ser2net_show(const struct ser2net *s, struct fer_state *state)
{
	if (s->text)
		fer_process_show(s->process, state);
}
