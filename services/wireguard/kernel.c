// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/api/event.h"
#include "core/api/log.h"
#include "core/api/task.h"
#include "services/netdev/link.h"
#include "services/netdev/netns.h"

#define WG "/usr/bin/wg"

enum { LOOK_MS = 2000, DEADLINE_MS = 5000 };

struct kernel {
	char interface[16], space[256];
	struct wireguard_state *heard;
	struct fer_task *tell, *look;
	struct fer_event *timer;
	const struct wireguard_config *wanted; /* until it is taken; NULL: it was */
	const struct wireguard_config *before; /* what it had been told, or NULL */
	bool partly;			       /* without the peers that move, so far */
	uint64_t handshake;		       /* the latest, as it was told */
	void (*done)(void *arg, int err);
	void *arg;
};

bool kernel_available(void)
{
	static int known = -1;

	if (known >= 0)
		return known;
	known = !access(WG, X_OK) && !link_make("ferrule-probe", "wireguard");
	if (known)
		link_remove("ferrule-probe");
	return known;
}

/* A child is where its parent was as it started. */
static struct fer_task *start_inside(const struct kernel *kernel, const struct fer_task_spec *spec)
{
	struct fer_task *task;

	if (netns_enter(kernel->space))
		return NULL;
	task = fer_task_start(spec);
	netns_leave();
	return task;
}

static int inside_up(const struct kernel *kernel)
{
	int err = netns_enter(kernel->space);

	if (err)
		return err;
	err = link_up(kernel->interface, true);
	netns_leave();
	return err;
}

/* Made here, where its sockets are to stay, and moved (wireguard.com/netns). */
static int interface_make(const struct kernel *kernel)
{
	int err = inside_up(kernel);

	if (err != -ENODEV)
		return err;
	err = link_make(kernel->interface, "wireguard");
	if (!err && *kernel->space)
		err = netns_take(kernel->space, kernel->interface);
	return err ? err : inside_up(kernel);
}

static void tell(struct kernel *kernel);

/* ---- hearing ---- */

/* "key psk endpoint allowed handshake rx tx keepalive", by tabs; the first line is the device. */
static bool line_take(struct wireguard_state *to, char *line, bool first)
{
	char *field[9], *save = NULL;
	unsigned count = 0;
	struct wireguard_peer_state *peer;

	for (char *at = strtok_r(line, "\t", &save); at && count < 9;
	     at = strtok_r(NULL, "\t", &save))
		field[count++] = at;
	if (first) {
		if (count != 4)
			return false;
		key_parse(field[0], to->private_key);
		to->listen_port = atoi(field[2]);
		to->mark = strtoul(field[3], NULL, 0);
		return true;
	}
	if (count != 8 || to->peers == WIREGUARD_PEERS)
		return false;
	peer = &to->peer[to->peers++];
	memset(peer, 0, sizeof(*peer));
	if (strcmp(field[2], "(none)"))
		snprintf(peer->endpoint, sizeof(peer->endpoint), "%s", field[2]);
	peer->handshake = strtoull(field[4], NULL, 10);
	peer->rx = strtoull(field[5], NULL, 10);
	peer->tx = strtoull(field[6], NULL, 10);
	return key_parse(field[0], peer->public_key);
}

int kernel_parse(const char *dump, struct wireguard_state *to)
{
	char *text = strdup(dump), *save = NULL;
	bool first = true, good = true;

	memset(to, 0, sizeof(*to));
	for (char *line = strtok_r(text, "\n", &save); line && good;
	     line = strtok_r(NULL, "\n", &save)) {
		good = line_take(to, line, first);
		first = false;
	}
	free(text);
	return good && !first ? 0 : -EPROTO;
}

static void looked(void *arg, int code, const char *output)
{
	struct kernel *kernel = arg;
	struct wireguard_state state;

	kernel->look = NULL;
	if (!code && !kernel_parse(output, &state))
		*kernel->heard = state;
	/* or again: another interface may have had the port, and have it no more */
	if (kernel->wanted && !kernel->tell) {
		kernel->handshake =
			uapi_handshake_kept(kernel->wanted, kernel->heard, kernel->before);
		tell(kernel);
	}
	fer_timer_start(kernel->timer, LOOK_MS);
}

static void look(void *arg)
{
	struct kernel *kernel = arg;
	char *argv[] = {(char *)WG, (char *)"show", kernel->interface, (char *)"dump", NULL};
	const struct fer_task_spec task = {
		.name = "wg show",
		.argv = argv,
		.capabilities = 1ULL << CAP_NET_ADMIN,
		.deadline = DEADLINE_MS,
		.done = looked,
		.arg = kernel,
	};

	if (!kernel->look)
		kernel->look = start_inside(kernel, &task);
	if (!kernel->look)
		fer_timer_start(kernel->timer, LOOK_MS);
}

/* ---- telling ---- */

static void told(void *arg, int code, const char *output)
{
	struct kernel *kernel = arg;

	kernel->tell = NULL;
	if (!code && kernel->partly) {
		kernel->heard->peers = 0; /* those that move have gone */
		tell(kernel);
		return;
	}
	if (!code)
		kernel->wanted = NULL;
	else
		fer_log_err("wireguard: %s: the kernel did not take it: %s", kernel->interface,
			    output);
	if (code) /* once more after a while */
		fer_timer_start(kernel->timer, LOOK_MS);
	else
		look(kernel);
	kernel->done(kernel->arg, code ? -EIO : 0);
}

/* All of it, also what is none: syncconf leaves as it was what is not there. */
static void print_peer(const struct wireguard_peer *peer, FILE *file)
{
	char text[KEY_BASE64];

	key_print(peer->public_key, text);
	fprintf(file, "[Peer]\nPublicKey = %s\n", text);
	key_print(peer->preshared_key, text);
	fprintf(file, "PresharedKey = %s\nPersistentKeepalive = %u\n", text, peer->keepalive);
	if (*peer->endpoint)
		fprintf(file, "Endpoint = %s\n", peer->endpoint);
	for (unsigned i = 0; i < peer->alloweds; i++)
		fprintf(file, "AllowedIPs = %s\n", peer->allowed[i]);
}

/* Where any will do, the one that it has: another one would be another socket. But one that was
 * asked for before is for another interface now. */
static uint16_t port(const struct kernel *kernel)
{
	if (kernel->wanted->listen_port || (kernel->before && kernel->before->listen_port))
		return kernel->wanted->listen_port;
	return kernel->heard->listen_port;
}

/* Those that move are left out, if there are any: then it is told partly. */
static char *text_make(struct kernel *kernel)
{
	const struct wireguard_config *config = kernel->wanted;
	char *text = NULL, key[KEY_BASE64];
	size_t size;
	FILE *file = open_memstream(&text, &size);

	if (!file)
		abort();
	kernel->partly = false;
	key_print(config->private_key, key);
	fprintf(file, "[Interface]\nPrivateKey = %s\nFwMark = %u\nListenPort = %u\n", key,
		config->mark, port(kernel));
	for (unsigned i = 0; i < config->peers; i++) {
		if (uapi_moves(&config->peer[i], kernel->heard, kernel->before))
			kernel->partly = true;
		else
			print_peer(&config->peer[i], file);
	}
	fclose(file);
	return text;
}

static void tell(struct kernel *kernel)
{
	char *argv[] = {(char *)WG, (char *)"syncconf", kernel->interface, (char *)"/dev/stdin",
			NULL};
	char *text = text_make(kernel);
	const struct fer_task_spec task = {
		.name = "wg syncconf",
		.argv = argv,
		.capabilities = 1ULL << CAP_NET_ADMIN,
		.input = text,
		.deadline = DEADLINE_MS,
		.done = told,
		.arg = kernel,
	};

	kernel->tell = start_inside(kernel, &task);
	explicit_bzero(text, strlen(text)); /* there are keys in it */
	free(text);
}

uint64_t kernel_handshake_before(const struct kernel *kernel)
{
	return kernel->handshake;
}

/* It is heard first, so that what is told goes by what is the case. */
void kernel_apply(struct kernel *kernel, const struct wireguard_config *config,
		  const struct wireguard_config *before, void (*done)(void *arg, int err),
		  void *arg)
{
	int err = interface_make(kernel);

	if (err)
		fer_log_err("wireguard: %s cannot be made: %s", kernel->interface, strerror(-err));
	kernel->done = done;
	kernel->arg = arg;
	kernel->wanted = config;
	kernel->before = before;
	fer_task_cancel(kernel->tell);
	fer_task_cancel(kernel->look);
	kernel->tell = kernel->look = NULL;
	look(kernel);
}

struct kernel *kernel_new(const char *interface, const char *space, struct wireguard_state *heard)
{
	struct kernel *kernel = calloc(1, sizeof(*kernel));

	if (!kernel)
		abort();
	snprintf(kernel->interface, sizeof(kernel->interface), "%s", interface);
	snprintf(kernel->space, sizeof(kernel->space), "%s", space);
	kernel->heard = heard;
	kernel->timer = fer_timer_new(look, kernel);
	return kernel;
}

void kernel_free(struct kernel *kernel)
{
	if (!kernel)
		return;
	fer_task_cancel(kernel->tell);
	fer_task_cancel(kernel->look);
	fer_event_free(kernel->timer);
	free(kernel);
}
