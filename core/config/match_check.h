/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Matches that no frame can have: better said than waited for. */
#pragma once

struct fer_model;
struct fer_problems;
struct rule_match;

void match_check(const struct fer_model *match, const struct rule_match *rule,
		 struct fer_problems *problems);
