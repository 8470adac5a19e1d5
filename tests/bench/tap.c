// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A tap in user space, to compare with: reads every frame of an interface from a packet socket,
 * puts Ethernet, IPv4, GRE and ERSPAN II in front, and sends it by another, 64 at a time.
 *
 *	tap NETNS FROM TO      until its standard input ends
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BATCH = 64, HEAD = 50, FRAME = 2048 };

static void die(const char *what)
{
	fprintf(stderr, "tap: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int packet_socket(const char *interface, int protocol)
{
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(protocol),
		.sll_ifindex = if_nametoindex(interface),
	};
	int fd = socket(AF_PACKET, SOCK_RAW, 0), size = 8 << 20, yes = 1;

	if (fd < 0 || !address.sll_ifindex ||
	    bind(fd, (struct sockaddr *)&address, sizeof(address)))
		die(interface);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &yes, sizeof(yes));
	setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &yes, sizeof(yes));
	return fd;
}

static void head_write(uint8_t *at, unsigned length, uint32_t sequence)
{
	static const uint8_t head[HEAD] = {
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2,	0, 0,	 0,   0, 0xcc, 8, 0,   0x45, 0, 0,
		0,    0,    0,	  0x40, 0,    64,   47, 0, 0,	 192, 0, 2,    3, 192, 0,    2, 1,
		0x10, 0,    0x88, 0xbe, 0,    0,    0,	0, 0x10, 0,   0, 1,    0, 0,   0,    1,
	};

	memcpy(at, head, HEAD);
	at[16] = (length + 36) >> 8;
	at[17] = length + 36;
	for (int i = 0; i < 4; i++)
		at[38 + i] = sequence >> (24 - 8 * i);
}

static void tap(int from, int to)
{
	static uint8_t frame[BATCH][HEAD + FRAME];
	struct mmsghdr in[BATCH] = {0}, out[BATCH] = {0};
	struct iovec into[BATCH], outof[BATCH];
	uint32_t sequence = 0;
	int got;

	for (int i = 0; i < BATCH; i++) {
		into[i] = (struct iovec){frame[i] + HEAD, FRAME};
		in[i].msg_hdr = (struct msghdr){.msg_iov = &into[i], .msg_iovlen = 1};
		out[i].msg_hdr = (struct msghdr){.msg_iov = &outof[i], .msg_iovlen = 1};
	}
	got = recvmmsg(from, in, BATCH, MSG_DONTWAIT, NULL);
	for (int i = 0; i < got; i++) {
		head_write(frame[i], in[i].msg_len, sequence++);
		outof[i] = (struct iovec){frame[i], HEAD + in[i].msg_len};
	}
	for (int sent = 0; sent < got;) {
		int n = sendmmsg(to, out + sent, got - sent, 0);

		sent += n > 0 ? n : 1;
	}
}

int main(int argc, char **argv)
{
	char path[256];
	int netns, from, to;

	if (argc != 4)
		return 2;
	snprintf(path, sizeof(path), "/run/netns/%s", argv[1]);
	netns = open(path, O_RDONLY);
	if (netns < 0 || setns(netns, CLONE_NEWNET))
		die(path);
	from = packet_socket(argv[2], ETH_P_ALL);
	to = packet_socket(argv[3], 0);
	printf("0\n");
	fflush(stdout);
	for (;;) {
		struct pollfd fd[] = {{.fd = from, .events = POLLIN}, {.fd = 0, .events = POLLIN}};

		if (poll(fd, 2, -1) < 0 || fd[1].revents)
			return 0;
		if (fd[0].revents)
			tap(from, to);
	}
}
