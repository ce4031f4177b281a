/* SPDX-License-Identifier: MIT */
/* Commands that look at, or end, the whole machine: only where the Context has the tables for them.
 */
#ifndef CONSOLE_SYSTEM_H
#define CONSOLE_SYSTEM_H

#include "console.h"

void system_apps(struct console *console);
void system_memory(struct console *console);
void system_end(struct console *console, int reboot);

#endif
