/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* TERM and INT end the loop; PIPE is nothing. */
void signals_start(void);
void signals_stop(void);
