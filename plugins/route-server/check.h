/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the schema cannot say of a route server's configuration. */
#pragma once

struct fer_problems;
struct rs_config;

/* 0 or -EINVAL with problems: all of them. */
int check_all(const struct rs_config *config, struct fer_problems *problems);

/* The same of its memory, with what is registered. */
int check_memory(const struct rs_config *config, struct fer_problems *problems);
