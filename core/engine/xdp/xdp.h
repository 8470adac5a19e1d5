/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the files of this folder. */
#pragma once

#include <time.h>

#include "../backend.h"
#include "links.h"
#include "wire.skel.h"

struct backend {
	struct backend_config config;
	char run_dir[256];
	char pins[512];
	struct wire_bpf *bpf;
	struct engine_control *control;
	struct port_link link[LINK_COUNT];
	struct port_link staged[LINK_COUNT]; /* fd -1: the port stays */
	struct backend_ports ports;
	struct backend_ports staged_ports;
	bool programs_current; /* the links hold this process's programs */
	bool adopted;
	bool planned;
	char what[64];
};

static inline uint64_t monotonic_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000ULL + now.tv_nsec;
}

/* What the programs wrote down, for struct backend_ops. */
void xdp_state_get(struct backend *backend, struct backend_state *state);
void xdp_counters_get(struct backend *backend, struct backend_counter *counter);
void xdp_sessions_get(struct backend *backend, struct backend_session *session);
void xdp_captures_get(struct backend *backend, struct backend_capture *capture);
unsigned xdp_macs_get(struct backend *backend, struct backend_mac *mac, unsigned room);
enum engine_port xdp_mac_port(struct backend *backend, const uint8_t address[6]);
