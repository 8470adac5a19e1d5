/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the files of this folder. */
#pragma once

struct nl_sock;

/* Connected, or NULL. Freed by nl_socket_free(). */
struct nl_sock *route_socket(void);

/* AF_INET or AF_INET6 of 4 or 6. */
int route_family(int family);

/* An error of libnl as a negative errno; 0 is 0. */
int route_error(int err);
