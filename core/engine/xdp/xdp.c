// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The XDP backend. Programs, maps and links are pinned in the folder of the instance, so that the
 * wire needs no supervisor; the next one finds the links, puts its own programs under them, and
 * reads the rules that are in force from the image.
 *
 * A plan writes the bank that the engine does not read and holds new ports with a program that
 * does nothing; a commit flips the bank and puts the real programs in.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/membarrier.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "../backend.h"
#include "core/api/log.h"
#include "core/base/mem.h"
#include "beside.h"
#include "links.h"
#include "maps.h"
#include "pins.h"
#include "recovery.h"
#include "xdp.h"

static int silent_print(enum libbpf_print_level level, const char *format, va_list args)
{
	(void)level;
	(void)format;
	(void)args;
	return 0;
}

static int64_t wall_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000000000LL + now.tv_nsec;
}

/* ---- maps ---- */

size_t xdp_image_map_size(void)
{
	size_t page = sysconf(_SC_PAGESIZE);

	return (BANKS * sizeof(struct image) + page - 1) / page * page;
}

/* Mapped only while it is written or read: the supervisor stays small. */
struct image *xdp_image_map(const struct backend *b, int protection)
{
	void *p = mmap(NULL, xdp_image_map_size(), protection, MAP_SHARED,
		       bpf_map__fd(b->bpf->maps.fer_image), 0);

	return p == MAP_FAILED ? NULL : p;
}

/*
 * No frame that began before the last flip is still under way afterwards: MEMBARRIER_CMD_GLOBAL
 * waits for an RCU grace period (membarrier(2)), and XDP runs under RCU.
 */
void xdp_frames_drain(void)
{
	syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
}

static int image_stage(struct backend *b, const struct image *image)
{
	struct image *banks = xdp_image_map(b, PROT_READ | PROT_WRITE);
	int err = -errno;

	if (!banks)
		return err;
	xdp_frames_drain();
	memcpy(&banks[b->control->active ^ 1], image, sizeof(*image));
	munmap(banks, xdp_image_map_size());
	return 0;
}

static const struct image *xdp_image_get(struct backend *b)
{
	struct image *banks = xdp_image_map(b, PROT_READ);

	return banks ? &banks[b->control->active] : NULL;
}

static void xdp_image_put(struct backend *b, const struct image *image)
{
	if (image)
		munmap((void *)(image - b->control->active), xdp_image_map_size());
}

/* program: -1, or one that frames meet on their way out */
static void devmap_set(const struct bpf_map *map, uint32_t key, unsigned ifindex, int program)
{
	struct bpf_devmap_val value = {.ifindex = ifindex, .bpf_prog.fd = program};

	if (bpf_map_update_elem(bpf_map__fd(map), &key, &value, 0))
		fer_log_err("engine: %s: cannot set port %u: %s", bpf_map__name(map), key,
			    strerror(errno));
}

/* The label goes in front of what is sent to the copier. An entry of interface 0 is none. */
static void copier_maps_fill(const struct backend *b)
{
	int label = b->ports.copier ? bpf_program__fd(b->bpf->progs.fer_label) : -1;

	devmap_set(b->bpf->maps.fer_copy, 0, b->ports.copier, label);
	devmap_set(b->bpf->maps.fer_copy_twice, 0, b->ports.copier, label);
	devmap_set(b->bpf->maps.fer_copy_twice, 1, b->ports.copier, label);
	devmap_set(b->bpf->maps.fer_copy_optical, 0, b->ports.ifindex[PORT_ELECTRICAL], -1);
	devmap_set(b->bpf->maps.fer_copy_optical, 1, b->ports.copier, label);
	devmap_set(b->bpf->maps.fer_copy_electrical, 0, b->ports.ifindex[PORT_OPTICAL], -1);
	devmap_set(b->bpf->maps.fer_copy_electrical, 1, b->ports.copier, label);
}

/* Where a frame of each port can be copied to: to all but itself. */
static void devmaps_fill(const struct backend *b)
{
	const struct bpf_map *fan[PORT_COUNT] = {
		b->bpf->maps.fer_from_optical,
		b->bpf->maps.fer_from_electrical,
		b->bpf->maps.fer_from_host,
	};

	for (uint32_t port = 0; port < PORT_COUNT; port++) {
		unsigned ifindex = b->ports.ifindex[port];

		devmap_set(b->bpf->maps.fer_ports, port, ifindex, -1);
		for (uint32_t from = 0; from < PORT_COUNT; from++)
			devmap_set(fan[from], port, from == port ? 0 : ifindex, -1);
	}
	devmap_set(b->bpf->maps.fer_ports, PORT_COUNT, b->ports.ifindex[LINK_GUEST], -1);
	copier_maps_fill(b);
}

/* ---- opening ---- */

/* Maps of another layout stay where they are until the new programs run without them. */
void xdp_maps_folder(const struct backend *b, char *path, size_t size)
{
	snprintf(path, size, "%s/v%u-%zx", b->pins, ENGINE_ABI, sizeof(struct image));
}

static int maps_pin(struct backend *b, struct bpf_object *object)
{
	char folder[600], path[700];
	struct bpf_map *map;

	xdp_maps_folder(b, folder, sizeof(folder));
	if (mkdir(folder, 0700) && errno != EEXIST)
		return -errno;
	bpf_object__for_each_map (map, object) {
		/* device maps are filled anew: the kernel adds a flag that keeps libbpf 1.1 from
		 * taking them for the same */
		if (bpf_map__is_internal(map) || bpf_map__type(map) == BPF_MAP_TYPE_DEVMAP)
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, bpf_map__name(map));
		if (bpf_map__set_pin_path(map, path))
			return -errno;
	}
	return 0;
}

static int programs_load(struct backend *b, bool modern)
{
	struct bpf_program *program;
	int err;

	b->bpf = wire_bpf__open();
	if (!b->bpf)
		return -errno;
	b->bpf->rodata->has_buff_len = modern;
	if (!modern) /* before 5.18 a frame is always in one piece */
		bpf_object__for_each_program (program, b->bpf->obj)
			bpf_program__set_flags(program, 0);
	err = maps_pin(b, b->bpf->obj);
	if (!err)
		recovery_maps(b);
	if (!err)
		err = wire_bpf__load(b->bpf);
	if (err) {
		wire_bpf__destroy(b->bpf);
		b->bpf = NULL;
	}
	return err;
}

static int control_open(struct backend *b)
{
	size_t size = sysconf(_SC_PAGESIZE);
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED,
		       bpf_map__fd(b->bpf->maps.fer_control), 0);

	if (p == MAP_FAILED)
		return -errno;
	b->control = p;
	b->control->abi = ENGINE_ABI;
	b->control->shed = 0; /* for reasons that whoever shed it is to find anew */
	/* it goes on where it stood: what nobody looked at has not grown old */
	b->tick_before = monotonic_ns() / 1000000000ULL - b->control->tick;
	return 0;
}

static void xdp_close(struct backend *b)
{
	if (!b)
		return;
	if (b->control)
		munmap(b->control, sysconf(_SC_PAGESIZE));
	wire_bpf__destroy(b->bpf);
	for (int port = 0; port < LINK_COUNT; port++) {
		link_close(&b->link[port]);
		link_close(&b->staged[port]);
	}
	free(b);
}

static struct backend *xdp_new(const struct backend_config *config)
{
	struct backend *b = mem_zalloc(sizeof(*b));

	b->config = *config;
	snprintf(b->run_dir, sizeof(b->run_dir), "%s", config->run_dir);
	for (int port = 0; port < LINK_COUNT; port++)
		b->link[port].fd = b->staged[port].fd = -1;
	for (int table = 0; table < FLOW_TABLES; table++)
		b->staged_flows[table] = -1;
	b->bound[0] = b->bound[1] = -1;
	return b;
}

static int xdp_open(struct backend **backend, const struct backend_config *config)
{
	struct backend *b = xdp_new(config);
	int err;

	libbpf_set_print(silent_print);
	err = pins_open(b->run_dir, true, b->pins, sizeof(b->pins));
	if (!err)
		err = programs_load(b, true);
	if (err == -EINVAL)
		err = programs_load(b, false);
	if (!err)
		err = control_open(b);
	if (err) {
		xdp_close(b);
		return err;
	}
	for (int port = 0; port < LINK_COUNT; port++) {
		link_open(&b->link[port], b->pins, port);
		if (b->link[port].fd < 0)
			recovery_link(&b->link[port], b->run_dir, port);
		b->ports.ifindex[port] = b->link[port].ifindex;
	}
	b->adopted = b->link[PORT_OPTICAL].fd >= 0 && b->link[PORT_ELECTRICAL].fd >= 0;
	*backend = b;
	return 0;
}

/* ---- plan, commit ---- */

static void xdp_abort(struct backend *b)
{
	for (int port = 0; port < LINK_COUNT; port++)
		link_close(&b->staged[port]);
	beside_abort(b);
	xdp_flows_abort(b);
	b->planned = false;
}

/* A device that changes its role keeps its link; a new one is held by the idle program. */
static int port_stage(struct backend *b, const struct backend_ports *ports, int port)
{
	unsigned ifindex = ports->ifindex[port];

	if (port >= PORT_COUNT && !ifindex)
		return 0;
	if (b->link[port].fd >= 0 && b->link[port].ifindex == ifindex)
		return 0;
	for (int other = 0; other < LINK_COUNT; other++) {
		if (b->link[other].fd < 0 || b->link[other].ifindex != ifindex)
			continue;
		b->staged[port] = b->link[other];
		b->staged[port].fd = dup(b->link[other].fd);
		return b->staged[port].fd < 0 ? -errno : 0;
	}
	return link_attach(&b->staged[port], ifindex, bpf_program__fd(b->bpf->progs.fer_idle),
			   b->config.mode);
}

static const struct port_link *port_link(const struct backend *b, int port)
{
	return b->staged[port].fd >= 0 ? &b->staged[port] : &b->link[port];
}

/*
 * A native program cannot send to a device without XDP of its own: where one port falls back to
 * generic mode, all do. A port that runs natively cannot be changed under its frames.
 */
static int modes_agree(struct backend *b, const struct backend_ports *ports)
{
	bool generic = false;

	for (int port = 0; port < LINK_COUNT; port++)
		generic = generic || port_link(b, port)->mode == MODE_GENERIC;
	for (int port = 0; generic && port < LINK_COUNT; port++) {
		int err;

		if (port_link(b, port)->mode == MODE_GENERIC || !ports->ifindex[port])
			continue;
		if (b->staged[port].fd < 0)
			return -EOPNOTSUPP;
		link_close(&b->staged[port]);
		err = link_attach(&b->staged[port], ports->ifindex[port],
				  bpf_program__fd(b->bpf->progs.fer_idle), MODE_GENERIC);
		if (err)
			return err;
	}
	return 0;
}

static int ports_stage(struct backend *b, const struct backend_ports *ports, const char **what)
{
	int port, err = 0;

	*what = b->what;
	for (port = 0; port < LINK_COUNT; port++) {
		err = port_stage(b, ports, port);
		if (err)
			break;
	}
	if (!err) {
		err = modes_agree(b, ports);
		if (err) {
			*what = "ports with and without native XDP";
			return err;
		}
		err = beside_stage(b, ports, &port);
	}
	if (err)
		snprintf(b->what, sizeof(b->what), "%s", ports->name[port]);
	return err;
}

static int xdp_plan(struct backend *b, const struct backend_ports *ports, const struct image *image,
		    uint32_t flows, const char **what)
{
	int err = ports_stage(b, ports, what);

	if (!err) {
		*what = "rule tables";
		err = xdp_flows_stage(b, flows);
	}
	if (!err)
		err = image_stage(b, image);
	if (err) {
		xdp_abort(b);
		return err;
	}
	b->staged_ports = *ports;
	b->planned = true;
	return 0;
}

static void port_commit(struct backend *b, int port, int program)
{
	bool fresh = b->staged[port].fd >= 0;
	int err;

	if (!b->ports.ifindex[port]) {
		link_close(&b->link[port]);
		link_unpin(b->pins, port);
		return;
	}
	if (fresh) {
		link_close(&b->link[port]);
		b->link[port] = b->staged[port];
		b->staged[port].fd = -1;
	} else if (b->programs_current) {
		return;
	}
	err = link_replace(&b->link[port], program);
	if (!err && fresh)
		err = link_pin(&b->link[port], b->pins, port);
	if (err)
		fer_log_err("engine: %s: cannot put the program in: %s", b->ports.name[port],
			    strerror(-err));
}

/* Folders of maps that no program uses any more. */
static void old_maps_remove(struct backend *b)
{
	char keep[600];

	xdp_maps_folder(b, keep, sizeof(keep));
	pins_prune(b->pins, strrchr(keep, '/') + 1);
}

static void xdp_commit(struct backend *b)
{
	const int program[LINK_COUNT] = {
		b->bound[0] < 0 ? bpf_program__fd(b->bpf->progs.fer_optical) : b->bound[0],
		b->bound[1] < 0 ? bpf_program__fd(b->bpf->progs.fer_electrical) : b->bound[1],
		bpf_program__fd(b->bpf->progs.fer_host),
		bpf_program__fd(b->bpf->progs.fer_copier),
		bpf_program__fd(b->bpf->progs.fer_guest),
	};

	if (!b->planned)
		return;
	b->ports = b->staged_ports;
	/* always: a device that left and came back with its number has lost its entries */
	devmaps_fill(b);
	xdp_flows_commit(b);
	__atomic_store_n(&b->control->active, b->control->active ^ 1, __ATOMIC_RELEASE);
	/* the host port first: no frame is sent to a host that cannot answer */
	for (int port = LINK_COUNT - 1; port >= 0; port--)
		port_commit(b, port, program[port]);
	beside_abort(b); /* the links hold them */
	xdp_flows_purge(b);
	if (!b->programs_current)
		old_maps_remove(b);
	b->programs_current = true;
	b->planned = false;
	recovery_note(b);
}

static void xdp_stop(struct backend *b)
{
	char pins[sizeof(b->pins)], run_dir[sizeof(b->run_dir)];

	snprintf(pins, sizeof(pins), "%s", b->pins);
	snprintf(run_dir, sizeof(run_dir), "%s", b->run_dir);
	/* a pin that somebody hid would keep them */
	for (int port = 0; port < LINK_COUNT; port++)
		if (b->link[port].fd >= 0)
			bpf_link_detach(b->link[port].fd);
	xdp_close(b);
	pins_remove(run_dir, pins);
}

/* ---- while it runs ---- */

static void xdp_heartbeat(struct backend *b)
{
	uint64_t now = monotonic_ns();

	b->control->tick = now / 1000000000ULL - b->tick_before;
	b->control->wall = wall_ns() - now;
	__atomic_store_n(&b->control->heartbeat, now, __ATOMIC_RELEASE);
	recovery_look(b);
}

static void xdp_shed(struct backend *b, unsigned what)
{
	__atomic_store_n(&b->control->shed, what, __ATOMIC_RELEASE);
}

static void xdp_counter_clear(struct backend *b, uint32_t slot)
{
	size_t size = (size_t)libbpf_num_possible_cpus() * sizeof(struct filter_counters);
	mem_auto void *nothing = mem_zalloc(size);

	bpf_map_update_elem(bpf_map__fd(b->bpf->maps.fer_filters), &slot, nothing, 0);
}

/* Frames that follow the old way are through before it changes. */
static void reach_down(struct backend *b, uint32_t slot)
{
	uint32_t before =
		__atomic_fetch_and(&b->control->reachable, ~(1u << slot), __ATOMIC_SEQ_CST);

	if (before >> slot & 1)
		xdp_frames_drain();
}

static void xdp_reach_set(struct backend *b, uint32_t slot, const struct backend_reach *reach)
{
	struct engine_reach to = {.port = reach->port, .mtu = reach->mtu, .kbits = reach->kbits};

	reach_down(b, slot);
	if (!reach->up)
		return;
	memcpy(to.outer, reach->outer, sizeof(to.outer));
	for (int i = 14; i < 34; i += 2) /* of IPv6 nobody asks for it */
		to.sum += reach->outer[i] << 8 | reach->outer[i + 1];
	if (!bpf_map_update_elem(bpf_map__fd(b->bpf->maps.fer_reach), &slot, &to, 0))
		__atomic_fetch_or(&b->control->reachable, 1u << slot, __ATOMIC_SEQ_CST);
}

static void xdp_session_clear(struct backend *b, uint32_t slot)
{
	size_t size = (size_t)libbpf_num_possible_cpus() * sizeof(struct session_counters);
	mem_auto void *nothing = mem_zalloc(size);
	uint64_t bucket[8] = {0}; /* larger than one; its lock is left alone */

	reach_down(b, slot);
	bpf_map_update_elem(bpf_map__fd(b->bpf->maps.fer_sessions), &slot, nothing, 0);
	bpf_map_update_elem(bpf_map__fd(b->bpf->maps.fer_session_bucket), &slot, bucket, 0);
}

/* ---- captures ---- */

static void xdp_capture_clear(struct backend *b, uint32_t slot)
{
	struct capture_counters nothing = {0};

	bpf_map_delete_elem(bpf_map__fd(b->bpf->maps.fer_rings), &slot);
	bpf_map_update_elem(bpf_map__fd(b->bpf->maps.fer_captures), &slot, &nothing, 0);
}

/* What is in the map of rings is found by its number: by an earlier supervisor, too. */
static int xdp_capture_ring(struct backend *b, uint32_t slot, uint32_t *id)
{
	int rings = bpf_map__fd(b->bpf->maps.fer_rings), fd, err;

	if (!b->bpf->rodata->has_buff_len)
		return -EOPNOTSUPP;
	if (!bpf_map_lookup_elem(rings, &slot, id)) {
		fd = bpf_map_get_fd_by_id(*id);
		return fd < 0 ? -errno : fd;
	}
	fd = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "fer_ring", 0, 0, CAPTURE_RING, NULL);
	if (fd < 0)
		return -errno;
	if (!bpf_map_update_elem(rings, &slot, &fd, 0) && !bpf_map_lookup_elem(rings, &slot, id))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

const struct backend_ops backend_xdp = {
	.name = "xdp",
	.open = xdp_open,
	.close = xdp_close,
	.stop = xdp_stop,
	.plan = xdp_plan,
	.commit = xdp_commit,
	.abort = xdp_abort,
	.heartbeat = xdp_heartbeat,
	.shed = xdp_shed,
	.state_get = xdp_state_get,
	.counters_get = xdp_counters_get,
	.counter_clear = xdp_counter_clear,
	.macs_get = xdp_macs_get,
	.mac_port = xdp_mac_port,
	.sessions_get = xdp_sessions_get,
	.session_clear = xdp_session_clear,
	.reach_set = xdp_reach_set,
	.captures_get = xdp_captures_get,
	.capture_clear = xdp_capture_clear,
	.capture_ring = xdp_capture_ring,
	.loan_clear = xdp_loan_clear,
	.loan_get = xdp_loan_get,
	.loan_set = xdp_loan_set,
	.loan_count = xdp_loan_count,
	.sightings_clear = xdp_sightings_clear,
	.guests_set = xdp_guests_set,
	.sightings_get = xdp_sightings_get,
	.flows_get = xdp_flows_get,
	.image_get = xdp_image_get,
	.image_put = xdp_image_put,
};
