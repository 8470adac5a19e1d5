/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The first program of a machine that boots by UEFI, from the packages of this system. */
#pragma once

#include <stdbool.h>

#include "services/dnsmasq/dnsmasq.h"

struct loader {
	const char *arch; /* as in the configuration, and GRUB's */
	const char *path;
	const char *name;      /* in the folder of boot files */
	const char *package;   /* that has it */
	const char *modules;   /* to make one for HTTP boot of, or NULL; see grub.h */
	const char *http_name; /* of that */
	bool own;	       /* goes before a program of the images */
};

/* secure: what firmware with Secure Boot takes. Never NULL; the file may be absent. */
const struct loader *loader_find(enum dnsmasq_arch arch, bool secure);
