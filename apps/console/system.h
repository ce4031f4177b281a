/* SPDX-License-Identifier: MIT */
/* Commands that look at, or end, the whole machine: only where the Context has the tables for them.
 */
#ifndef CONSOLE_SYSTEM_H
#define CONSOLE_SYSTEM_H

#include "console.h"

/* A table by id, NULL if this kernel has none. */
const void *system_open(struct console *console, const char *id);

/* Say that there is no such table, or that it takes a grant. */
void system_missing(struct console *console, const char *id);
void system_denied(struct console *console, ctx_status status, const char *id);

/* Whether apps can reach each other, if this one may know. */
enum system_isolation {
    ISOLATION_UNKNOWN,
    ISOLATION_HOLDS,
    ISOLATION_BROKEN, /* an app began unverified */
};
enum system_isolation system_isolation(struct console *console);

void system_apps(struct console *console);
void system_services(struct console *console);
void system_memory(struct console *console);
void system_end(struct console *console, int reboot);

#endif
