/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * GRUB for HTTP boot. The signed one of Debian (2.06) sets up the network only where TFTP brought
 * it; one made here of the same modules begins with an address by DHCP and our menu by HTTP.
 */
#pragma once

#include <stdbool.h>

struct grub;
struct loader;

/* folder: where HTTP serves from; borrowed. */
struct grub *grub_new(const char *folder);
void grub_free(struct grub *grub);

/* Have we what it is made of? Then it is loader->http_name in the folder, soon after grub_make. */
bool grub_can(const struct loader *loader);

/* For a server at that address. Does nothing where all is made already; logs what fails. */
void grub_make(struct grub *grub, const char *address, unsigned port);
