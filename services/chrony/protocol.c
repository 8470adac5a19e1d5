// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol.h"

#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	PROTOCOL = 6,
	TYPE_REQUEST = 1,
	TYPE_REPLY = 2,
	REQUEST_DATA = 20, /* offsets of what is specific to the command */
	REPLY_DATA = 28,
	/* a request must be as long as its reply could be; longer does no harm */
	REQUEST_LENGTH = 620,

	REPLY_N_SOURCES = 2,
	REPLY_SOURCE_DATA = 3,
	REPLY_TRACKING = 5,
	REPLY_SOURCE_NAME = 19,
	REPLY_AUTH_DATA = 20,
	REPLY_CLIENTS = 21,
	REPLY_SERVER_STATS3 = 24, /* chrony 4.2 and 4.3: 32 bits a counter */
	REPLY_SERVER_STATS4 = 25, /* from 4.4 on: 64 */

	ADDRESS_LENGTH = 20,
	CLIENT_LENGTH = 60,
	AUTH_NTS = 2,
	LEAP_UNSYNCHRONISED = 3,
};

/* ---- numbers ---- */

static void put16(uint8_t *at, uint16_t value)
{
	at[0] = value >> 8;
	at[1] = value;
}

static void put32(uint8_t *at, uint32_t value)
{
	put16(at, value >> 16);
	put16(at + 2, value);
}

static uint16_t get16(const uint8_t *at)
{
	return at[0] << 8 | at[1];
}

static uint32_t get32(const uint8_t *at)
{
	return (uint32_t)get16(at) << 16 | get16(at + 2);
}

/* 7 bits of exponent and 25 of coefficient, both signed: 2^(exponent - 25) * coefficient. */
static double get_float(const uint8_t *at)
{
	uint32_t value = get32(at);
	int32_t exponent = value >> 25, coefficient = value & 0x1ffffff;

	if (exponent >= 64)
		exponent -= 128;
	if (coefficient >= 1 << 24)
		coefficient -= 1 << 25;
	return ldexp(coefficient, exponent - 25);
}

static void get_address(const uint8_t *at, struct chrony_address *address)
{
	static const int family[] = {0, 4, 6, 0x10};
	uint16_t number = get16(at + 16);

	memcpy(address->octets, at, 16);
	address->family = number < 4 ? family[number] : 0;
}

static void put_address(uint8_t *at, const struct chrony_address *address)
{
	memcpy(at, address->octets, 16);
	put16(at + 16, address->family == 4 ? 1 : address->family == 6 ? 2 : 3);
}

static void address_print(const struct chrony_address *address, char *text, size_t size)
{
	text[0] = '\0';
	if (address->family == 4)
		inet_ntop(AF_INET, address->octets, text, size);
	else if (address->family == 6)
		inet_ntop(AF_INET6, address->octets, text, size);
	else if (address->family)
		snprintf(text, size, "#%08x", get32(address->octets));
}

/* ---- requests ---- */

size_t chrony_request(uint8_t *packet, uint32_t sequence, unsigned command)
{
	memset(packet, 0, REQUEST_LENGTH);
	packet[0] = PROTOCOL;
	packet[1] = TYPE_REQUEST;
	put16(packet + 4, command);
	put32(packet + 8, sequence);
	return REQUEST_LENGTH;
}

size_t chrony_request_index(uint8_t *packet, uint32_t sequence, unsigned command, uint32_t index)
{
	size_t length = chrony_request(packet, sequence, command);

	put32(packet + REQUEST_DATA, index);
	return length;
}

size_t chrony_request_source(uint8_t *packet, uint32_t sequence, unsigned command,
			     const struct chrony_address *address)
{
	size_t length = chrony_request(packet, sequence, command);

	put_address(packet + REQUEST_DATA, address);
	return length;
}

size_t chrony_request_clients(uint8_t *packet, uint32_t sequence, uint32_t first)
{
	size_t length = chrony_request_index(packet, sequence, CHRONY_CLIENTS, first);

	put32(packet + REQUEST_DATA + 4, CHRONY_CLIENTS_A_REPLY);
	return length;
}

size_t chrony_request_subnet(uint8_t *packet, uint32_t sequence, unsigned command,
			     const char *prefix)
{
	size_t length = chrony_request(packet, sequence, command);
	struct chrony_address address = {{0}, 0};
	const char *slash = strchr(prefix, '/');
	char text[64];
	int bits;

	snprintf(text, sizeof(text), "%.*s", slash ? (int)(slash - prefix) : 63, prefix);
	if (inet_pton(AF_INET, text, address.octets) == 1)
		address.family = 4;
	else if (inet_pton(AF_INET6, text, address.octets) == 1)
		address.family = 6;
	else
		return 0;
	bits = slash ? atoi(slash + 1) : address.family == 4 ? 32 : 128;
	put_address(packet + REQUEST_DATA, &address);
	put32(packet + REQUEST_DATA + ADDRESS_LENGTH, bits);
	return length;
}

size_t chrony_request_burst(uint8_t *packet, uint32_t sequence, unsigned good, unsigned total)
{
	/* a mask and an address of no family: all */
	size_t length = chrony_request(packet, sequence, CHRONY_BURST);

	put32(packet + REQUEST_DATA + 2 * ADDRESS_LENGTH, good);
	put32(packet + REQUEST_DATA + 2 * ADDRESS_LENGTH + 4, total);
	return length;
}

size_t chrony_request_local(uint8_t *packet, uint32_t sequence, bool on, unsigned stratum,
			    bool orphan)
{
	size_t length = chrony_request_index(packet, sequence, CHRONY_LOCAL, on);

	put32(packet + REQUEST_DATA + 4, stratum);
	/* the distance from which on the island begins: 1 s, as a float: 2^(1 - 25) * 2^24 is
	 * out of range for 25 signed bits, 2^(2 - 25) * 2^23 is not */
	put32(packet + REQUEST_DATA + 8, 2u << 25 | 1u << 23);
	put32(packet + REQUEST_DATA + 12, orphan);
	return length;
}

/* ---- replies ---- */

int chrony_reply(const uint8_t *packet, size_t length, uint32_t *sequence, unsigned *command)
{
	if (length < REPLY_DATA || packet[0] != PROTOCOL || packet[1] != TYPE_REPLY)
		return -EPROTO;
	*command = get16(packet + 4);
	*sequence = get32(packet + 16);
	return get16(packet + 8) ? -EIO : 0;
}

/* What is specific to the reply, or NULL. */
static const uint8_t *reply_data(const uint8_t *packet, size_t length, unsigned reply, size_t data)
{
	if (length < REPLY_DATA + data || get16(packet + 6) != reply)
		return NULL;
	return packet + REPLY_DATA;
}

bool chrony_reply_tracking(const uint8_t *packet, size_t length, struct chrony_tracking *to)
{
	const uint8_t *at = reply_data(packet, length, REPLY_TRACKING, 76);
	struct chrony_address address;

	if (!at)
		return false;
	memset(to, 0, sizeof(*to));
	get_address(at + 4, &address);
	address_print(&address, to->reference, sizeof(to->reference));
	to->local = get32(at) == 0x7f7f0101;
	to->stratum = get16(at + 24);
	to->synchronised = get16(at + 26) != LEAP_UNSYNCHRONISED && !to->local && to->stratum;
	/* twelve octets of time stamp, then the floats */
	to->offset = get_float(at + 40);
	to->rms_offset = get_float(at + 48);
	to->frequency = get_float(at + 52);
	to->skew = get_float(at + 60);
	to->root_delay = get_float(at + 64);
	to->root_dispersion = get_float(at + 68);
	return true;
}

bool chrony_reply_count(const uint8_t *packet, size_t length, uint32_t *count)
{
	const uint8_t *at = reply_data(packet, length, REPLY_N_SOURCES, 4);

	if (at)
		*count = get32(at);
	return at;
}

bool chrony_reply_source(const uint8_t *packet, size_t length, struct chrony_source *to)
{
	static const char *const state[] = {"selected", "not selectable", "falseticker",
					    "jittery",	"unselected",	  "selectable"};
	const uint8_t *at = reply_data(packet, length, REPLY_SOURCE_DATA, 48);

	if (!at)
		return false;
	memset(to, 0, sizeof(*to));
	get_address(at, &to->address);
	address_print(&to->address, to->text, sizeof(to->text));
	to->poll = (int16_t)get16(at + 20);
	to->stratum = get16(at + 22);
	to->state = get16(at + 24) < 6 ? state[get16(at + 24)] : "unknown";
	to->selected = get16(at + 24) == 0;
	to->reach = get16(at + 30);
	to->age = get32(at + 32);
	to->offset = get_float(at + 40);
	to->error = get_float(at + 44);
	return true;
}

bool chrony_reply_name(const uint8_t *packet, size_t length, struct chrony_source *to)
{
	const uint8_t *at = reply_data(packet, length, REPLY_SOURCE_NAME, 256);

	if (at)
		snprintf(to->name, sizeof(to->name), "%.63s", (const char *)at);
	return at;
}

bool chrony_reply_auth(const uint8_t *packet, size_t length, struct chrony_source *to)
{
	const uint8_t *at = reply_data(packet, length, REPLY_AUTH_DATA, 20);

	if (at)
		to->nts = get16(at) == AUTH_NTS;
	return at;
}

bool chrony_reply_stats(const uint8_t *packet, size_t length, uint64_t *answered, uint64_t *dropped)
{
	const uint8_t *at = reply_data(packet, length, REPLY_SERVER_STATS3, 44);

	if (at) {
		*answered = get32(at);
		*dropped = get32(at + 12);
		return true;
	}
	at = reply_data(packet, length, REPLY_SERVER_STATS4, 88);
	if (!at)
		return false;
	*answered = (uint64_t)get32(at) << 32 | get32(at + 4);
	*dropped = (uint64_t)get32(at + 24) << 32 | get32(at + 28);
	return true;
}

unsigned chrony_reply_clients(const uint8_t *packet, size_t length,
			      struct chrony_client to[CHRONY_CLIENTS_A_REPLY], uint32_t *next)
{
	const uint8_t *at = reply_data(packet, length, REPLY_CLIENTS, 12);
	struct chrony_address address;
	uint32_t indices, count;

	*next = 0;
	if (!at)
		return 0;
	indices = get32(at);
	count = get32(at + 8);
	if (count > CHRONY_CLIENTS_A_REPLY || length < REPLY_DATA + 12 + count * CLIENT_LENGTH)
		return 0;
	if (get32(at + 4) < indices)
		*next = get32(at + 4);
	for (uint32_t i = 0; i < count; i++) {
		const uint8_t *client = at + 12 + i * CLIENT_LENGTH;

		get_address(client, &address);
		address_print(&address, to[i].address, sizeof(to[i].address));
		to[i].requests = get32(client + 20);
		to[i].dropped = get32(client + 32);
		/* six counters, four intervals of an octet, then the ages */
		to[i].age = get32(client + 48);
	}
	return count;
}
