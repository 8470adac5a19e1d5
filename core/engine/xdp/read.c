// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "core/base/mem.h"
#include "maps.h"
#include "xdp.h"

static void counters_sum(const struct backend *b, struct engine_counters *sum)
{
	int cpus = libbpf_num_possible_cpus();
	mem_auto __u64 *value = mem_zalloc((size_t)cpus * sizeof(*sum));
	__u64 *total = (__u64 *)sum; /* as its members: aliasing */
	uint32_t zero = 0;

	memset(sum, 0, sizeof(*sum));
	if (bpf_map_lookup_elem(bpf_map__fd(b->bpf->maps.fer_counters), &zero, value))
		return;
	for (size_t i = 0; i < (size_t)cpus * sizeof(*sum) / 8; i++)
		total[i % (sizeof(*sum) / 8)] += value[i];
}

static bool is_answered(const struct image *image, uint32_t address)
{
	for (unsigned i = 0; i < image->answers; i++)
		if (image->answer[i].address == address)
			return true;
	return false;
}

static void rivals_get(struct backend *b, struct backend_state *state)
{
	int fd = bpf_map__fd(b->bpf->maps.fer_rivals);
	struct image *banks = xdp_image_map(b, PROT_READ);
	struct arp_rival rival;
	uint32_t key, next;
	struct timespec now;
	bool more;

	state->rivals = 0;
	if (!banks)
		return;
	clock_gettime(CLOCK_MONOTONIC, &now);
	for (more = !bpf_map_get_next_key(fd, NULL, &next); more && state->rivals < ANSWERS_MAX;) {
		key = next;
		if (!bpf_map_lookup_elem(fd, &key, &rival) &&
		    is_answered(&banks[b->control->active], key) &&
		    now.tv_sec * 1000000000ULL + now.tv_nsec - rival.heard < ARP_RIVAL_LIMIT) {
			uint32_t address = htonl(key);

			memcpy(state->rival[state->rivals].address, &address, 4);
			memcpy(state->rival[state->rivals++].mac, rival.mac, 6);
		}
		more = !bpf_map_get_next_key(fd, &key, &next);
	}
	munmap(banks, xdp_image_map_size());
}

void xdp_state_get(struct backend *b, struct backend_state *state)
{
	static const char *const mode_name[] = {"none", "native", "generic"};
	struct engine_counters sum;

	counters_sum(b, &sum);
	for (int port = 0; port < PORT_COUNT; port++) {
		struct backend_port_state *to = &state->port[port];
		const struct port_counters *from = &sum.port[port];

		to->rx_packets = from->rx_packets;
		to->rx_bytes = from->rx_bytes;
		to->tx_packets = from->tx_packets;
		to->tx_bytes = from->tx_bytes;
		to->dropped = from->dropped;
		snprintf(to->mode, sizeof(to->mode), "%s",
			 b->link[port].fd < 0 ? "none" : mode_name[b->link[port].mode]);
	}
	state->host_policed = sum.host_policed;
	state->copies_long = sum.copies_long;
	state->copies_refused = sum.copies_refused;
	state->resets = sum.resets;
	state->diverted = sum.diverted;
	state->guest_lost = sum.guest_lost;
	state->arp_answers = sum.arp_answers;
	rivals_get(b, state);
	state->adopted = b->adopted;
}

void xdp_counters_get(struct backend *b, struct backend_counter *counter)
{
	int cpus = libbpf_num_possible_cpus(), fd = bpf_map__fd(b->bpf->maps.fer_filters);
	size_t size = (size_t)cpus * sizeof(struct filter_counters);
	mem_auto struct filter_counters *value = mem_zalloc(size * COUNTER_SLOTS);
	mem_auto uint32_t *key = mem_zalloc(COUNTER_SLOTS * sizeof(*key));
	uint32_t next, count = COUNTER_SLOTS;

	memset(counter, 0, COUNTER_SLOTS * sizeof(*counter));
	if (bpf_map_lookup_batch(fd, NULL, &next, key, value, &count, NULL) && errno != ENOENT)
		return;
	for (uint32_t i = 0; i < count; i++) {
		for (int cpu = 0; cpu < cpus; cpu++) {
			counter[key[i]].packets += value[i * cpus + cpu].packets;
			counter[key[i]].bytes += value[i * cpus + cpu].bytes;
		}
	}
}

unsigned xdp_macs_get(struct backend *b, struct backend_mac *mac, unsigned room)
{
	mem_auto struct engine_mac *entry = mem_zalloc(MAC_ENTRIES * sizeof(*entry));
	mem_auto uint32_t *key = mem_zalloc(MAC_ENTRIES * sizeof(*key));
	uint32_t next, count = MAC_ENTRIES, tick = b->control->tick;
	unsigned found = 0;

	if (bpf_map_lookup_batch(bpf_map__fd(b->bpf->maps.fer_mac), NULL, &next, key, entry, &count,
				 NULL) &&
	    errno != ENOENT)
		return 0;
	for (uint32_t i = 0; i < count && found < room; i++) {
		if (!(entry[i].key >> 56) || tick - entry[i].seen > MAC_AGE)
			continue;
		mac[found].port = entry[i].key >> 48 & 1;
		mac[found].age = tick - entry[i].seen;
		for (int octet = 0; octet < 6; octet++)
			mac[found].address[octet] = entry[i].key >> 8 * octet;
		found++;
	}
	return found;
}

enum engine_port xdp_mac_port(struct backend *b, const uint8_t address[6])
{
	uint32_t tick = b->control->tick, index;
	struct engine_mac entry;
	uint64_t key = 0;

	for (int octet = 0; octet < 6; octet++)
		key |= (uint64_t)address[octet] << 8 * octet;
	index = mac_index(key);
	if (bpf_map_lookup_elem(bpf_map__fd(b->bpf->maps.fer_mac), &index, &entry) ||
	    (entry.key ^ key) & 0xffffffffffffULL || !(entry.key >> 56) ||
	    tick - entry.seen > MAC_AGE)
		return PORT_COUNT;
	return entry.key >> 48 & 1;
}

void xdp_sessions_get(struct backend *b, struct backend_session *session)
{
	int cpus = libbpf_num_possible_cpus(), fd = bpf_map__fd(b->bpf->maps.fer_sessions);
	mem_auto struct session_counters *value = mem_zalloc((size_t)cpus * sizeof(*value));

	memset(session, 0, SESSION_SLOTS * sizeof(*session));
	for (uint32_t slot = 0; slot < SESSION_SLOTS; slot++) {
		if (bpf_map_lookup_elem(fd, &slot, value))
			continue;
		for (int cpu = 0; cpu < cpus; cpu++) {
			session[slot].packets += value[cpu].packets;
			session[slot].bytes += value[cpu].bytes;
			session[slot].truncated += value[cpu].truncated;
			session[slot].limited += value[cpu].limited;
			session[slot].oversized += value[cpu].oversized;
			session[slot].looped += value[cpu].looped;
		}
	}
}

void xdp_captures_get(struct backend *b, struct backend_capture *capture)
{
	struct capture_counters value;

	memset(capture, 0, CAPTURE_SLOTS * sizeof(*capture));
	for (uint32_t slot = 0; slot < CAPTURE_SLOTS; slot++) {
		if (bpf_map_lookup_elem(bpf_map__fd(b->bpf->maps.fer_captures), &slot, &value))
			continue;
		capture[slot].packets = value.packets;
		capture[slot].bytes = value.bytes;
		capture[slot].lost = value.lost[0] + value.lost[1];
	}
}
