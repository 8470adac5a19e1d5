/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A set of validated ROA payloads from a file, served to a router on this machine by the RPKI to
 * Router protocol, version 1 (RFC 8210): for the time that no cache does. The set is not held in
 * memory; it changes as a whole.
 */
#pragma once

#include <stdint.h>

/* As in the file; one behind the other. */
struct vrp {
	uint8_t family; /* 4, 6 */
	uint8_t length, most;
	uint8_t zero;
	uint32_t asn; /* host order: the file stays on this machine */
	uint8_t address[16];
};

struct rtr;

/* address: IPv4, of this machine. NULL, and why in the log, where the port is taken. */
struct rtr *rtr_new(const char *address, uint16_t port);
void rtr_free(struct rtr *rtr);

/* What is served from now on: a file, and a number that is another one for another set. */
void rtr_serve(struct rtr *rtr, const char *path, uint32_t serial);
