// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * NTP requests (RFC 5905, mode 3) to a server for some seconds, with a bound on those under way;
 * prints answers a second, and how many of the requests had none.
 *
 *	ntp-load ADDRESS SECONDS UNDER-WAY
 */
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(123)};
	unsigned char request[48] = {0x23}, reply[64];
	unsigned long sent = 0, answered = 0, lost = 0;
	double begin = now(), end, last = begin;
	unsigned window, under_way = 0;
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (argc != 4 || inet_pton(AF_INET, argv[1], &to.sin_addr) != 1 || fd < 0 ||
	    connect(fd, (struct sockaddr *)&to, sizeof(to)))
		return 2;
	end = begin + (atoi(argv[2]) < 60 ? atoi(argv[2]) : 60);
	window = atoi(argv[3]);
	while (now() < end) {
		struct pollfd wait = {fd, POLLIN, 0};

		for (; under_way < window; under_way++, sent++) {
			memcpy(request + 40, &sent, sizeof(sent)); /* comes back as the origin */
			if (send(fd, request, sizeof(request), 0) < 0)
				break;
		}
		if (poll(&wait, 1, 20) > 0) {
			while (recv(fd, reply, sizeof(reply), MSG_DONTWAIT) >= 48) {
				answered++;
				under_way -= under_way > 0;
				last = now();
			}
		} else if (now() - last > 0.1) {
			lost += under_way;
			under_way = 0;
			last = now();
		}
	}
	printf("%.0f %lu %lu\n", answered / (now() - begin), sent, lost);
	return 0;
}
