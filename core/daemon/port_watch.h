/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What others do to the ports of the wire while it runs: put one into a bridge, give it an address,
 * call it by another name. Frames go on crossing; the machine's own frames join them.
 */
#pragma once

struct port_watch;
struct wire;

/* Looks every few seconds and says what is new in the log. */
struct port_watch *port_watch_new(const struct wire *wire);
void port_watch_free(struct port_watch *watch);

/* What is wrong with a port (enum engine_port), and what to do; "" where nothing is. */
const char *port_watch_why(const struct port_watch *watch, int port);
