/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a commit did to sessions: those whose configuration is the same must be as they were. One
 * that brings back an earlier configuration (a rollback) is compared with what there was before
 * that was left: sessions, routes taken, routes sent.
 */
#pragma once

struct route_server;
struct verify;

struct verify *verify_new(struct route_server *rs);
void verify_free(struct verify *verify);

/* rs->now is about to come into force. */
void verify_begin(struct verify *verify);

/* All sessions have been heard of. */
void verify_turn(struct verify *verify);

/* Of the last commit: what was found, and what is wrong; "": nothing. */
const char *verify_result(const struct verify *verify);
const char *verify_trouble(const struct verify *verify);
