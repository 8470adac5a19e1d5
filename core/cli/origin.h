/* SPDX-License-Identifier: GPL-2.0-or-later */
/* By which address of this machine the user has come in. */
#pragma once

/* Of the SSH session that we are in, also behind sudo; NULL where there is none. New memory. */
char *origin_address(void);
