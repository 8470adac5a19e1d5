/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An instance of OpenSSH's daemon of its own: a file, a host key and addresses that are not those
 * of the machine's, keys only, and as little else as can be in its way (sshd_config(5)).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct fer_state;
struct openssh;

enum { OPENSSH_ADDRESSES = 4 };

struct openssh_config {
	char address[OPENSSH_ADDRESSES][48]; /* to listen on */
	unsigned addresses;
	uint16_t port;
	char keys[256]; /* a file of keys beside those of the users; "": none */
};

bool openssh_available(void);

/* role: whose log it writes. folder: where its host key is kept. NULL where there can be none. */
struct openssh *openssh_new(const char *run_dir, const char *folder, const char *role);

/* Those who are logged in stay, as does the daemon. */
void openssh_free(struct openssh *ssh);

/* Makes a host key where there is none, and asks sshd -t. done: once, unless it is aborted; why:
 * what is wrong. 0 or a negative errno. */
int openssh_plan(struct openssh *ssh, const struct openssh_config *config,
		 void (*done)(void *arg, int err, const char *why), void *arg);
void openssh_commit(struct openssh *ssh);
void openssh_abort(struct openssh *ssh);
void openssh_stop(struct openssh *ssh);

/* It listens anew: an address of it was not there before. */
void openssh_restart(struct openssh *ssh);

/* It tries again now, where it waits: its addresses are there. */
void openssh_wake(struct openssh *ssh);
void openssh_show(const struct openssh *ssh, struct fer_state *state);
