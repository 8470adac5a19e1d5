/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bpffs folder of the instance. What is pinned there outlives the supervisor.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/*
 * Finds the folder, in a bpffs of our own mounted at RUN_DIR/bpf or below /sys/fs/bpf; or makes it:
 * below /sys/fs/bpf where that is a bpffs, else in one of our own. With `make` false only looks. 0,
 * -ENOENT, or what the system said.
 */
int pins_open(const char *run_dir, bool make, char *path, size_t size);

/* Removes the folder and what is in it, and unmounts our own bpffs. */
void pins_remove(const char *run_dir, const char *path);

/* Removes the folders of maps other than `keep`. */
void pins_prune(const char *path, const char *keep);
