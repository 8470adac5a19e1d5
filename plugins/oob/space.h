/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A network namespace for the tunnels, with a way to the module and its site: a pair of veth
 * interfaces, and addresses that are nobody's (RFC 3927 2.1 keeps 169.254.0.0/24 free).
 */
#pragma once

#include <stddef.h>

struct oob_config;

#define SPACE_INSIDE  "site"	    /* the end of the pair in the namespace */
#define SPACE_MODULE4 "169.254.0.1" /* this end's: what is served in the tunnel listens there */
#define SPACE_MODULE6 "fd0b:b0b::1"
#define SPACE_INSIDE4 "169.254.0.2"
#define SPACE_INSIDE6 "fd0b:b0b::2"

void space_path(const char *run_dir, char *path, size_t size);

/* This end of the pair: "oob-in". */
void space_near(const struct oob_config *config, char name[16]);

/* 0 or a negative errno. */
int space_make(const struct oob_config *config);

/* The pair is gone, and nobody finds the namespace any more. */
void space_clear(const char *path);
