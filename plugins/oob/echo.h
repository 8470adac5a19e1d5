/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ICMP echo through one interface: whether somebody is there, and how far (RFC 792, RFC 4443). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct echo;

/* Milliseconds since some moment; never 0. */
uint64_t echo_now(void);

/* space: the namespace of the interface, or ""; target: an address. NULL where there can be no
 * socket. */
struct echo *echo_new(const char *space, const char *interface, const char *target);
void echo_free(struct echo *echo);

/* Its interface is still the one that has the name. */
bool echo_is_current(const struct echo *echo);

/* size: of the packet with its IP header, octets; 0: a small one. */
void echo_send(struct echo *echo, unsigned size);

/* Another one to the same target; NULL where there can be none. */
struct echo *echo_again(const struct echo *echo);

/* When the last answer came; 0: none yet. */
uint64_t echo_answered(const struct echo *echo);
unsigned echo_round_trip(const struct echo *echo); /* us, of the last answer */
unsigned echo_loss(const struct echo *echo);	   /* percent of the last 32 but the newest */
