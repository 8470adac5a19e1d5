// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A daemon that does what it is told, to show what its supervisor does then.
 *
 *	fake [--late MS] [--exit CODE] [--ignore-term] [--ready notify|fd] SOCKET
 *	fake --check pass|refuse|hang
 *
 * On the datagram socket it answers "ping" with "pong", and obeys: crash, exit N, mute (no answer
 * any more), spew N (lines), eat N (MiB), helper (a child that stays behind).
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int mute;

static int check(const char *how)
{
	if (!strcmp(how, "hang"))
		pause();
	if (!strcmp(how, "pass"))
		return 0;
	printf("fake: the configuration is refused\n");
	return 1;
}

static int socket_open(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	unlink(path);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address))) {
		printf("fake: %s: %s\n", path, strerror(errno));
		exit(2);
	}
	return fd;
}

static void say_ready(const char *how)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const char *where = getenv(strcmp(how, "fd") ? "NOTIFY_SOCKET" : "READY_FD");
	int fd;

	if (!where)
		exit(3);
	if (!strcmp(how, "fd")) {
		dprintf(atoi(where), "\n");
		return;
	}
	fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", where);
	if (sendto(fd, "READY=1", 7, 0, (struct sockaddr *)&address, sizeof(address)) < 0)
		printf("fake: %s: %s\n", where, strerror(errno));
	close(fd);
}

static void eat(unsigned mib)
{
	volatile char *memory = malloc((size_t)mib << 20);

	if (!memory) {
		printf("fake: no %u MiB\n", mib);
		exit(4);
	}
	for (size_t at = 0; at < (size_t)mib << 20; at += 4096)
		memory[at] = 1; /* each page, and nobody may leave that out */
	printf("fake: ate %u MiB\n", mib);
}

static void obey(const char *text)
{
	unsigned number = 0;
	char verb[16] = "";

	sscanf(text, "%15s %u", verb, &number);
	if (!strcmp(verb, "crash"))
		abort();
	else if (!strcmp(verb, "exit"))
		exit(number);
	else if (!strcmp(verb, "mute"))
		mute = 1;
	else if (!strcmp(verb, "eat"))
		eat(number);
	else if (!strcmp(verb, "helper") && !fork())
		pause();
	else if (!strcmp(verb, "spew"))
		for (unsigned i = 1; i <= number; i++)
			printf("fake: line %u of %u\n", i, number);
}

static void serve(int fd)
{
	struct sockaddr_un from;
	char text[128];

	for (;;) {
		socklen_t length = sizeof(from);
		ssize_t n =
			recvfrom(fd, text, sizeof(text) - 1, 0, (struct sockaddr *)&from, &length);

		if (n < 0)
			continue;
		text[n] = '\0';
		if (strcmp(text, "ping"))
			obey(text);
		else if (!mute && length > sizeof(sa_family_t))
			sendto(fd, "pong", 4, 0, (struct sockaddr *)&from, length);
	}
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"late", required_argument, NULL, 'l'},	 {"exit", required_argument, NULL, 'e'},
		{"ready", required_argument, NULL, 'r'}, {"ignore-term", no_argument, NULL, 'i'},
		{"check", required_argument, NULL, 'c'}, {NULL, 0, NULL, 0}};
	const char *ready = NULL;
	int option, late = 0, fd;

	setvbuf(stdout, NULL, _IOLBF, 0);
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'l')
			late = atoi(optarg);
		else if (option == 'e')
			return atoi(optarg);
		else if (option == 'r')
			ready = optarg;
		else if (option == 'i')
			signal(SIGTERM, SIG_IGN);
		else if (option == 'c')
			return check(optarg);
	}
	if (optind + 1 != argc)
		return 1;
	printf("fake: user %d, limits as given\n", getuid());
	usleep(late * 1000);
	fd = socket_open(argv[optind]);
	if (ready)
		say_ready(ready);
	serve(fd);
}
