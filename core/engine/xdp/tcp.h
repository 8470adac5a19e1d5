/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Of TCP's header (RFC 9293 3.1). */
#pragma once

enum { TCP_FIN = 1, TCP_SYN = 2, TCP_RST = 4, TCP_ACK = 16, TCP_HEADER = 20 };
