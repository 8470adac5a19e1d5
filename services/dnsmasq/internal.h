/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the files of this folder. */
#pragma once

#include <stdio.h>

#include "dnsmasq.h"

#define DNSMASQ_USER "ferrule-dnsmasq"

struct dnsmasq_paths {
	char folder[224]; /* of all that follows */
	char conf[256];
	char hosts_dir[256], options_dir[256], records_dir[256];
	char servers[256];
	char leases[256]; /* in RAM */
	char kept[256];	  /* on disk */
};

/* Its main file. time_check: dates of signatures count from the start. */
void dnsmasq_render(const struct dnsmasq_config *config, const struct dnsmasq_paths *paths,
		    bool time_check, FILE *file);

/* What of it is about boot. */
void dnsmasq_render_boot(const struct dnsmasq_config *config, FILE *file);

/* ---- leases: in RAM while it runs, on disk at a bounded rate ---- */

struct keeper;

struct keeper *keeper_new(const struct dnsmasq_paths *paths);

/* Saves what is not saved yet. */
void keeper_free(struct keeper *keeper);

/* Before a start: the leases of the last boot where there are none of this one. */
void keeper_restore(struct keeper *keeper);

/* Before each start: what a daemon that was killed while it wrote has lost of its file. */
void keeper_mend(struct keeper *keeper);

/* What the file says, beside what it said before where it may be half written. New memory; NULL for
 * none. */
char *keeper_text(const struct keeper *keeper);
void keeper_watch(struct keeper *keeper, bool on);

/* ---- counters: CHAOS TXT queries to its loopback address ---- */

struct counting;

/* heard: after each answer. */
struct counting *counting_new(struct dnsmasq_counters *to, void (*heard)(void *arg), void *arg);
void counting_free(struct counting *counting);

/* Asks for the next of the counters. 0 or a negative errno. */
int counting_ask(struct counting *counting);
