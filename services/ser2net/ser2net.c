// SPDX-License-Identifier: GPL-2.0-or-later
#include "ser2net.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/api/file.h"
#include "core/api/log.h"
#include "core/api/service.h"
#include "services/netdev/greet.h"

#define SER2NET	     "/usr/sbin/ser2net"
#define SER2NET_USER "ferrule-console"

struct ser2net {
	char run_dir[200], role[32], folder[240];
	char conf[280], admin[280];
	char *text; /* in force; NULL: none yet */
	struct fer_process *process;
	struct greet *greet;
};

bool ser2net_available(void)
{
	return !access(SER2NET, X_OK);
}

/* ---- its file ---- */

static void print_connection(const struct ser2net_port *port, const char *address, unsigned number,
			     FILE *file)
{
	fprintf(file,
		"connection: &c%u\n"
		"  accepter: %stcp,%s,%u\n"
		/* DTR is left alone at the close: it resets some switches */
		"  connector: serialdev(nouucplock=true),%s,%un81,local,hangup-when-done=false\n"
		"  options:\n"
		/* one who was cut off must not lock the port */
		"    kickolduser: true\n"
		"    max-connections: 1\n",
		number, port->raw ? "" : "telnet(rfc2217),", address, port->port, port->device,
		port->speed);
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
			print_connection(&config->port[i], config->address[k], number++, file);
	fclose(file);
	return text;
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

static void process_spec(struct ser2net *s, struct fer_process_spec *spec, char **argv)
{
	argv[0] = (char *)SER2NET;
	argv[1] = (char *)"-n";
	argv[2] = (char *)"-d"; /* says what is wrong, and does not leave */
	argv[3] = (char *)"-c";
	argv[4] = s->conf;
	argv[5] = NULL;
	*spec = (struct fer_process_spec){
		.name = "ser2net",
		.role = s->role,
		.run_dir = s->run_dir,
		.argv = argv,
		.user = SER2NET_USER,
		.group = "dialout", /* whose serial ports are in Debian */
		.capabilities = 1ULL << CAP_NET_BIND_SERVICE,
		.memory_max = 64 << 20,
		.ready = FER_READY_PROBE,
		.version = s->text,
		.probe = probe,
		.starting = starting,
		.exited = ended,
		.arg = s,
	};
}

struct ser2net *ser2net_new(const char *run_dir, const char *role)
{
	struct ser2net *s = calloc(1, sizeof(*s));
	struct fer_process_spec spec;
	char *argv[8];

	if (!s)
		abort();
	snprintf(s->run_dir, sizeof(s->run_dir), "%s", run_dir);
	snprintf(s->role, sizeof(s->role), "%s", role);
	snprintf(s->folder, sizeof(s->folder), "%.190s/ser2net", run_dir);
	snprintf(s->conf, sizeof(s->conf), "%s/ser2net.yaml", s->folder);
	snprintf(s->admin, sizeof(s->admin), "%s/admin", s->folder);
	if (fer_folder_make(s->folder, 0700, SER2NET_USER)) {
		free(s);
		return NULL;
	}
	s->greet = greet_new("", greeted, s);
	process_spec(s, &spec, argv);
	s->process = fer_process_new(&spec);
	return s;
}

void ser2net_free(struct ser2net *s)
{
	if (!s)
		return;
	fer_process_free(s->process);
	greet_free(s->greet);
	free(s->text);
	free(s);
}

void ser2net_apply(struct ser2net *s, const struct ser2net_config *config)
{
	struct fer_process_spec spec;
	char *argv[8];
	int err;

	free(s->text);
	s->text = NULL;
	if (!config->ports) {
		fer_process_stop(s->process);
		return;
	}
	s->text = render(s, config);
	err = fer_file_write(s->conf, s->text, strlen(s->text), 0600, SER2NET_USER);
	if (err)
		fer_log_err("ser2net: %s: %s", s->conf, strerror(-err));
	process_spec(s, &spec, argv);
	fer_process_apply(s->process, &spec);
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
