// SPDX-License-Identifier: GPL-2.0-or-later
/* The engine's packet parser, compiled natively, against the reference: the same fields. */
#include <stdlib.h>
#include <string.h>

#include "core/engine/xdp/parse.h"
#include "fuzz.h"
#include "tests/engine/reference.h"

static uint64_t load(const uint8_t *p, int n)
{
	uint64_t value = 0;

	while (n--)
		value = value << 8 | *p++;
	return value;
}

static void same(int condition)
{
	if (!condition)
		abort();
}

static void addresses_same(const struct frame_fields *f, const struct reference_frame *r)
{
	int n = r->family == 4 ? 4 : 8;

	same(!!(f->has & HAS_IPV4) == (r->family == 4));
	same(!!(f->has & HAS_IPV6) == (r->family == 6));
	if (!r->family)
		return;
	same(f->dscp == r->dscp);
	same(f->source[0] == load(r->source, n) && f->destination[0] == load(r->destination, n));
	if (r->family == 6)
		same(f->source[1] == load(r->source + 8, 8) &&
		     f->destination[1] == load(r->destination + 8, 8));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct frame_fields f = {0};
	struct reference_frame r;
	uint8_t *copy;

	if (size < 14)
		return 0;
	copy = malloc(size); /* so that a sanitizer sees one octet too far */
	memcpy(copy, data, size);
	parse_frame(copy, copy + size, size, &f);
	reference_parse(copy, size, &r);
	free(copy);
	same(!!(f.has & HAS_VLAN) == r.has_vlan && (!r.has_vlan || f.vlan == r.vlan));
	same(!!(f.has & HAS_INNER_VLAN) == r.has_inner_vlan &&
	     (!r.has_inner_vlan || f.inner_vlan == r.inner_vlan));
	same(!!(f.has & HAS_ETHER_TYPE) == r.has_ether_type && f.ether_type == r.ether_type);
	same(!!(f.has & HAS_PROTOCOL) == r.has_protocol && f.protocol == r.protocol);
	same(!!(f.has & HAS_PORTS) == r.has_ports && f.source_port == r.source_port &&
	     f.destination_port == r.destination_port);
	same(!!(f.has & HAS_TCP_FLAGS) == r.has_tcp_flags && f.tcp_flags == r.tcp_flags);
	addresses_same(&f, &r);
	return 0;
}
