// SPDX-License-Identifier: GPL-2.0-or-later
#include "track.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/api/file.h"
#include "core/api/log.h"
#include "core/api/model.h"
#include "core/api/state.h"
#include "load.h"

enum { BOOTS = 64, ONCE_MAX = 1024 };

struct boot {
	uint32_t number;
	time_t time;
	char by[8], address[64], mac[24], file[160], result[64];
	uint64_t bytes, size;
};

struct once {
	char mac[24], image[48];
};

struct track {
	char path[256]; /* of the one-shot boots that are done */
	struct boot boot[BOOTS];
	uint32_t count;
	struct once *once;
	unsigned onces;
};

/* ---- one-shot boots ---- */

static void once_read(struct track *track)
{
	char *text, *save = NULL;
	struct once once;

	if (fer_file_read(track->path, 1 << 20, &text, NULL))
		return;
	for (char *line = strtok_r(text, "\n", &save); line && track->onces < ONCE_MAX;
	     line = strtok_r(NULL, "\n", &save))
		if (sscanf(line, "%23s %47s", once.mac, once.image) == 2)
			track->once[track->onces++] = once;
	free(text);
}

static void once_write(const struct track *track)
{
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);
	int err;

	if (!file)
		abort();
	for (unsigned i = 0; i < track->onces; i++)
		fprintf(file, "%s %s\n", track->once[i].mac, track->once[i].image);
	fclose(file);
	err = fer_file_write(track->path, text, size, 0644, NULL);
	if (err)
		fer_log_err("lan: %s: a one-shot boot cannot be kept in mind: %s", track->path,
			    strerror(-err));
	free(text);
}

bool track_was_booted(const struct track *track, const char *mac, const char *image)
{
	for (unsigned i = 0; i < track->onces; i++)
		if (!strcasecmp(track->once[i].mac, mac) && !strcmp(track->once[i].image, image))
			return true;
	return false;
}

static bool is_wanted(const struct lan_config *lan, const struct once *once)
{
	const struct fer_model *host = fer_model_find(lan->at, "dhcp/host");

	for (; host; host = fer_model_next(host)) {
		const char *image = fer_model_text(host, "boot-once");

		if (image && !strcmp(image, once->image) &&
		    !strcasecmp(fer_model_text(host, "mac"), once->mac))
			return true;
	}
	return false;
}

void track_forget(struct track *track, const struct lan_config *lan)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < track->onces; i++)
		if (is_wanted(lan, &track->once[i]))
			track->once[kept++] = track->once[i];
	if (kept == track->onces)
		return;
	track->onces = kept;
	once_write(track);
}

const char *track_last_file(const struct fer_model *image)
{
	const struct fer_model *initrd = fer_model_find(image, "initrd");
	const char *last = fer_model_text(image, "file");

	if (!last)
		last = fer_model_text(image, "kernel");
	for (; initrd; initrd = fer_model_next(initrd))
		last = fer_model_text(initrd, NULL);
	return last;
}

static const char *last_file(const struct lan_config *lan, const char *name)
{
	const struct fer_model *image = fer_model_find(lan->boot, "image");

	while (image && strcmp(fer_model_text(image, "name"), name))
		image = fer_model_next(image);
	return track_last_file(image);
}

static bool once_done(struct track *track, const struct lan_config *lan,
		      const struct track_event *event)
{
	const struct fer_model *host = fer_model_find(lan->at, "dhcp/host");
	const char *image = NULL, *last;

	/* one octet of the file, or somebody else's word, ends nobody's installation */
	if (strncmp(event->file, "boot/", 5) || !*event->mac || !event->whole || !event->is_mac)
		return false;
	for (; host && !image; host = fer_model_next(host))
		if (!strcasecmp(fer_model_text(host, "mac"), event->mac))
			image = fer_model_text(host, "boot-once");
	last = image ? last_file(lan, image) : NULL;
	if (!last || strcmp(event->file + 5, last) || track->onces == ONCE_MAX ||
	    track_was_booted(track, event->mac, image))
		return false;
	snprintf(track->once[track->onces].mac, sizeof(track->once->mac), "%s", event->mac);
	snprintf(track->once[track->onces++].image, sizeof(track->once->image), "%s", image);
	once_write(track);
	fer_log_notice("lan: %s has booted %s once", event->mac, image);
	return true;
}

/* ---- boots ---- */

struct track *track_new(const char *state_dir)
{
	struct track *track = calloc(1, sizeof(*track));

	if (!track)
		abort();
	track->once = calloc(ONCE_MAX, sizeof(*track->once));
	if (!track->once)
		abort();
	snprintf(track->path, sizeof(track->path), "%s/booted", state_dir);
	once_read(track);
	return track;
}

void track_free(struct track *track)
{
	if (!track)
		return;
	free(track->once);
	free(track);
}

bool track_add(struct track *track, const struct lan_config *lan, const struct track_event *event)
{
	struct boot *boot = &track->boot[track->count++ % BOOTS];

	memset(boot, 0, sizeof(*boot));
	boot->number = track->count;
	boot->time = time(NULL);
	boot->bytes = event->bytes;
	boot->size = event->size;
	snprintf(boot->by, sizeof(boot->by), "%s", event->by);
	snprintf(boot->address, sizeof(boot->address), "%s", event->address);
	snprintf(boot->mac, sizeof(boot->mac), "%s", event->mac);
	snprintf(boot->file, sizeof(boot->file), "%s", event->file);
	snprintf(boot->result, sizeof(boot->result), "%s",
		 event->problem ? event->problem : "done");
	return !event->problem && once_done(track, lan, event);
}

static void show(const struct boot *boot, struct fer_state *state)
{
	char at[80], when[32];
	struct tm tm;

	snprintf(at, sizeof(at), "ferrule-lan:lan/boot[number='%u']", boot->number);
	gmtime_r(&boot->time, &tm);
	strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &tm);
	fer_state_text(state, when, "%s/time", at);
	fer_state_text(state, boot->address, "%s/address", at);
	if (*boot->mac)
		fer_state_text(state, boot->mac, "%s/mac", at);
	fer_state_text(state, boot->file, "%s/file", at);
	fer_state_text(state, boot->by, "%s/by", at);
	fer_state_number(state, boot->bytes, "%s/bytes", at);
	fer_state_number(state, boot->size, "%s/size", at);
	fer_state_text(state, boot->result, "%s/result", at);
}

void track_state(const struct track *track, struct fer_state *state)
{
	uint32_t first = track->count > BOOTS ? track->count - BOOTS : 0;

	for (uint32_t i = first; i < track->count; i++)
		show(&track->boot[i % BOOTS], state);
}
