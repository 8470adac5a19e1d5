// SPDX-License-Identifier: GPL-2.0-or-later
#include "recovery.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/api/log.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "pins.h"
#include "xdp.h"

enum { MAPS_MAX = 64 }; /* of one program */

static char *note_path(const char *run_dir)
{
	return mem_printf("%s/links", run_dir);
}

static uint32_t link_id(int fd)
{
	struct bpf_link_info info = {0};
	__u32 size = sizeof(info);

	return bpf_obj_get_info_by_fd(fd, &info, &size) ? 0 : info.id;
}

void recovery_note(const struct backend *b)
{
	mem_auto char *path = note_path(b->run_dir);
	struct text text = {0};
	mem_auto char *all = NULL;

	for (int port = 0; port < LINK_COUNT; port++)
		if (b->link[port].fd >= 0)
			text_add(&text, "%d %u\n", port, link_id(b->link[port].fd));
	all = text_take(&text);
	/* a run folder without room costs this way of finding them, and nothing else */
	file_write(path, all, strlen(all), 0600);
}

static uint32_t note_read(const char *run_dir, int port)
{
	mem_auto char *path = note_path(run_dir);
	mem_auto char *text = NULL;
	char *save = NULL;
	unsigned id;
	int found;

	if (file_read(path, 4096, &text, NULL))
		return 0;
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		if (sscanf(line, "%d %u", &found, &id) == 2 && found == port)
			return id;
	return 0;
}

/* The program of a link, or -1. */
static int program_open(int link_fd, struct bpf_prog_info *program)
{
	struct bpf_link_info info = {0};
	__u32 size = sizeof(info);
	int fd;

	if (bpf_obj_get_info_by_fd(link_fd, &info, &size) || info.type != BPF_LINK_TYPE_XDP)
		return -1;
	fd = bpf_prog_get_fd_by_id(info.prog_id);
	size = sizeof(*program);
	if (fd >= 0 && !bpf_obj_get_info_by_fd(fd, program, &size))
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

/* Numbers are not given twice in a boot, and the run folder does not outlive it; the name is for
 * a run folder that was copied. */
void recovery_link(struct port_link *link, const char *run_dir, int port)
{
	struct bpf_prog_info program = {0};
	uint32_t id = note_read(run_dir, port);
	int fd = id ? bpf_link_get_fd_by_id(id) : -1, program_fd;

	*link = (struct port_link){.fd = -1};
	if (fd < 0)
		return;
	program_fd = program_open(fd, &program);
	if (program_fd >= 0)
		close(program_fd);
	if (program_fd >= 0 && !strncmp(program.name, "fer_", 4))
		link_adopt(link, fd);
	else
		close(fd);
}

static bool is_same_layout(const struct bpf_map *map, const struct bpf_map_info *info)
{
	return bpf_map__type(map) == info->type && bpf_map__key_size(map) == info->key_size &&
	       bpf_map__value_size(map) == info->value_size &&
	       bpf_map__max_entries(map) == info->max_entries;
}

static void map_take_over(struct backend *b, uint32_t id)
{
	struct bpf_map_info info = {0};
	__u32 size = sizeof(info);
	struct bpf_map *map;
	int fd = bpf_map_get_fd_by_id(id);

	if (fd < 0)
		return;
	if (!bpf_obj_get_info_by_fd(fd, &info, &size)) {
		map = bpf_object__find_map_by_name(b->bpf->obj, info.name);
		if (map && !bpf_map__is_internal(map) && info.type != BPF_MAP_TYPE_DEVMAP &&
		    is_same_layout(map, &info))
			bpf_map__reuse_fd(map, fd);
	}
	close(fd);
}

static void maps_of_link(struct backend *b, int link_fd)
{
	uint32_t ids[MAPS_MAX];
	struct bpf_prog_info program = {.nr_map_ids = MAPS_MAX, .map_ids = (uintptr_t)ids};
	int fd = program_open(link_fd, &program);

	for (unsigned i = 0; fd >= 0 && i < program.nr_map_ids && i < MAPS_MAX; i++)
		map_take_over(b, ids[i]);
	if (fd >= 0)
		close(fd);
}

void recovery_maps(struct backend *b)
{
	for (int port = 0; port < LINK_COUNT; port++) {
		struct port_link link;

		if (link_is_pinned(b->pins, port))
			continue;
		recovery_link(&link, b->run_dir, port);
		if (link.fd >= 0)
			maps_of_link(b, link.fd);
		link_close(&link);
	}
}

/* ---- while it runs ---- */

static bool is_pinned(const struct backend *b)
{
	for (int port = 0; port < LINK_COUNT; port++)
		if (b->link[port].fd >= 0 && !link_is_pinned(b->pins, port))
			return false;
	return true;
}

static int maps_pin_again(struct backend *b)
{
	char folder[600], path[700];
	struct bpf_map *map;

	xdp_maps_folder(b, folder, sizeof(folder));
	if (mkdir(folder, 0700) && errno != EEXIST)
		return -errno;
	bpf_object__for_each_map (map, b->bpf->obj) {
		if (bpf_map__is_internal(map) || bpf_map__type(map) == BPF_MAP_TYPE_DEVMAP)
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, bpf_map__name(map));
		if (access(path, F_OK) && bpf_obj_pin(bpf_map__fd(map), path))
			return -errno;
	}
	return 0;
}

static int pin_again(struct backend *b)
{
	int err = pins_open(b->run_dir, true, b->pins, sizeof(b->pins));

	if (!err)
		err = maps_pin_again(b);
	for (int port = 0; !err && port < LINK_COUNT; port++)
		if (b->link[port].fd >= 0)
			err = link_pin(&b->link[port], b->pins, port);
	return err;
}

void recovery_look(struct backend *b)
{
	int err;

	if (!b->programs_current || is_pinned(b))
		return;
	err = pin_again(b);
	if (!err)
		fer_log_warn("engine: somebody hid or removed what was pinned: it is pinned in %s "
			     "again",
			     b->pins);
	else if (!b->unpinned)
		fer_log_err("engine: what was pinned is gone, and cannot be pinned in %s (%s): the "
			    "wire would end with this process",
			    b->pins, strerror(-err));
	b->unpinned = err;
}
