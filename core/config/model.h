/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands behind core/api/model.h. */
#pragma once

struct document;
struct problems;

struct fer_problems {
	const struct document *document;
	struct problems *list;
};

/* A document as plugins see it. */
const struct fer_config *model_of(const struct document *document);
