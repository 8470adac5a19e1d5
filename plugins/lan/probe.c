// SPDX-License-Identifier: GPL-2.0-or-later
#include "probe.h"

#include <arpa/inet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <netpacket/packet.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "core/api/event.h"

enum {
	DHCP_SERVER_PORT = 67,
	DHCP_CLIENT_PORT = 68,
	OPTION_MESSAGE = 53,
	OPTION_SERVER = 54,
	MESSAGE_DISCOVER = 1,
	MESSAGE_OFFER = 2,
	FRAME_MAX = 1500,
};

/* RFC 2131, section 2, up to the magic cookie */
struct dhcp {
	uint8_t op, htype, hlen, hops;
	uint32_t xid;
	uint16_t secs, flags;
	uint32_t ciaddr, yiaddr, siaddr, giaddr;
	uint8_t chaddr[16], sname[64], file[128];
	uint32_t magic;
	uint8_t options[];
} __attribute__((packed));

struct packet {
	struct iphdr ip;
	struct udphdr udp;
	struct dhcp dhcp;
} __attribute__((packed));

struct probe {
	int fd;
	uint32_t xid;
	char own[16];
	struct probe_servers servers;
	struct fer_event *reader, *timer;
	void (*done)(void *arg, const struct probe_servers *servers);
	void *arg;
};

static void server_add(struct probe *probe, const uint8_t *octets)
{
	struct probe_servers *servers = &probe->servers;
	char text[16];

	inet_ntop(AF_INET, octets, text, sizeof(text));
	if (!strcmp(text, probe->own))
		return;
	for (unsigned i = 0; i < servers->count; i++)
		if (!strcmp(servers->address[i], text))
			return;
	if (servers->count < PROBE_SERVERS)
		memcpy(servers->address[servers->count++], text, sizeof(text));
}

/* The option's value of at least `size` octets, or NULL. */
static const uint8_t *option_find(const uint8_t *at, const uint8_t *end, uint8_t code, uint8_t size)
{
	while (at < end && *at != 255) {
		if (*at == 0) {
			at++;
			continue;
		}
		if (at + 2 > end || at + 2 + at[1] > end)
			return NULL;
		if (*at == code)
			return at[1] >= size ? at + 2 : NULL;
		at += 2 + at[1];
	}
	return NULL;
}

static void offer_take(struct probe *probe, const uint8_t *data, size_t length)
{
	const struct packet *packet = (const struct packet *)data;
	const uint8_t *end = data + length, *value;

	if (length < sizeof(*packet) || packet->ip.ihl != 5 || packet->ip.protocol != IPPROTO_UDP ||
	    packet->udp.dest != htons(DHCP_CLIENT_PORT) || packet->dhcp.op != 2 ||
	    packet->dhcp.xid != probe->xid)
		return;
	value = option_find(packet->dhcp.options, end, OPTION_MESSAGE, 1);
	if (!value || *value != MESSAGE_OFFER)
		return;
	value = option_find(packet->dhcp.options, end, OPTION_SERVER, 4);
	if (value)
		server_add(probe, value);
}

static void readable(void *arg)
{
	struct probe *probe = arg;
	uint8_t data[FRAME_MAX];
	ssize_t n;

	while ((n = recv(probe->fd, data, sizeof(data), MSG_DONTWAIT)) > 0)
		offer_take(probe, data, n);
}

static void probe_free(struct probe *probe)
{
	fer_event_free(probe->reader);
	fer_event_free(probe->timer);
	close(probe->fd);
	free(probe);
}

static void ended(void *arg)
{
	struct probe *probe = arg;
	struct probe_servers servers = probe->servers;
	void (*done)(void *arg, const struct probe_servers *servers) = probe->done;
	void *done_arg = probe->arg;

	probe_free(probe);
	done(done_arg, &servers);
}

static uint16_t ip_checksum(const void *data, size_t length)
{
	const uint16_t *at = data;
	uint32_t sum = 0;

	for (size_t i = 0; i < length / 2; i++)
		sum += at[i];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

/* To everybody, with the wish for an answer to everybody. A checksum of UDP is not needed. */
static size_t discover_make(struct probe *probe, const uint8_t mac[6], uint8_t *data)
{
	static const uint8_t options[] = {OPTION_MESSAGE, 1, MESSAGE_DISCOVER, 55, 3, 1, 3, 6, 255};
	struct packet *packet = (struct packet *)data;
	size_t length = sizeof(*packet) + sizeof(options) + 32;

	memset(data, 0, length);
	packet->ip.version = 4;
	packet->ip.ihl = 5;
	packet->ip.ttl = 64;
	packet->ip.protocol = IPPROTO_UDP;
	packet->ip.tot_len = htons(length);
	packet->ip.daddr = INADDR_BROADCAST;
	packet->ip.check = ip_checksum(&packet->ip, sizeof(packet->ip));
	packet->udp.source = htons(DHCP_CLIENT_PORT);
	packet->udp.dest = htons(DHCP_SERVER_PORT);
	packet->udp.len = htons(length - sizeof(packet->ip));
	packet->dhcp.op = 1;
	packet->dhcp.htype = 1;
	packet->dhcp.hlen = 6;
	packet->dhcp.xid = probe->xid;
	packet->dhcp.flags = htons(0x8000);
	packet->dhcp.magic = htonl(0x63825363);
	memcpy(packet->dhcp.chaddr, mac, 6);
	memcpy(packet->dhcp.options, options, sizeof(options));
	return length;
}

static int send_discover(struct probe *probe, const char *interface)
{
	struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_IP)};
	struct ifreq request = {0};
	uint8_t data[FRAME_MAX];
	size_t length;

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", interface);
	if (ioctl(probe->fd, SIOCGIFHWADDR, &request))
		return -1;
	length = discover_make(probe, (const uint8_t *)request.ifr_hwaddr.sa_data, data);
	to.sll_ifindex = if_nametoindex(interface);
	to.sll_halen = 6;
	memset(to.sll_addr, 0xff, 6);
	if (bind(probe->fd, (struct sockaddr *)&to, sizeof(to)))
		return -1;
	return sendto(probe->fd, data, length, MSG_DONTWAIT, (struct sockaddr *)&to, sizeof(to)) < 0
		       ? -1
		       : 0;
}

struct probe *probe_start(const char *interface, const char *own,
			  void (*done)(void *arg, const struct probe_servers *servers), void *arg)
{
	struct probe *probe = calloc(1, sizeof(*probe));

	if (!probe)
		abort();
	probe->xid = random();
	probe->done = done;
	probe->arg = arg;
	snprintf(probe->own, sizeof(probe->own), "%s", own);
	probe->fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, htons(ETH_P_IP));
	if (probe->fd < 0 || send_discover(probe, interface)) {
		if (probe->fd >= 0)
			close(probe->fd);
		free(probe);
		return NULL;
	}
	probe->reader = fer_reader_new(probe->fd, readable, probe);
	probe->timer = fer_timer_new(ended, probe);
	fer_timer_start(probe->timer, PROBE_MS);
	return probe;
}

void probe_cancel(struct probe *probe)
{
	if (probe)
		probe_free(probe);
}
