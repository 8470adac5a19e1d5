/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who fetched which boot file, and how far; and which one-shot boots are done. Those are kept on
 * disk: a machine that was installed must not be installed again after a power cut.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

struct fer_model;
struct fer_state;
struct lan_config;
struct track;

struct track_event {
	const char *by; /* "tftp" or "http" */
	const char *address;
	const char *mac;  /* "" where it is not known */
	const char *file; /* below the folder of boot files */
	uint64_t bytes, size;
	const char *problem; /* NULL: it went out whole */
	bool whole;	     /* from the first octet to the last, in one go */
	bool is_mac; /* the MAC is that of a lease or of a neighbour, and not what a query says */
};

struct track *track_new(const char *state_dir);
void track_free(struct track *track);

/* True where this ended a one-shot boot: the scripts are to be written anew. */
bool track_add(struct track *track, const struct lan_config *lan, const struct track_event *event);

/* The file that a machine fetches last of an image. */
const char *track_last_file(const struct fer_model *image);

bool track_was_booted(const struct track *track, const char *mac, const char *image);

/* Forgets one-shot boots that the configuration does not ask for any more. */
void track_forget(struct track *track, const struct lan_config *lan);

void track_state(const struct track *track, struct fer_state *state);
