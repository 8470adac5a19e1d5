/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an exchange has already, as our configuration: arouteserver's general.yml and clients.yml,
 * and the member export of IX-F (euro-ix JSON schema 0.6 to 1.0). What cannot be carried over is
 * named. Pure, but for reading the files.
 */
#pragma once

#include <stdio.h>

struct import;

struct import *import_new(void);
void import_free(struct import *import);

/* Which kind it is it sees itself. 0, or a negative errno with words. */
int import_read(struct import *import, const char *path, char *why, size_t size);

/* Of a member export that LAN is taken, by its `id` there. */
void import_vlan(struct import *import, unsigned vlan);

/* The YAML of all files together; what is left out stands in comments at the end. */
void import_write(const struct import *import, FILE *file);
