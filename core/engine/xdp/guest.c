// SPDX-License-Identifier: GPL-2.0-or-later
/* Loans and flows: what the supervisor writes and reads of them. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "xdp.h"

enum { BATCH = 256 };

/* ---- tables of flows ---- */

enum { OWNERS_ROOM = 16384 };

/* What an owner waits for is not forgotten when the size of the others changes. */
static uint32_t table_room(int table, uint32_t flows)
{
	if (table == FLOWS_OWNERS)
		return OWNERS_ROOM;
	return table == FLOWS_ANSWERED ? flows : flows / 4;
}

/* A descriptor of the table in force, or -1. */
static int table_open(const struct backend *b, uint32_t table)
{
	uint32_t id;

	if (bpf_map_lookup_elem(bpf_map__fd(b->bpf->maps.fer_flows), &table, &id))
		return -1;
	return bpf_map_get_fd_by_id(id);
}

static uint32_t table_size(const struct backend *b, int table)
{
	struct bpf_map_info info = {0};
	__u32 size = sizeof(info);
	int fd = table_open(b, table);

	if (fd < 0)
		return 0;
	if (bpf_obj_get_info_by_fd(fd, &info, &size))
		info.max_entries = 0;
	close(fd);
	return info.max_entries;
}

void xdp_flows_abort(struct backend *b)
{
	for (int table = 0; table < FLOW_TABLES; table++) {
		if (b->staged_flows[table] >= 0)
			close(b->staged_flows[table]);
		b->staged_flows[table] = -1;
	}
}

int xdp_flows_stage(struct backend *b, uint32_t flows)
{
	xdp_flows_abort(b);
	b->flows = flows;
	for (int table = 0; flows && table < FLOW_TABLES; table++) {
		uint32_t room = table_room(table, flows);
		int fd;

		if (table_size(b, table) == room)
			continue;
		fd = bpf_map_create(BPF_MAP_TYPE_LRU_HASH, "fer_flow", sizeof(struct flow_key),
				    sizeof(struct flow), room, NULL);
		if (fd < 0) {
			int err = -errno;

			xdp_flows_abort(b);
			return err;
		}
		b->staged_flows[table] = fd;
	}
	return 0;
}

void xdp_flows_commit(struct backend *b)
{
	int tables = bpf_map__fd(b->bpf->maps.fer_flows);

	for (uint32_t table = 0; table < FLOW_TABLES; table++) {
		if (!b->flows)
			bpf_map_delete_elem(tables, &table);
		else if (b->staged_flows[table] >= 0)
			bpf_map_update_elem(tables, &table, &b->staged_flows[table], 0);
	}
	xdp_flows_abort(b);
}

/* Bit: the filter of that slot has a service. */
static void services_mark(const struct image *image, bool has[COUNTER_SLOTS])
{
	for (uint32_t i = 0; i < image->filters && i < FILTERS_MAX; i++)
		if (image->filter[i].flags & FILTER_TO_GUEST)
			has[image->filter[i].slot % COUNTER_SLOTS] = true;
}

static void diverted_delete(int fd, const bool left[COUNTER_SLOTS])
{
	struct flow_key key, next;
	bool more = !bpf_map_get_next_key(fd, NULL, &next);
	struct flow value;

	while (more) {
		key = next;
		more = !bpf_map_get_next_key(fd, &key, &next);
		if (!bpf_map_lookup_elem(fd, &key, &value) && !value.loan &&
		    left[value.filter % COUNTER_SLOTS])
			bpf_map_delete_elem(fd, &key);
	}
}

/* Filters that had a service before the commit, and have none any more. */
static bool services_left(const struct backend *b, bool left[COUNTER_SLOTS])
{
	struct image *banks = xdp_image_map(b, PROT_READ);
	mem_auto bool *now = mem_zalloc(COUNTER_SLOTS * sizeof(*now));
	uint32_t active = b->control->active;
	bool any = false;

	if (!banks)
		return false;
	services_mark(&banks[active ^ 1], left);
	services_mark(&banks[active], now);
	munmap(banks, xdp_image_map_size());
	for (unsigned i = 0; i < COUNTER_SLOTS; i++) {
		left[i] = left[i] && !now[i];
		any |= left[i];
	}
	return any;
}

void xdp_flows_purge(struct backend *b)
{
	mem_auto bool *left = mem_zalloc(COUNTER_SLOTS * sizeof(*left));
	bool any = services_left(b, left);

	for (int table = 0; any && table < FLOWS_OWNERS; table++) {
		int fd = table_open(b, table);

		if (fd >= 0) {
			diverted_delete(fd, left);
			close(fd);
		}
	}
}

static void address_octets(const __u64 from[2], unsigned family, uint8_t to[16])
{
	memset(to, 0, 16);
	for (unsigned i = 0; i < 8; i++) {
		if (family == 4 && i < 4)
			to[i] = from[0] >> (24 - 8 * i);
		if (family == 4)
			continue;
		to[i] = from[0] >> (56 - 8 * i);
		to[8 + i] = from[1] >> (56 - 8 * i);
	}
}

static void flow_read(const struct flow_key *key, const struct flow *value, uint32_t tick,
		      bool answered, struct backend_flow *flow)
{
	*flow = (struct backend_flow){
		.family = key->family,
		.protocol = key->protocol,
		.remote_port = key->remote_port,
		.local_port = key->local_port,
		.side = value->port & 1,
		.answered = answered || value->flags & FLOW_ANSWERED,
		.loan = value->loan,
		.age = tick - value->seen,
	};
	address_octets(key->remote, key->family, flow->remote);
	address_octets(key->local, key->family, flow->local);
	memcpy(flow->mac, value->mac, 6);
}

/* Of one table: the first `room` ones into flow, and how many there are. */
static unsigned table_read(const struct backend *b, int table, struct backend_flow *flow,
			   unsigned room, uint32_t *total)
{
	mem_auto struct flow_key *key = mem_alloc(BATCH * sizeof(*key));
	mem_auto struct flow *value = mem_alloc(BATCH * sizeof(*value));
	uint32_t tick = b->control->tick, next, count;
	int fd = table_open(b, table), err = 0;
	unsigned found = 0;

	*total = 0;
	for (bool first = true; fd >= 0 && !err; first = false) {
		count = BATCH;
		err = bpf_map_lookup_batch(fd, first ? NULL : &next, &next, key, value, &count,
					   NULL);
		if (err && errno != ENOENT)
			break;
		*total += count;
		for (uint32_t i = 0; i < count && found < room; i++)
			flow_read(&key[i], &value[i], tick, table == FLOWS_ANSWERED,
				  &flow[found++]);
	}
	if (fd >= 0)
		close(fd);
	return found;
}

unsigned xdp_flows_get(struct backend *b, struct backend_flow *flow, unsigned room,
		       struct backend_flow_tables *tables)
{
	unsigned count;

	*tables = (struct backend_flow_tables){.room = table_size(b, FLOWS_ANSWERED)};
	count = table_read(b, FLOWS_ANSWERED, flow, room, &tables->answered);
	count += table_read(b, FLOWS_NEW, flow + count, room - count, &tables->fresh);
	table_read(b, FLOWS_OWNERS, NULL, 0, &tables->owners);
	return count;
}

/* ---- loans ---- */

/* Clears the slot's bit; frames that saw it are through. */
static void bit_down(uint32_t *bits, uint32_t slot)
{
	if (__atomic_fetch_and(bits, ~(1u << slot), __ATOMIC_SEQ_CST) >> slot & 1)
		xdp_frames_drain();
}

static void bit_put(uint32_t *bits, uint32_t slot, bool on)
{
	if (on)
		__atomic_fetch_or(bits, 1u << slot, __ATOMIC_SEQ_CST);
	else
		bit_down(bits, slot);
}

/* Sightings and ports of a loan that was in the slot. */
static void seen_clear(const struct bpf_map *map, size_t size, uint32_t slot)
{
	mem_auto unsigned char *key = mem_zalloc(size), *next = mem_zalloc(size);
	bool more = !bpf_map_get_next_key(bpf_map__fd(map), NULL, next);

	while (more) {
		uint32_t of = size == sizeof(struct owner_port)
				      ? ((struct owner_port *)(void *)next)->slot
				      : ((struct sighting_key *)(void *)next)->slot;

		memcpy(key, next, size);
		more = !bpf_map_get_next_key(bpf_map__fd(map), key, next);
		if (of == slot)
			bpf_map_delete_elem(bpf_map__fd(map), key);
	}
}

void xdp_loan_clear(struct backend *b, uint32_t slot)
{
	size_t size = (size_t)libbpf_num_possible_cpus() * sizeof(struct loan_counters);
	mem_auto void *nothing = mem_zalloc(size);
	struct engine_loan loan = {0};

	bit_down(&b->control->lent, slot);
	bit_down(&b->control->kept, slot);
	bpf_map_update_elem(bpf_map__fd(b->bpf->maps.fer_loan_counters), &slot, nothing, 0);
	bpf_map_update_elem(bpf_map__fd(b->bpf->maps.fer_loans), &slot, &loan, 0);
	xdp_sightings_clear(b, slot);
	seen_clear(b->bpf->maps.fer_owner_ports, sizeof(struct owner_port), slot);
}

void xdp_sightings_clear(struct backend *b, uint32_t slot)
{
	seen_clear(b->bpf->maps.fer_sightings, sizeof(struct sighting_key), slot);
}

void xdp_guests_set(struct backend *b, bool on)
{
	__atomic_store_n(&b->control->guests, on, __ATOMIC_SEQ_CST);
	if (!on)
		xdp_frames_drain();
}

void xdp_loan_get(struct backend *b, uint32_t slot, struct backend_loan *loan)
{
	struct engine_loan learned = {0};

	bpf_map_lookup_elem(bpf_map__fd(b->bpf->maps.fer_loans), &slot, &learned);
	*loan = (struct backend_loan){
		.lent = b->control->lent >> slot & 1,
		.kept = b->control->kept >> slot & 1,
		.tags = learned.tags,
		.side = learned.side & 1,
	};
	memcpy(loan->owner, learned.owner, 6);
	memcpy(loan->gateway, learned.gateway, 6);
	memcpy(loan->tag, learned.tag, sizeof(loan->tag));
}

/* The same owner, by what frames are compared with (is_to_owner() of loans.h). */
static bool is_same_owner(const struct engine_loan *a, const struct engine_loan *b)
{
	if (memcmp(a->owner, b->owner, 6) || a->side != b->side || a->tags != b->tags)
		return false;
	for (unsigned i = 0; i < a->tags && i < FLOW_TAGS; i++)
		if (((a->tag[4 * i + 2] ^ b->tag[4 * i + 2]) & 15) ||
		    a->tag[4 * i + 3] != b->tag[4 * i + 3])
			return false;
	return true;
}

void xdp_loan_set(struct backend *b, uint32_t slot, const struct backend_loan *loan)
{
	struct engine_loan learned = {.tags = loan->tags, .side = loan->side}, before = {0};

	memcpy(learned.owner, loan->owner, 6);
	memcpy(learned.gateway, loan->gateway, 6);
	memcpy(learned.tag, loan->tag, sizeof(learned.tag));
	bpf_map_lookup_elem(bpf_map__fd(b->bpf->maps.fer_loans), &slot, &before);
	if (memcmp(&before, &learned, sizeof(learned))) {
		/* sessions that there are do not need the gateway: they are not disturbed for it */
		bit_down(&b->control->lent, slot);
		if (!is_same_owner(&before, &learned))
			bit_down(&b->control->kept, slot);
		bpf_map_update_elem(bpf_map__fd(b->bpf->maps.fer_loans), &slot, &learned, 0);
	}
	bit_put(&b->control->kept, slot, loan->kept);
	bit_put(&b->control->lent, slot, loan->lent);
}

void xdp_loan_count(struct backend *b, uint32_t slot, struct backend_loan_count *count)
{
	int cpus = libbpf_num_possible_cpus();
	mem_auto struct loan_counters *value = mem_zalloc((size_t)cpus * sizeof(*value));

	*count = (struct backend_loan_count){0};
	if (bpf_map_lookup_elem(bpf_map__fd(b->bpf->maps.fer_loan_counters), &slot, value))
		return;
	for (int cpu = 0; cpu < cpus; cpu++) {
		count->rx_packets += value[cpu].rx_packets;
		count->rx_bytes += value[cpu].rx_bytes;
		count->tx_packets += value[cpu].tx_packets;
		count->tx_bytes += value[cpu].tx_bytes;
	}
}

/* ---- what was seen ---- */

static void sighting_read(const struct sighting_key *key, const struct sighting *value,
			  uint32_t tick, struct backend_sighting *sighting)
{
	*sighting = (struct backend_sighting){
		.loan = key->slot,
		.kind = key->about == SIGHTING_OWNER ? SEEN_OWNER : SEEN_REMOTE,
		.side = key->port & 1,
		.tags = value->tags,
		.own = {value->own[0], value->own[1]},
		.several = value->frames > 1,
		.addresses = value->addresses,
		.neighbour = value->neighbour,
		.first = tick - value->first,
		.last = tick - value->last,
	};
	memcpy(sighting->mac, key->mac, 6);
	memcpy(sighting->tag, value->tag, sizeof(sighting->tag));
}

static unsigned ports_read(const struct backend *b, uint32_t tick,
			   struct backend_sighting *sighting, unsigned room)
{
	int fd = bpf_map__fd(b->bpf->maps.fer_owner_ports);
	struct owner_port key, *before = NULL;
	uint32_t seen;
	unsigned found = 0;

	while (found < room && !bpf_map_get_next_key(fd, before, &key)) {
		before = &key;
		if (bpf_map_lookup_elem(fd, &key, &seen))
			continue;
		sighting[found++] = (struct backend_sighting){
			.loan = key.slot,
			.kind = SEEN_PORT,
			.protocol = key.protocol,
			.port = key.port,
			.last = tick - seen,
		};
	}
	return found;
}

unsigned xdp_sightings_get(struct backend *b, struct backend_sighting *sighting, unsigned room)
{
	int fd = bpf_map__fd(b->bpf->maps.fer_sightings);
	uint32_t tick = b->control->tick;
	struct sighting_key key, *before = NULL;
	struct sighting value;
	unsigned found = 0;

	while (found < room && !bpf_map_get_next_key(fd, before, &key)) {
		before = &key;
		if (!bpf_map_lookup_elem(fd, &key, &value))
			sighting_read(&key, &value, tick, &sighting[found++]);
	}
	return found + ports_read(b, tick, sighting + found, room - found);
}
