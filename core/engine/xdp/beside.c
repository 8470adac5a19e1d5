// SPDX-License-Identifier: GPL-2.0-or-later
#include "beside.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "beside.skel.h"

/* <linux/bpf.h> of Linux 6.8; Debian 12's is older */
#define DEV_BOUND_ONLY (1U << 6)

static int maps_share(const struct backend *b, struct bpf_object *object)
{
	struct bpf_map *map;
	int err = 0;

	bpf_object__for_each_map (map, object) {
		const struct bpf_map *shared;

		if (bpf_map__is_internal(map))
			continue;
		shared = bpf_object__find_map_by_name(b->bpf->obj, bpf_map__name(map));
		if (shared)
			err = bpf_map__reuse_fd(map, bpf_map__fd(shared));
		if (err)
			return err;
	}
	return 0;
}

/* A descriptor of the program, which outlives what it was loaded with, or a negative errno. */
static int bound_load(const struct backend *b, unsigned ifindex, int port)
{
	struct beside_bpf *bpf = beside_bpf__open();
	struct bpf_program *wanted, *program;
	int err, fd = -ENOMEM;

	if (!bpf)
		return -errno;
	wanted = port == PORT_OPTICAL ? bpf->progs.fer_optical : bpf->progs.fer_electrical;
	bpf->rodata->has_buff_len = true;
	bpf_object__for_each_program (program, bpf->obj)
		bpf_program__set_autoload(program, program == wanted);
	bpf_program__set_ifindex(wanted, ifindex);
	bpf_program__set_flags(wanted, bpf_program__flags(wanted) | DEV_BOUND_ONLY);
	err = maps_share(b, bpf->obj);
	if (!err)
		err = beside_bpf__load(bpf);
	if (!err)
		fd = fcntl(bpf_program__fd(wanted), F_DUPFD_CLOEXEC, 0);
	beside_bpf__destroy(bpf);
	return err ? err : fd;
}

static bool is_needed(const struct backend *b, const struct backend_ports *ports, int port)
{
	bool fresh = b->staged[port].fd >= 0;
	const struct port_link *link = fresh ? &b->staged[port] : &b->link[port];

	return ports->tags[port] != TAGS_INSIDE && link->mode == MODE_NATIVE &&
	       (fresh || !b->programs_current);
}

int beside_stage(struct backend *b, const struct backend_ports *ports, int *port)
{
	for (*port = PORT_OPTICAL; *port <= PORT_ELECTRICAL; ++*port) {
		if (!is_needed(b, ports, *port))
			continue;
		b->bound[*port] = bound_load(b, ports->ifindex[*port], *port);
		if (b->bound[*port] < 0 && ports->tags[*port] == TAGS_BESIDE_ALWAYS)
			return -EPROTONOSUPPORT;
	}
	return 0;
}

void beside_abort(struct backend *b)
{
	for (int port = PORT_OPTICAL; port <= PORT_ELECTRICAL; port++) {
		if (b->bound[port] >= 0)
			close(b->bound[port]);
		b->bound[port] = -1;
	}
}
