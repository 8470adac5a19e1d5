/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The folder that TFTP and HTTP serve: loaders, what iPXE and GRUB are told, and the images.
 *
 *	undionly.kpxe snponly.efi shimx64.efi grubx64.efi	loaders, of Debian's packages
 *	grubaa64-http.efi		a loader of our own, see grub.h
 *	boot.ipxe			where iPXE begins: its own script, or else the menu
 *	mac/02-00-00-00-00-01.ipxe	of a host with an image
 *	image/NAME.ipxe menu.ipxe
 *	grub/grub.cfg grub/mac-02:00:00:00:00:01.cfg
 *	boot -> the root of the images
 */
#pragma once

#include <stdbool.h>

struct lan_config;
struct track;

/* Makes the folder what the configuration says. Logs what fails. */
void scripts_write(const struct lan_config *lan, const char *folder, const struct track *track);
