// SPDX-License-Identifier: GPL-2.0-or-later
#include "wireguard.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/api/file.h"
#include "core/api/log.h"
#include "core/api/service.h"
#include "internal.h"
#include "kernel.h"
#include "services/netdev/link.h"
#include "services/netdev/netns.h"

#define WIREGUARD_GO   "/usr/bin/wireguard-go"
#define WIREGUARD_USER "ferrule-wireguard"
#define SOCKETS	       "/run/wireguard" /* where wireguard-go looks for its own */

enum {
	/* idle 5 MB, 50 MB at full load: packets in flight are live memory that no limit frees */
	MEMORY = 64 << 20,
	/* what Go reserves without using it counts for RLIMIT_DATA */
	DATA = 512 << 20,
	BUFFER = 2 << 20, /* octets, of a UDP socket */
	GATHER = 1000,	  /* us, of segments that go up together: see gather.c */
	MTU_FIRST = 1420, /* what wireguard-go sets as it starts */
};

struct wireguard {
	char interface[16], run_dir[200], folder[240], space[256];
	struct wireguard_events events;
	struct fer_process *process; /* user space */
	struct kernel *kernel;	     /* or this */
	struct ask *ask;
	struct wireguard_config now, told;
	struct wireguard_state heard;
	bool wanted, changed, up;
	bool moved;	 /* it is told its endpoints again */
	uint64_t before; /* the latest handshake as it was told, s since 1970 */
};

bool wireguard_userspace_available(void)
{
	return !access(WIREGUARD_GO, X_OK) && !access("/dev/net/tun", R_OK | W_OK);
}

bool wireguard_kernel_available(void)
{
	return kernel_available();
}

/* ---- its interface, here or in a namespace ---- */

static bool enter(const struct wireguard *w)
{
	int err = netns_enter(w->space);

	if (err)
		fer_log_err("wireguard: %s: %s: %s", w->interface, w->space, strerror(-err));
	return !err;
}

/*
 * wireguard-go (tun_linux.go) looks for the name of its device here, asks for its MTU, sets one,
 * and from then on goes by what the descriptor says, for devices that are elsewhere. So there is
 * one by the name while it starts. Its MTU is the one that is set, as a change would be told, with
 * the link's state, which is down.
 */
static void stand_in(const struct wireguard *w, bool there)
{
	struct link_state link;
	int err;

	if (!*w->space)
		return;
	if (!there) {
		if (!link_look(w->interface, &link) && !strcmp(link.kind, "tun") && !link.up)
			link_remove(w->interface);
		return;
	}
	err = link_tun_make(w->interface);
	if (!err)
		err = link_tune(w->interface, MTU_FIRST, 0);
	if (err)
		fer_log_err("wireguard: %s cannot be made: %s", w->interface, strerror(-err));
}

static int interface_make(const struct wireguard *w)
{
	int err = netns_enter(w->space);

	if (err)
		return err;
	err = link_tun_make(w->interface);
	if (!err)
		err = link_up(w->interface, true);
	netns_leave();
	return err;
}

static void interface_remove(const struct wireguard *w)
{
	if (!enter(w))
		return;
	link_remove(w->interface);
	netns_leave();
	stand_in(w, false);
}

static void gather(const struct wireguard *w)
{
	int err;

	if (!enter(w))
		return;
	err = link_gather(w->interface, GATHER);
	netns_leave();
	if (err)
		fer_log_info("wireguard: %s: packets go up one by one: %s", w->interface,
			     strerror(-err));
}

/* ---- configuration, over its socket ---- */

static void look(struct wireguard *w);

static void was_told(void *arg, const char *reply)
{
	struct wireguard *w = arg;
	struct wireguard_state ignored;
	int err = reply ? uapi_parse(reply, &ignored) : -ETIMEDOUT;
	bool first = !w->up;

	if (err) {
		fer_log_err("wireguard: %s: a configuration was not taken: %s", w->interface,
			    strerror(-err));
		return; /* the next look tries again */
	}
	w->told = w->now;
	w->changed = w->moved = false;
	w->up = true;
	if (first) {
		stand_in(w, false);
		gather(w);
		w->events.up(w->events.arg);
	}
	look(w);
}

static void tell(struct wireguard *w)
{
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	if (!file)
		abort();
	w->before = uapi_handshake_kept(&w->now, &w->heard, w->up ? &w->told : NULL);
	uapi_print(&w->now, &w->heard, w->up ? &w->told : NULL, w->moved, file);
	fclose(file);
	ask_start(w->ask, text, was_told, w);
	explicit_bzero(text, size);
	free(text);
}

static void was_heard(void *arg, const char *reply)
{
	struct wireguard *w = arg;
	struct wireguard_state state;
	int err = reply ? uapi_parse(reply, &state) : -ETIMEDOUT;

	if (err) {
		fer_process_probed(w->process, false, "no answer on its socket");
		return;
	}
	w->heard = state;
	sockets_grow(fer_process_pid(w->process), BUFFER);
	fer_process_probed(w->process, true, NULL);
	if (w->wanted && w->changed)
		tell(w);
}

static void look(struct wireguard *w)
{
	ask_start(w->ask, "get=1\n\n", was_heard, w);
}

static void probe(void *arg)
{
	struct wireguard *w = arg;

	if (!ask_busy(w->ask))
		look(w);
}

/* ---- the process ---- */

static void serving(void *arg)
{
	struct wireguard *w = arg;

	w->up = false;
	w->changed = true;
	if (!ask_busy(w->ask))
		look(w);
}

static enum fer_exit ended(void *arg, int status, char *why, unsigned size)
{
	struct wireguard *w = arg;

	(void)status;
	(void)why;
	(void)size;
	w->up = false;
	ask_cancel(w->ask);
	/* nobody waits for backoff who has no other way in */
	return FER_EXIT_SOON;
}

static int descriptor(void *arg)
{
	struct wireguard *w = arg;
	int fd, err = netns_enter(w->space);

	if (err)
		return err;
	fd = link_tun_open(w->interface);
	if (fd >= 0)
		link_up(w->interface, true);
	netns_leave();
	stand_in(w, true);
	return fd;
}

static void process_apply(struct wireguard *w)
{
	char *argv[] = {(char *)WIREGUARD_GO, (char *)"-f", w->interface, NULL};
	/* No GOMEMLIMIT: near it, each collection throws the pools of buffers away, which are made
	 * anew; 74 to 77 MB were resident with one of 60 MiB, and 50 to 70 without. */
	char *env[] = {(char *)"WG_PROCESS_FOREGROUND=1", (char *)"LOG_LEVEL=error",
		       (char *)"WG_TUN_FD=3", (char *)"GOGC=50", NULL};
	const struct fer_process_bind bind[] = {{w->folder, SOCKETS}, {NULL, NULL}};
	char name[32];
	const struct fer_process_spec spec = {
		.name = name,
		.role = "oob",
		.run_dir = w->run_dir,
		.argv = argv,
		.env = env,
		.bind = bind,
		.user = WIREGUARD_USER,
		.capabilities = 1ULL << CAP_NET_ADMIN,
		.memory_max = MEMORY,
		.data_max = DATA,
		.batch = true,
		.version = w->space, /* one with a device elsewhere is another one */
		.ready = FER_READY_PROBE,
		.descriptor = descriptor,
		.probe = probe,
		.exited = ended,
		.serving = serving,
		.arg = w,
	};

	snprintf(name, sizeof(name), "wireguard-%s", w->interface);
	if (w->process)
		fer_process_apply(w->process, &spec);
	else
		w->process = fer_process_new(&spec);
}

struct wireguard *wireguard_new(const struct wireguard_place *place, bool kernel,
				const struct wireguard_events *events)
{
	const char *run_dir = place->run_dir, *interface = place->interface;
	struct wireguard *w = calloc(1, sizeof(*w));
	char path[300];

	if (!w)
		abort();
	w->events = *events;
	snprintf(w->interface, sizeof(w->interface), "%s", interface);
	snprintf(w->run_dir, sizeof(w->run_dir), "%s", run_dir);
	snprintf(w->space, sizeof(w->space), "%s", place->space);
	snprintf(w->folder, sizeof(w->folder), "%.190s/wireguard-%s", run_dir, interface);
	snprintf(path, sizeof(path), "%s/%s.sock", w->folder, interface);
	if (kernel) {
		w->kernel = kernel_new(interface, w->space, &w->heard);
		return w;
	}
	w->ask = ask_new(path);
	if (!w->ask || fer_folder_make(w->folder, 0700, WIREGUARD_USER)) {
		ask_free(w->ask);
		free(w);
		return NULL;
	}
	mkdir(SOCKETS, 0755);
	process_apply(w);
	return w;
}

void wireguard_free(struct wireguard *w)
{
	if (!w)
		return;
	fer_process_free(w->process);
	kernel_free(w->kernel);
	ask_free(w->ask);
	explicit_bzero(w, sizeof(*w));
	free(w);
}

static void kernel_told(void *arg, int err)
{
	struct wireguard *w = arg;
	bool first = !w->up;

	if (err)
		return;
	w->told = w->now;
	w->changed = w->moved = false;
	w->before = kernel_handshake_before(w->kernel);
	w->up = true;
	if (first)
		w->events.up(w->events.arg);
}

void wireguard_apply(struct wireguard *w, const struct wireguard_config *config)
{
	int err;

	if (config != &w->now)
		w->now = *config;
	w->wanted = w->changed = true;
	if (w->kernel) {
		kernel_apply(w->kernel, &w->now, w->up ? &w->told : NULL, kernel_told, w);
		return;
	}
	err = interface_make(w);
	if (err)
		fer_log_err("wireguard: %s cannot be made: %s", w->interface, strerror(-err));
	process_apply(w);
	if (fer_process_state(w->process) == FER_PROCESS_READY)
		look(w);
}

/* It answers from the address that it was last spoken to at, over that interface, whatever routes
 * say, until it is told an endpoint. */
void wireguard_move(struct wireguard *w)
{
	w->moved = true;
	if (w->wanted)
		wireguard_apply(w, &w->now);
}

void wireguard_stop(struct wireguard *w)
{
	w->wanted = w->up = false;
	if (!w->kernel) {
		ask_cancel(w->ask);
		fer_process_stop(w->process);
	}
	interface_remove(w); /* which ends it, too */
}

bool wireguard_is_gone(const struct wireguard *w)
{
	return !w->process || fer_process_state(w->process) == FER_PROCESS_STOPPED;
}

void wireguard_bounce(struct wireguard *w)
{
	if (!enter(w))
		return;
	link_up(w->interface, false);
	link_up(w->interface, true);
	netns_leave();
	/* what stood on the link went with it */
	if (w->up)
		w->events.up(w->events.arg);
}

void wireguard_restart(struct wireguard *w)
{
	if (w->process)
		fer_process_restart(w->process);
	else
		kernel_apply(w->kernel, &w->now, NULL, kernel_told, w); /* with a link, if gone */
}

void wireguard_look(struct wireguard *w)
{
	/* the kernel's is asked by a program: as often as it is anyway */
	if (w->ask && w->up && !ask_busy(w->ask))
		look(w);
}

/* ---- state ---- */

uint64_t wireguard_shaken(const struct wireguard *w)
{
	uint64_t latest = uapi_handshake(&w->heard);

	return !w->up || w->changed || latest == w->before ? 0 : latest;
}

const struct wireguard_state *wireguard_heard(const struct wireguard *w)
{
	return &w->heard;
}

bool wireguard_is_up(const struct wireguard *w)
{
	return w->up;
}

void wireguard_drops(const struct wireguard *w, struct wireguard_drops *drops)
{
	struct link_state link;

	memset(drops, 0, sizeof(*drops));
	if (w->heard.listen_port)
		drops->receive = sockets_drops(w->heard.listen_port);
	if (netns_enter(w->space))
		return;
	if (!link_look(w->interface, &link))
		drops->tunnel = link.tx_dropped;
	netns_leave();
}

void wireguard_show(const struct wireguard *w, struct fer_state *state)
{
	if (w->process)
		fer_process_show(w->process, state);
}
