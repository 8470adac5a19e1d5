// SPDX-License-Identifier: GPL-2.0-or-later
#include "echo.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/icmp6.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/ip_icmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "core/api/event.h"
#include "services/netdev/netns.h"

enum { KEPT = 32, SMALL = 64, LARGE = 9000 /* octets */ };

struct echo {
	int fd, family;
	char space[256], interface[16];
	unsigned index;	  /* of it: one that is made anew is another one */
	char address[48]; /* of the target */
	struct sockaddr_storage target;
	socklen_t size;
	struct fer_event *reader;
	uint16_t id, sequence;
	uint64_t sent_at[KEPT]; /* us */
	uint32_t answers;	/* a bit for each of the last */
	uint64_t answered;
	unsigned round_trip;
	unsigned sent;
};

static uint64_t now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return ts.tv_sec * 1000000ULL + ts.tv_nsec / 1000;
}

uint64_t echo_now(void)
{
	return now_us() / 1000 + 1;
}

/* RFC 1071 */
static uint16_t checksum(const void *data, size_t size)
{
	const uint8_t *at = data;
	uint32_t sum = 0;

	for (; size > 1; size -= 2, at += 2)
		sum += at[0] << 8 | at[1];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons(~sum);
}

static void take(struct echo *echo, uint16_t id, uint16_t sequence)
{
	unsigned age = (uint16_t)(echo->sequence - sequence);

	if (id != echo->id || age >= KEPT || !echo->sent_at[sequence % KEPT])
		return;
	echo->answers |= 1u << age;
	echo->round_trip = now_us() - echo->sent_at[sequence % KEPT];
	echo->answered = echo_now();
}

static bool is_from_target(const struct echo *echo, const struct sockaddr_storage *from)
{
	if (echo->family == AF_INET)
		return ((const struct sockaddr_in *)from)->sin_addr.s_addr ==
		       ((const struct sockaddr_in *)&echo->target)->sin_addr.s_addr;
	return IN6_ARE_ADDR_EQUAL(&((const struct sockaddr_in6 *)from)->sin6_addr,
				  &((const struct sockaddr_in6 *)&echo->target)->sin6_addr);
}

static void readable(void *arg)
{
	struct sockaddr_storage from;
	struct echo *echo = arg;
	socklen_t size = sizeof(from);
	uint8_t packet[LARGE];
	ssize_t n;

	while ((n = recvfrom(echo->fd, packet, sizeof(packet), MSG_DONTWAIT,
			     (struct sockaddr *)&from, &size)) > 0) {
		/* IPv4 comes with its header */
		size_t at = echo->family == AF_INET ? (packet[0] & 15) * 4u : 0;
		uint8_t reply = echo->family == AF_INET ? ICMP_ECHOREPLY : ICMP6_ECHO_REPLY;
		uint16_t id, sequence;

		size = sizeof(from);
		if ((size_t)n < at + 8 || packet[at] != reply || !is_from_target(echo, &from))
			continue;
		memcpy(&id, packet + at + 4, 2);
		memcpy(&sequence, packet + at + 6, 2);
		take(echo, id, ntohs(sequence));
	}
}

static int socket_open(const struct echo *echo)
{
	int fd;

	if (netns_enter(echo->space))
		return -1;
	fd = socket(echo->family, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
		    echo->family == AF_INET ? (int)IPPROTO_ICMP : (int)IPPROTO_ICMPV6);
	netns_leave();
	return fd;
}

/* Where its socket is. */
static unsigned index_of(const struct echo *echo)
{
	struct ifreq request = {.ifr_ifindex = 0};

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", echo->interface);
	return ioctl(echo->fd, SIOCGIFINDEX, &request) ? 0 : request.ifr_ifindex;
}

struct echo *echo_new(const char *space, const char *interface, const char *target)
{
	struct echo *echo = calloc(1, sizeof(*echo));
	struct sockaddr_in *four = (struct sockaddr_in *)&echo->target;
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)&echo->target;

	if (!echo)
		abort();
	echo->family = strchr(target, ':') ? AF_INET6 : AF_INET;
	echo->target.ss_family = echo->family;
	echo->size = echo->family == AF_INET ? sizeof(*four) : sizeof(*six);
	inet_pton(echo->family, target,
		  echo->family == AF_INET ? (void *)&four->sin_addr : (void *)&six->sin6_addr);
	snprintf(echo->space, sizeof(echo->space), "%s", space);
	snprintf(echo->address, sizeof(echo->address), "%s", target);
	snprintf(echo->interface, sizeof(echo->interface), "%s", interface);
	echo->fd = socket_open(echo);
	if (echo->fd < 0 ||
	    setsockopt(echo->fd, SOL_SOCKET, SO_BINDTODEVICE, interface, strlen(interface) + 1)) {
		if (echo->fd >= 0)
			close(echo->fd);
		free(echo);
		return NULL;
	}
	echo->index = index_of(echo);
	echo->id = random();
	echo->reader = fer_reader_new(echo->fd, readable, echo);
	return echo;
}

void echo_free(struct echo *echo)
{
	if (!echo)
		return;
	fer_event_free(echo->reader);
	close(echo->fd);
	free(echo);
}

bool echo_is_current(const struct echo *echo)
{
	return echo->index && echo->index == index_of(echo);
}

struct echo *echo_again(const struct echo *echo)
{
	return echo_new(echo->space, echo->interface, echo->address);
}

void echo_send(struct echo *echo, unsigned size)
{
	unsigned header = echo->family == AF_INET ? sizeof(struct iphdr) : sizeof(struct ip6_hdr);
	uint8_t packet[LARGE] = {echo->family == AF_INET ? ICMP_ECHO : ICMP6_ECHO_REQUEST};
	uint16_t sequence = htons(++echo->sequence), sum;
	size_t length = size > SMALL + header && size <= LARGE ? size - header : SMALL;

	echo->answers <<= 1;
	echo->sent_at[echo->sequence % KEPT] = now_us();
	echo->sent++;
	memcpy(packet + 4, &echo->id, 2);
	memcpy(packet + 6, &sequence, 2);
	sum = checksum(packet, length & ~1u); /* what follows is zero */
	if (echo->family == AF_INET)	      /* that of IPv6 the kernel makes */
		memcpy(packet + 2, &sum, 2);
	sendto(echo->fd, packet, length, MSG_DONTWAIT | MSG_NOSIGNAL,
	       (struct sockaddr *)&echo->target, echo->size);
}

uint64_t echo_answered(const struct echo *echo)
{
	return echo->answered;
}

unsigned echo_round_trip(const struct echo *echo)
{
	return echo->round_trip;
}

unsigned echo_loss(const struct echo *echo)
{
	unsigned of = echo->sent > KEPT - 1 ? KEPT - 1 : echo->sent ? echo->sent - 1 : 0;
	unsigned got = 0;

	for (unsigned i = 1; i <= of; i++)
		got += echo->answers >> i & 1;
	return of ? 100 - got * 100 / of : 0;
}
