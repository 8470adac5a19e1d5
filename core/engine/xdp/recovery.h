/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A wire that is found again whatever was mounted or unmounted since: the kernel's numbers of the
 * links stand in a note in the run folder (RUN_DIR/links), and a folder of pins that is hidden or
 * gone is made anew while the supervisor runs.
 */
#pragma once

struct backend;
struct port_link;

/* The link of a port by its number in the note; fd -1 where it is not ours, or gone. */
void recovery_link(struct port_link *link, const char *run_dir, int port);

/* Before the programs are loaded: where the links are found by number alone, their maps are taken
 * over too, as far as they are of the same layout. */
void recovery_maps(struct backend *backend);

/* After a commit. */
void recovery_note(const struct backend *backend);

/* Once a second: links and maps are pinned where the next supervisor looks. */
void recovery_look(struct backend *backend);
