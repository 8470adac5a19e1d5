// SPDX-License-Identifier: GPL-2.0-or-later
#include "interrupt.h"

#include <signal.h>
#include <stddef.h>

static volatile sig_atomic_t came;

static void mark(int signal)
{
	(void)signal;
	came = 1;
}

void interrupt_watch(int signal)
{
	const struct sigaction action = {.sa_handler = mark};

	sigaction(signal, &action, NULL);
}

bool interrupt_came(void)
{
	return came;
}

void interrupt_forget(void)
{
	came = 0;
}
