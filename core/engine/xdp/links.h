/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One pinned bpf_link for each of LINK_COUNT: attach, adopt, replace the program without a gap,
 * detach.
 */
#pragma once

#include <stdbool.h>

#include "../backend.h"

struct port_link {
	int fd; /* -1: none */
	unsigned ifindex;
	enum backend_mode mode; /* what the attachment got */
};

/* A link that there is, if it still holds a device; else fd is -1. Takes the descriptor. */
void link_adopt(struct port_link *link, int fd);

/* The same of the pinned link of a port. */
void link_open(struct port_link *link, const char *pins, int port);
bool link_is_pinned(const char *pins, int port);

/* 0, -EBUSY where another program has the device, or what the kernel said. Not pinned yet. */
int link_attach(struct port_link *link, unsigned ifindex, int program, enum backend_mode mode);

/* The program is replaced under running frames. */
int link_replace(struct port_link *link, int program);

int link_pin(const struct port_link *link, const char *pins, int port);
void link_unpin(const char *pins, int port);

/* Detaches, unless the kernel keeps it for somebody else's pin. */
void link_close(struct port_link *link);
