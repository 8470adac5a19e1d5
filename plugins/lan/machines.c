// SPDX-License-Identifier: GPL-2.0-or-later
#include "machines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "core/api/model.h"
#include "core/api/state.h"
#include "load.h"
#include "track.h"

enum {
	MACHINES = 64,	    /* the longest silent one makes room */
	SILENT_AFTER = 600, /* s without a file: it went its own way, or it hangs */
	BOOT_GAP = 60,	    /* s: a loader asked for after that begins another boot */
};

enum stage { LOADING, DONE, FAILED };

struct machine {
	char mac[24], address[64], file[160], image[48], problem[64];
	enum stage stage;
	struct timespec began, last; /* CLOCK_BOOTTIME: the wall clock may jump */
	uint64_t bytes;
	unsigned files;
};

struct machines {
	struct machine at[MACHINES];
};

static struct timespec now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return ts;
}

/* The image that this file is the last of, or NULL. */
static const char *image_ended(const struct lan_config *lan, const char *file)
{
	const struct fer_model *image = fer_model_find(lan->boot, "image");

	if (strncmp(file, "boot/", 5))
		return NULL;
	for (; image; image = fer_model_next(image))
		if (!strcmp(file + 5, track_last_file(image)))
			return fer_model_text(image, "name");
	return NULL;
}

static struct machine *machine_of(struct machines *machines, const struct track_event *event)
{
	struct machine *oldest = &machines->at[0], *machine;

	for (unsigned i = 0; i < MACHINES; i++) {
		machine = &machines->at[i];
		if (!strcasecmp(machine->mac, event->mac))
			return machine;
		if (machine->last.tv_sec < oldest->last.tv_sec)
			oldest = machine;
	}
	memset(oldest, 0, sizeof(*oldest));
	snprintf(oldest->mac, sizeof(oldest->mac), "%s", event->mac);
	return oldest;
}

/* A loader or a script after the end, or anything after a pause, belongs to its next boot. */
static bool is_another_boot(const struct machine *machine, const char *file, time_t at)
{
	return !machine->files || at - machine->last.tv_sec > BOOT_GAP ||
	       (machine->stage == DONE && strncmp(file, "boot/", 5));
}

void machines_add(struct machines *machines, const struct lan_config *lan,
		  const struct track_event *event)
{
	const char *image = image_ended(lan, event->file);
	struct machine *machine;
	struct timespec at = now();

	if (!*event->mac)
		return;
	machine = machine_of(machines, event);
	if (is_another_boot(machine, event->file, at.tv_sec)) {
		machine->stage = LOADING;
		machine->began = at;
		machine->bytes = machine->files = 0;
		machine->image[0] = '\0';
	}
	machine->last = at;
	machine->bytes += event->bytes;
	machine->files++;
	snprintf(machine->address, sizeof(machine->address), "%s", event->address);
	snprintf(machine->file, sizeof(machine->file), "%s", event->file);
	snprintf(machine->problem, sizeof(machine->problem), "%s",
		 event->problem ? event->problem : "");
	if (event->problem)
		machine->stage = FAILED;
	else if (image || machine->stage != DONE)
		machine->stage = image ? DONE : LOADING;
	if (image)
		snprintf(machine->image, sizeof(machine->image), "%s", image);
}

static void stage_print(const struct machine *machine, char text[96])
{
	time_t silent = now().tv_sec - machine->last.tv_sec;

	if (machine->stage == DONE)
		snprintf(text, 96, "done");
	else if (machine->stage == FAILED)
		snprintf(text, 96, "failed: %s", machine->problem);
	else if (silent > SILENT_AFTER)
		snprintf(text, 96, "silent for %ld min", (long)silent / 60);
	else
		snprintf(text, 96, "in progress");
}

static void show(const struct machine *machine, struct fer_state *state)
{
	char at[80], stage[96];

	snprintf(at, sizeof(at), "ferrule-lan:lan/booting[mac='%s']", machine->mac);
	stage_print(machine, stage);
	fer_state_text(state, machine->address, "%s/address", at);
	fer_state_text(state, stage, "%s/stage", at);
	if (*machine->image)
		fer_state_text(state, machine->image, "%s/image", at);
	fer_state_text(state, machine->file, "%s/last-file", at);
	fer_state_number(state, machine->files, "%s/files", at);
	fer_state_number(state, machine->bytes, "%s/bytes", at);
	fer_state_number(state, machine->last.tv_sec - machine->began.tv_sec, "%s/seconds", at);
}

struct machines *machines_new(void)
{
	struct machines *machines = calloc(1, sizeof(*machines));

	if (!machines)
		abort();
	return machines;
}

void machines_free(struct machines *machines)
{
	free(machines);
}

void machines_state(const struct machines *machines, struct fer_state *state)
{
	for (unsigned i = 0; i < MACHINES; i++)
		if (machines->at[i].files)
			show(&machines->at[i], state);
}
