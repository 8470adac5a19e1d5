// SPDX-License-Identifier: GPL-2.0-or-later
/* What of an image is a list, and no table to classify by. */
#include <string.h>

#include "compile.h"
#include "rules.h"

static void filters_compile(const struct rule_set *set, const struct image_slots *slots,
			    struct image *img)
{
	for (unsigned i = 0; i < set->count; i++) {
		const struct rule *rule = &set->rule[i];

		img->filter[i] = (struct image_filter){
			.slot = slots->filter[i],
			.sample = rule->sample,
			.mirror = rule->mirror,
			.capture = rule->capture,
			.verdict = rule->verdict,
			.flags = (rule->copy ? FILTER_COPY : 0) |
				 (rule->fail_open ? FILTER_FAIL_OPEN : 0) |
				 (rule->to_port ? FILTER_TO_GUEST : 0),
		};
		memcpy(img->name[i], rule->name, FILTER_NAME_SIZE);
	}
}

static void sessions_compile(const struct rule_set *set, const struct image_slots *slots,
			     struct image *img)
{
	img->sessions = set->sessions;
	for (unsigned i = 0; i < set->sessions; i++) {
		const struct rule_session *session = &set->session[i];

		img->session[i] = (struct image_session){
			.slot = slots->session[i],
			.kbits = session->kbits,
			.packets = session->packets,
			.id = session->id,
			.snap = session->snap,
			.version = session->version,
			.family = session->family,
			.oversize = session->oversize,
			.granularity = session->granularity,
			.hardware = session->hardware,
		};
		memcpy(img->session[i].destination, session->destination, 16);
		memcpy(img->session[i].name, session->name, FILTER_NAME_SIZE);
	}
}

static void captures_compile(const struct rule_set *set, const struct image_slots *slots,
			     struct image *img)
{
	img->captures = set->captures;
	for (unsigned i = 0; i < set->captures; i++) {
		img->capture[i].slot = slots->capture[i];
		img->capture[i].snap = set->capture[i].snap;
		memcpy(img->capture[i].name, set->capture[i].name, FILTER_NAME_SIZE);
	}
}

/* As many as the image has room for; the configuration refuses more. */
static void answers_compile(const struct rule_set *set, struct image *img)
{
	for (unsigned i = 0; i < set->count; i++) {
		const struct rule *rule = &set->rule[i];
		const struct rule_prefixes *to = &rule->match.destination;

		for (unsigned k = 0; rule->answer_arp && k < to->count; k++) {
			const uint8_t *a = to->at[k].address;

			if (to->at[k].family != 4 || img->answers == ANSWERS_MAX)
				continue;
			img->answer[img->answers++] = (struct image_answer){
				.address = (uint32_t)a[0] << 24 | a[1] << 16 | a[2] << 8 | a[3],
				.filter = i,
				.from = rule->from,
			};
		}
	}
}

static void ports_lend(const struct rule_ranges *ranges, unsigned loan, uint16_t lent[65536])
{
	for (unsigned i = 0; i < ranges->count; i++)
		for (uint32_t port = ranges->at[i].low; port <= ranges->at[i].high; port++)
			lent[port] |= 1 << loan;
}

static uint64_t word(const uint8_t *octets, unsigned n)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < n; i++)
		value = value << 8 | octets[i];
	return value;
}

static void loans_compile(const struct rule_set *set, const struct image_slots *slots,
			  struct image *img)
{
	img->loans = set->loans;
	for (unsigned i = 0; i < set->loans; i++) {
		const struct rule_loan *loan = &set->loan[i];
		unsigned size = loan->family == 4 ? 4 : 16;

		img->loan[i] = (struct image_loan){
			.slot = slots->loan[i],
			.family = loan->family,
			.owner = loan->owner,
			.first_port = loan->first_port,
			.last_port = loan->last_port,
		};
		img->loan[i].address[0] = word(loan->address, size == 4 ? 4 : 8);
		img->loan[i].address[1] = size == 4 ? 0 : word(loan->address + 8, 8);
		memcpy(img->loan[i].name, loan->name, FILTER_NAME_SIZE);
		img->loan_end[word(loan->address + size - 2, 2)] |= 1 << i;
		ports_lend(&loan->tcp, i, img->lent_tcp);
		ports_lend(&loan->udp, i, img->lent_udp);
	}
}

/* Of the host link's, and not the same. */
void image_guest_mac(const uint8_t host[6], uint8_t guest[6])
{
	memcpy(guest, host, 6);
	guest[0] = (guest[0] | 0x02) ^ 0x04;
}

void image_lists(const struct rule_set *set, const struct image_slots *slots, struct image *img)
{
	img->filters = set->count;
	img->flags = set->drop_reserved ? IMAGE_DROP_RESERVED : 0;
	img->host_kbits = set->host_kbits;
	img->host_packets = set->host_packets;
	memcpy(img->host_mac, set->host_mac, sizeof(set->host_mac));
	image_guest_mac(set->host_mac, img->guest_mac);
	filters_compile(set, slots, img);
	sessions_compile(set, slots, img);
	captures_compile(set, slots, img);
	answers_compile(set, img);
	loans_compile(set, slots, img);
}
