/* SPDX-License-Identifier: MIT */
/*
 * Crash reports: what an app did when its call ended in a fault, as lines in the log and in a ring
 * that apps with ctx.control/1 can read.
 */
#ifndef KERNEL_CRASH_H
#define KERNEL_CRASH_H

#include "app.h"

#include <ctx/tables.h>

#define CRASHES 16u /* kept; the oldest one goes */

/* Write the report and keep it. The app's slot is as the fault left it. [loop, in a
 * call] */
void crash_report(const struct app *app, const struct machine_fault *fault);

/* One more line of the report that was made last: what became of the app. [loop, in a call] */
__attribute__((format(printf, 1, 2))) void crash_add(const char *format, ...);

/* The first one kept whose number is at least seq; NULL: none. Valid until the next report. */
const struct ctx_crash *crash_get(uint64_t seq);

/* How many there were ever. */
uint64_t crash_count(void);

#endif
