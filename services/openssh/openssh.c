// SPDX-License-Identifier: GPL-2.0-or-later
#include "openssh.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/api/file.h"
#include "core/api/service.h"
#include "core/api/task.h"
#include "services/netdev/greet.h"

#define SSHD	   "/usr/sbin/sshd"
#define SSH_KEYGEN "/usr/bin/ssh-keygen"

enum { DEADLINE_MS = 10000 };

struct openssh {
	char run_dir[200], role[32], folder[256];
	char key[300], conf[300], staged[300];
	char *text; /* in force */
	struct openssh_config now, next;
	struct fer_process *process;
	struct greet *greet;
	unsigned probes; /* whose echo has not been heard */
	struct fer_task *task;
	void (*done)(void *arg, int err, const char *why);
	void *arg;
};

bool openssh_available(void)
{
	return !access(SSHD, X_OK) && !access(SSH_KEYGEN, X_OK);
}

/* ---- its file ---- */

static char *render(const struct openssh *ssh, const struct openssh_config *config)
{
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	if (!file)
		abort();
	fprintf(file, "# written by ferruled; changes are lost\n");
	for (unsigned i = 0; i < config->addresses; i++)
		fprintf(file,
			strchr(config->address[i], ':') ? "ListenAddress [%s]:%u\n"
							: "ListenAddress %s:%u\n",
			config->address[i], config->port);
	fprintf(file,
		"HostKey %s\n"
		"PidFile none\n"
		"AuthenticationMethods publickey\n"
		"PasswordAuthentication no\n"
		"KbdInteractiveAuthentication no\n"
		"PermitRootLogin prohibit-password\n"
		"AuthorizedKeysFile .ssh/authorized_keys%s%s\n"
		/* else an account without a password of its own ("!") is refused with any key */
		"UsePAM yes\n"
		/* what may hang when the site is broken is not asked */
		"UseDNS no\n"
		"LoginGraceTime 30\n"
		"ClientAliveInterval 15\n"
		"ClientAliveCountMax 4\n"
		/* what may be reached is listed elsewhere */
		"AllowTcpForwarding no\n"
		"AllowStreamLocalForwarding no\n"
		"PermitTunnel no\n"
		"X11Forwarding no\n"
		"Subsystem sftp internal-sftp\n",
		ssh->key, *config->keys ? " " : "", config->keys);
	fclose(file);
	return text;
}

/* ---- the process ---- */

/* The one that is compiled into it to separate its privileges in. The machine's own sshd takes it
 * along when it is stopped. */
static void folder_make(void)
{
	mkdir("/run/sshd", 0755);
}

static void starting(void *arg)
{
	(void)arg;
	folder_make();
}

static void greeted(void *arg, bool good, const char *why)
{
	struct openssh *ssh = arg;

	fer_process_probed(ssh->process, good, why);
}

static void probe(void *arg)
{
	struct openssh *ssh = arg;

	folder_make();
	ssh->probes = 1;
	greet_ask(ssh->greet, ssh->now.address[0], ssh->now.port);
}

/* sshd writes two lines of each connection that ends behind the greeting, as a probe does: the
 * first without an address, the second with that of the module itself. */
static bool is_echo(void *arg, const char *line)
{
	static const char unfinished[] = "kex_exchange_identification: ",
			  closed[] = "Connection closed by ";
	struct openssh *ssh = arg;
	const char *own = ssh->now.address[0], *from;

	if (!strncmp(line, unfinished, sizeof(unfinished) - 1) && ssh->probes) {
		ssh->probes--;
		return true;
	}
	from = line + sizeof(closed) - 1;
	return !strncmp(line, closed, sizeof(closed) - 1) && !strncmp(from, own, strlen(own)) &&
	       from[strlen(own)] == ' ';
}

static enum fer_exit ended(void *arg, int status, char *why, unsigned size)
{
	(void)arg;
	(void)status;
	(void)why;
	(void)size;
	/* its addresses come and go with the tunnel */
	return FER_EXIT_SOON;
}

static void process_spec(struct openssh *ssh, struct fer_process_spec *spec, char **argv)
{
	argv[0] = (char *)SSHD;
	argv[1] = (char *)"-D";
	argv[2] = (char *)"-e";
	argv[3] = (char *)"-f";
	argv[4] = ssh->conf;
	argv[5] = NULL;
	*spec = (struct fer_process_spec){
		.name = "sshd",
		.role = ssh->role,
		.run_dir = ssh->run_dir,
		.argv = argv,
		.privileged = true, /* it gives them to those who log in */
		.ready = FER_READY_PROBE,
		.version = ssh->text,
		.probe = probe,
		.is_echo = is_echo,
		.starting = starting,
		.exited = ended,
		.arg = ssh,
	};
}

struct openssh *openssh_new(const char *run_dir, const char *folder, const char *role)
{
	struct openssh *ssh = calloc(1, sizeof(*ssh));
	struct fer_process_spec spec;
	char *argv[8];

	if (!ssh)
		abort();
	snprintf(ssh->run_dir, sizeof(ssh->run_dir), "%s", run_dir);
	snprintf(ssh->role, sizeof(ssh->role), "%s", role);
	snprintf(ssh->folder, sizeof(ssh->folder), "%.190s/openssh", run_dir);
	snprintf(ssh->conf, sizeof(ssh->conf), "%s/sshd_config", ssh->folder);
	snprintf(ssh->staged, sizeof(ssh->staged), "%s/sshd_config.staged", ssh->folder);
	snprintf(ssh->key, sizeof(ssh->key), "%.250s/ssh_host_ed25519_key", folder);
	if (fer_folder_make(ssh->folder, 0700, NULL)) {
		free(ssh);
		return NULL;
	}
	folder_make();
	ssh->greet = greet_new("SSH-2.0-", greeted, ssh);
	process_spec(ssh, &spec, argv);
	ssh->process = fer_process_new(&spec);
	return ssh;
}

void openssh_free(struct openssh *ssh)
{
	if (!ssh)
		return;
	fer_task_cancel(ssh->task);
	fer_process_free(ssh->process);
	greet_free(ssh->greet);
	free(ssh->text);
	free(ssh);
}

/* ---- a plan ---- */

static void task_run(struct openssh *ssh, char **argv,
		     void (*done)(void *arg, int code, const char *output))
{
	const struct fer_task_spec task = {
		.name = argv[0],
		.argv = argv,
		.deadline = DEADLINE_MS,
		.done = done,
		.arg = ssh,
	};

	ssh->task = fer_task_start(&task);
	if (!ssh->task)
		ssh->done(ssh->arg, -EAGAIN, "it cannot be started");
}

static void checked(void *arg, int code, const char *output)
{
	struct openssh *ssh = arg;

	ssh->task = NULL;
	ssh->done(ssh->arg, code ? -EINVAL : 0, output);
}

static void check(struct openssh *ssh)
{
	char *argv[] = {(char *)SSHD, (char *)"-t", (char *)"-f", ssh->staged, NULL};

	task_run(ssh, argv, checked);
}

static void key_made(void *arg, int code, const char *output)
{
	struct openssh *ssh = arg;

	ssh->task = NULL;
	if (code)
		ssh->done(ssh->arg, -EIO, output);
	else
		check(ssh);
}

int openssh_plan(struct openssh *ssh, const struct openssh_config *config,
		 void (*done)(void *arg, int err, const char *why), void *arg)
{
	char *argv[] = {(char *)SSH_KEYGEN, (char *)"-q", (char *)"-t",
			(char *)"ed25519",  (char *)"-N", (char *)"",
			(char *)"-f",	    ssh->key,	  NULL};
	char *text = render(ssh, config);
	int err = fer_file_write(ssh->staged, text, strlen(text), 0600, NULL);

	free(text);
	if (err)
		return err;
	ssh->next = *config;
	ssh->done = done;
	ssh->arg = arg;
	if (access(ssh->key, F_OK))
		task_run(ssh, argv, key_made);
	else
		check(ssh);
	return 0;
}

void openssh_abort(struct openssh *ssh)
{
	fer_task_cancel(ssh->task);
	ssh->task = NULL;
	unlink(ssh->staged);
}

void openssh_commit(struct openssh *ssh)
{
	struct fer_process_spec spec;
	char *argv[8];

	ssh->now = ssh->next;
	rename(ssh->staged, ssh->conf);
	free(ssh->text);
	ssh->text = render(ssh, &ssh->now);
	process_spec(ssh, &spec, argv);
	fer_process_apply(ssh->process, &spec);
}

void openssh_stop(struct openssh *ssh)
{
	fer_process_stop(ssh->process);
}

void openssh_restart(struct openssh *ssh)
{
	if (fer_process_pid(ssh->process))
		fer_process_restart(ssh->process);
}

void openssh_wake(struct openssh *ssh)
{
	if (fer_process_state(ssh->process) == FER_PROCESS_BACKOFF)
		fer_process_restart(ssh->process);
}

void openssh_show(const struct openssh *ssh, struct fer_state *state)
{
	if (ssh->text)
		fer_process_show(ssh->process, state);
}
