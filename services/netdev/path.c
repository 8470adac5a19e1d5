// SPDX-License-Identifier: GPL-2.0-or-later
#include "path.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union endpoint {
	struct sockaddr any;
	struct sockaddr_in four;
	struct sockaddr_in6 six;
};

static bool endpoint_parse(const char *text, union endpoint *to)
{
	const char *colon = strrchr(text, ':');
	bool six = *text == '[';
	char address[64];

	if (!colon || colon - text < 3)
		return false;
	memset(to, 0, sizeof(*to));
	snprintf(address, sizeof(address), "%.*s", (int)(colon - text - 2 * six), text + six);
	to->any.sa_family = six ? AF_INET6 : AF_INET;
	if (six)
		to->six.sin6_port = htons(atoi(colon + 1));
	else
		to->four.sin_port = htons(atoi(colon + 1));
	return inet_pton(to->any.sa_family, address,
			 six ? (void *)&to->six.sin6_addr : (void *)&to->four.sin_addr) == 1;
}

int path_mtu(const char *endpoint, uint32_t mark)
{
	union endpoint to;
	bool six = *endpoint == '[';
	int fd, mtu = 0, err = 0;
	socklen_t size = sizeof(mtu);

	if (!endpoint_parse(endpoint, &to))
		return -EINVAL;
	fd = socket(to.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	/* connecting asks for the route; nothing is sent */
	if (setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)) ||
	    connect(fd, &to.any, six ? sizeof(to.six) : sizeof(to.four)) ||
	    getsockopt(fd, six ? (int)IPPROTO_IPV6 : (int)IPPROTO_IP, six ? IPV6_MTU : IP_MTU, &mtu,
		       &size))
		err = -errno;
	close(fd);
	return err ? err : mtu;
}
