// SPDX-License-Identifier: GPL-2.0-or-later
#include "grub.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/api/file.h"
#include "core/api/log.h"
#include "core/api/task.h"
#include "loader.h"

#define MKIMAGE	 "/usr/bin/grub-mkimage"
#define DEADLINE 20000 /* ms; 10 on a PC */

struct image {
	struct grub *grub;
	const struct loader *loader;
	struct fer_task *task;
};

struct grub {
	const char *folder;
	char server[80]; /* that all images are made for; "" for none */
	struct image images[DNSMASQ_ARCHS];
};

static void path_of(const struct image *image, const char *end, char path[512])
{
	snprintf(path, 512, "%s/%s%s", image->grub->folder, image->loader->http_name, end);
}

bool grub_can(const struct loader *loader)
{
	char path[512];

	if (!loader->modules || access(MKIMAGE, X_OK))
		return false;
	snprintf(path, sizeof(path), "%s/http.mod", loader->modules);
	return !access(path, R_OK);
}

static void made(void *arg, int code, const char *output)
{
	struct image *image = arg;
	char from[512], to[512];

	image->task = NULL;
	path_of(image, ".new", from);
	path_of(image, "", to);
	if (!code && rename(from, to))
		code = -errno;
	path_of(image, ".cfg", to);
	unlink(to);
	if (!code)
		return;
	image->grub->server[0] = '\0';
	fer_log_err("lan: %s is not made: %s", image->loader->http_name,
		    code < 0 ? strerror(-code) : output);
}

/* Of the shell's words only those that GRUB knows before its own shell is there. */
static int write_config(const struct image *image, const char *path)
{
	char text[256];

	snprintf(text, sizeof(text), "net_bootp\nset root=(http,%s)\nconfigfile /grub/grub.cfg\n",
		 image->grub->server);
	return fer_file_write(path, text, strlen(text), 0644, NULL);
}

static void image_make(struct image *image)
{
	char config[512], to[512];
	const struct loader *loader = image->loader;
	const char *argv[] = {
		MKIMAGE,  "-O",	   loader->arch, "-d",	    loader->modules, "-p",   "",
		"-c",	  config,  "-o",	 to,	    "efinet",	     "net",  "http",
		"normal", "test",  "configfile", "linux",   "chain",	     "boot", "echo",
		"ls",	  "sleep", "halt",	 "minicmd", "reboot",	     NULL};
	const struct fer_task_spec task = {
		.name = "grub-mkimage",
		.argv = (char *const *)argv,
		.deadline = DEADLINE,
		.done = made,
		.arg = image,
	};
	int err;

	path_of(image, ".cfg", config);
	path_of(image, ".new", to);
	err = write_config(image, config);
	if (!err)
		image->task = fer_task_start(&task);
	if (!image->task)
		made(image, err ? err : -EAGAIN, "");
}

void grub_make(struct grub *grub, const char *address, unsigned port)
{
	char server[80];

	snprintf(server, sizeof(server), port == 80 ? "%s" : "%s:%u", address, port);
	if (!*address || !strcmp(server, grub->server))
		return;
	snprintf(grub->server, sizeof(grub->server), "%s", server);
	for (unsigned i = 0; i < DNSMASQ_ARCHS; i++) {
		struct image *image = &grub->images[i];

		fer_task_cancel(image->task);
		image->task = NULL;
		image->loader = loader_find(i, false);
		if (grub_can(image->loader))
			image_make(image);
	}
}

struct grub *grub_new(const char *folder)
{
	struct grub *grub = calloc(1, sizeof(*grub));

	if (!grub)
		abort();
	grub->folder = folder;
	for (unsigned i = 0; i < DNSMASQ_ARCHS; i++)
		grub->images[i].grub = grub;
	return grub;
}

void grub_free(struct grub *grub)
{
	for (unsigned i = 0; grub && i < DNSMASQ_ARCHS; i++)
		fer_task_cancel(grub->images[i].task);
	free(grub);
}
