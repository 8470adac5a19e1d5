/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the files of this folder. */
#pragma once

#include <time.h>

#include "../backend.h"
#include "links.h"
#include "maps.h"
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
	bool unpinned;		       /* which was said */
	uint32_t tick_before;	       /* s of CLOCK_MONOTONIC when the tick was 0 */
	uint32_t flows;		       /* of the plan */
	int staged_flows[FLOW_TABLES]; /* made for it, or -1 */
	int bound[2];		       /* programs of the plan for wire ports (beside.h), or -1 */
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

/* Where the maps of this layout are pinned. */
void xdp_maps_folder(const struct backend *backend, char *path, size_t size);

/* Both banks, until munmap; NULL where there is no memory. */
struct image *xdp_image_map(const struct backend *backend, int protection);
size_t xdp_image_map_size(void);

/* Frames that began before are through. */
void xdp_frames_drain(void);

/* Tables of flows, made in a plan where those in force are of another size. */
int xdp_flows_stage(struct backend *backend, uint32_t flows);
void xdp_flows_commit(struct backend *backend);
void xdp_flows_abort(struct backend *backend);

/* After a commit: flows of filters that divert no more are forgotten. */
void xdp_flows_purge(struct backend *backend);

/* Loans, for struct backend_ops. */
void xdp_loan_clear(struct backend *backend, uint32_t slot);
void xdp_loan_get(struct backend *backend, uint32_t slot, struct backend_loan *loan);
void xdp_loan_set(struct backend *backend, uint32_t slot, const struct backend_loan *loan);
void xdp_loan_count(struct backend *backend, uint32_t slot, struct backend_loan_count *count);
void xdp_sightings_clear(struct backend *backend, uint32_t slot);
void xdp_guests_set(struct backend *backend, bool on);
unsigned xdp_sightings_get(struct backend *backend, struct backend_sighting *sighting,
			   unsigned room);
unsigned xdp_flows_get(struct backend *backend, struct backend_flow *flow, unsigned room,
		       struct backend_flow_tables *tables);
