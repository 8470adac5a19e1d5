/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a service on this machine serves: it is connected to, and says something first. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct greet;

/* begins: what it says first, as "SSH-2.0-". answered: once for each greet_ask() that was answered
 * or refused; why: what is wrong. */
struct greet *greet_new(const char *begins, void (*answered)(void *arg, bool good, const char *why),
			void *arg);
void greet_free(struct greet *greet);

/* An address with a port, or port 0 and the path of a socket. Drops one that is under way. */
void greet_ask(struct greet *greet, const char *address, uint16_t port);
